"""The rows of a query as cells of a table, and its columns with what is known of them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.access.door import Door
from hub.web import formats
from hub.web.charts import is_number, plain_number
from hub.web.columns import Cell
from hub.web.translation import N_, Language, translated

LONGEST = 160
_CODE = re.compile(r"(id|kode|kd|no|nomor|nik|npwp|tahun|year)(_.*)?", re.IGNORECASE)
"""Names of columns whose digits are no amount: they are not grouped in threes."""


@dataclass(frozen=True)
class Heading:
    """A column of an answer: `mask` is what is left of its true values, as `words.MASKS` has it."""

    name: str
    number: bool
    mask: str


def headings(types: Mapping[str, str], doors: Iterable[Door]) -> list[Heading]:
    """A column that is called like a masked one of the tables that were read is taken for it."""
    masks = _masks(doors)
    return [
        Heading(name, is_number(type_), masks.get(name.lower(), ""))
        for name, type_ in types.items()
    ]


def _masks(doors: Iterable[Door]) -> dict[str, str]:
    """Kinds of mask by column, of those that no table shows as they are."""
    masks: dict[str, str] = {}
    clear: set[str] = set()
    for door in doors:
        visible = door.policy.visible(dict.fromkeys(door.schema.names, ""))
        kinds = dict(door.policy.masks)
        masks |= {name.lower(): kinds[name] for name in visible if name in kinds}
        clear |= {name.lower() for name in visible if name not in kinds}
    return {name: kind for name, kind in masks.items() if name not in clear}


def cells(
    rows: Sequence[Sequence[Any]], columns: Sequence[Heading], language: Language
) -> list[list[Cell]]:
    return [
        [_cell(value, column, language) for value, column in zip(row, columns, strict=True)]
        for row in rows
    ]


def _cell(value: Any, column: Heading, language: Language) -> Cell:
    match value:
        case None if column.mask == "hide":
            return Cell("", withheld=True)
        case None:
            return Cell("–", number=column.number)
        case bool():
            return Cell(translated(N_("ya") if value else N_("tidak"), language))
        case int() if _CODE.fullmatch(column.name):
            return Cell(str(value), number=True)
        case int() | float():
            return Cell(plain_number(value, language), number=True)
        case str():
            return Cell(formats.short(value, LONGEST))
        case _:
            return Cell(formats.short(json.dumps(value, ensure_ascii=False), LONGEST))
