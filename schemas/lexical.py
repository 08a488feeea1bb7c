"""From text cells to JSON values, by the lexical forms of JSON and nothing else."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from schemas.columns import Column

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_MAX_DIGITS = 400
_EXACT_DIGITS = 15


class Memo(dict[str, Any]):
    """A function of text that remembers its answers; made anew for each block, so that it stays small."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._function(text)
        return value


def number_of(text: str) -> int | float | Decimal | None:
    """The number a JSON text states, exactly; None if it is not a JSON number.

    Whole numbers, also written 1.0 or 1e3, become int: JSON Schema calls them integers. What has more
    digits than a float keeps becomes Decimal.
    """
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("-").isdigit():
        return int(text)
    exact = Decimal(text)
    if exact == 0:
        return 0
    if exact.adjusted() < _MAX_DIGITS and exact == exact.to_integral_value():
        return int(exact)
    small = len(exact.as_tuple().digits) <= _EXACT_DIGITS and abs(exact.adjusted()) < 300
    return float(exact) if small else exact


def cell_reader(column: Column) -> Callable[[str], Any]:
    """How a text cell of the column is read; what does not fit stays text, for the schema to judge."""
    if column.textual:
        return _as_text
    readers: list[Callable[[str], Any]] = []
    if column.types & {"integer", "number"}:
        readers.append(number_of)
    if "boolean" in column.types:
        readers.append({"true": True, "false": False}.get)
    if column.types & {"array", "object"}:
        readers.append(_nested)

    def read(text: str) -> Any:
        for reader in readers:
            value = reader(text)
            if value is not None:
                return value
        return text

    return read


def _as_text(text: str) -> str:
    return text


def _nested(text: str) -> Any:
    from schemas.strict import StrictError, strict

    try:
        return strict(text.encode("utf-8")) if text[:1] in ("[", "{") else None
    except StrictError:
        return None
