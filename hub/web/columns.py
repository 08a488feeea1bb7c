"""Columns of a schema in words, and cells of a sample: shown, empty or withheld."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.web import formats
from hub.web.translation import N_, Language, counted, translated
from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.across.wording import told
from schemas.rules.language import rules_of

TYPES = {
    "string": N_("teks"),
    "integer": N_("bilangan bulat"),
    "number": N_("bilangan"),
    "boolean": N_("ya atau tidak"),
    "date": N_("tanggal"),
    "date-time": N_("tanggal dan jam"),
    "json": N_("daftar atau susunan"),
}
LONGEST_CELL = 60


@dataclass(frozen=True)
class Spread:
    """What a column holds: share of empty cells 0 to 1, about how many values, extremes."""

    empty: float
    distinct: int
    lowest: str | None
    highest: str | None


@dataclass(frozen=True)
class ColumnView:
    """One column for a table; `personal` is the value of x-data-pribadi, `withheld` from this reader."""

    name: str
    kind: str
    title: str
    about: str
    key: bool
    required: bool
    personal: str
    code_list: str
    withheld: bool = False
    profile: Spread | None = None


@dataclass(frozen=True)
class Cell:
    text: str
    withheld: bool = False
    number: bool = False


def views(
    document: SchemaDocument,
    language: Language,
    *,
    clear: frozenset[str] | None = None,
    profiles: Mapping[str, Spread] | None = None,
) -> list[ColumnView]:
    """In the order of the document; `clear` are the columns this reader sees, None without a look."""
    return [
        ColumnView(
            name=name,
            kind=kind_in_words(column, language),
            title=_worded(column.schema, "title", language),
            about=_worded(column.schema, "description", language),
            key=name in document.key,
            required=name in document.required,
            personal=document.personal.get(name, ""),
            code_list=document.codes.get(name, ""),
            withheld=clear is not None and name not in clear,
            profile=(profiles or {}).get(name) if clear is not None and name in clear else None,
        )
        for name, column in document.by_name.items()
    ]


def titles(document: SchemaDocument, language: Language) -> dict[str, str]:
    """What each column is called, its name where it has no title."""
    return {
        name: _worded(column.schema, "title", language) or name
        for name, column in document.by_name.items()
    }


@dataclass(frozen=True)
class RuleView:
    """One rule across fields; a warning lets the row in."""

    name: str
    demand: str
    warns: bool


def rules(document: SchemaDocument, language: Language) -> list[RuleView]:
    """In the order of the document."""
    return [
        RuleView(rule.name, told(rule)[language == "en"], rule.severity == "warning")
        for rule in rules_of(document.body)
    ]


def kind_in_words(column: Column, language: Language) -> str:
    choices = [value for value in column.schema.get("enum", ()) if value is not None]
    if choices:
        shown = formats.number(len(choices), language)
        return counted(N_("pilihan, {n}"), len(choices), shown, language)
    if column.schema.get("x-satuan") == "rupiah":
        return "rupiah"
    unit = column.schema.get("x-satuan")
    word = translated(TYPES[column.kind], language)
    return f"{word} ({unit})" if unit else word


def cells(
    items: Sequence[Mapping[str, Any]],
    document: SchemaDocument,
    clear: frozenset[str],
    language: Language,
) -> list[list[Cell]]:
    """Rows of cells in the order of the document; a withheld cell is there, and says so."""
    return [
        [
            _cell(row.get(name), column, name in clear, language)
            for name, column in document.by_name.items()
        ]
        for row in items
    ]


def _cell(value: Any, column: Column, clear: bool, language: Language) -> Cell:
    if not clear:
        return Cell("", withheld=True)
    number = column.kind in ("integer", "number")
    match value:
        case None:
            return Cell("–", number=number)
        case bool():
            return Cell(translated(N_("ya") if value else N_("tidak"), language))
        case int() | float() if column.schema.get("x-satuan") == "rupiah":
            return Cell(formats.number(value, language), number=True)
        case str():
            return Cell(formats.short(value, LONGEST_CELL), number=number)
        case list() | dict():
            return Cell(formats.short(json.dumps(value, ensure_ascii=False), LONGEST_CELL))
        case _:
            return Cell(str(value), number=True)


def _worded(schema: Mapping[str, Any], name: str, language: Language) -> str:
    english = schema.get(f"x-{name}-en", "") if language == "en" else ""
    return str(english or schema.get(name, ""))
