"""Rows as text: aligned columns, folded to a screen, or one record after another when too wide."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

GAP = "  "
NARROW = 14
"""Characters below which a folded column cannot be read."""

Cells = Sequence[Sequence[str]]


def lines(rows: Sequence[Mapping[str, Any]], width: int | None) -> Iterator[str]:
    """A header and one line a row; `width` is that of the screen, None for output that is not one."""
    names = list(rows[0])
    right = [all(_is_number(row.get(name)) for row in rows) for name in names]
    cells = [[_plain(row.get(name)) for name in names] for row in rows]
    natural = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    widths = natural if width is None else _fitted(natural, width)
    if widths is None:
        yield from _records(names, cells, width or 80)
        return
    yield from _row(names, widths, right)
    for row in cells:
        yield from _row(row, widths, right)


def record(values: Mapping[str, Any], width: int | None) -> Iterator[str]:
    """One line a value, names before; long values folded under themselves."""
    named = {name: _plain(value) for name, value in values.items()}
    indent = max((len(name) for name in named), default=0)
    room = None if width is None else max(width - indent - len(GAP), NARROW)
    for name, value in named.items():
        first, *more = _folded(value, room)
        yield f"{name.ljust(indent)}{GAP}{first}".rstrip()
        yield from (f"{' ' * indent}{GAP}{line}" for line in more)


def _fitted(natural: Sequence[int], width: int) -> list[int] | None:
    """Widths that add up to the screen's, the widest columns folded; None when that is unreadable."""
    room = width - len(GAP) * (len(natural) - 1)
    limit = max(natural)
    while sum(min(one, limit) for one in natural) > room:
        limit -= 1
        if limit < NARROW:
            return None
    return [min(one, limit) for one in natural]


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    folded = [_folded(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for line in zip_longest(*folded, fillvalue=""):
        aligned = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        )
        yield GAP.join(aligned).rstrip()


def _records(names: Sequence[str], cells: Cells, width: int) -> Iterator[str]:
    for number, row in enumerate(cells, start=1):
        yield f"── {number} ".ljust(min(width, 40), "─")
        yield from record(dict(zip(names, row, strict=True)), width)


def _folded(text: str, width: int | None) -> list[str]:
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and value is not True)


def _plain(value: Any) -> str:
    """One line, whatever it is: a line break inside a value would break the table."""
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(str(value).split()) if isinstance(value, str) else str(value)
