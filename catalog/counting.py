"""Counts, sums and means of a whole release by groups, with what is too small to tell left out.

Only SQL written here runs. It reads rows that nobody may see, so nothing but what
`catalog.disclosure` lets through may leave, and nobody is asked but `hub.access.aggregates`.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from catalog.disclosure import Cell, Coarser, hidden_cells
from catalog.duck import identifier, reader
from catalog.errors import ColumnNotReadable
from catalog.masks import HIDE, fits, masked
from catalog.policy import UNRESTRICTED
from catalog.question import Question, ask, types_of
from catalog.storage.manifest import Manifest

DOMINANT = 0.85
"""A sum of which one record makes up more than this share tells that record (the (n,k) rule with
n = 1, k = 85 %; Hundepool et al. 2012, §4.2.2)."""

COARSER = {
    None: ("year", "region:district", "region:regency", "region:province"),
    "region:district": ("region:regency", "region:province"),
    "region:regency": ("region:province",),
}
"""The forms that make a column coarser still: whoever counts by one can subtract it from the finer."""

Kind = Literal["count", "sum", "mean"]


@dataclass(frozen=True)
class Group:
    """A column to break down by, as it is or coarser: `form` is a mask such as `year`."""

    column: str
    form: str | None = None


@dataclass(frozen=True)
class Measure:
    """What is told of each cell; `column` is None for the count of records."""

    kind: Kind
    column: str | None = None

    @property
    def name(self) -> str:
        return "jumlah_baris" if self.column is None else f"{self.kind}_{self.column}"


@dataclass(frozen=True)
class Breakdown:
    """What is counted by what."""

    groups: tuple[Group, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Counted:
    """One cell: its values in the order of the groups; `measures` None when they are withheld."""

    values: tuple[Any, ...]
    measures: tuple[int | float | None, ...] | None


@dataclass(frozen=True)
class Table:
    """The cells in the order of their values; `records` is how many were counted in all."""

    groups: tuple[Group, ...]
    measures: tuple[Measure, ...]
    cells: tuple[Counted, ...]
    records: int

    @property
    def withheld(self) -> int:
        return sum(cell.measures is None for cell in self.cells)


def count(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    wanted: Breakdown,
    *,
    k: int,
    beside: Sequence[Breakdown] = (),
    stored: Collection[str] | None = None,
) -> Table:
    """Break a release down; cells of fewer than `k`, and what would give them away, are withheld.

    `beside` are the breakdowns of the same data that somebody could hold against this one: what is
    withheld here is withheld there, where both are counted with the same `k` and the same `beside`.
    A cell is withheld as well where fewer than `k` records have a value of which a sum or mean is
    told anywhere, or one of them is dominant. Raises ColumnNotReadable for a column that is none, or
    that its form does not fit; TableTooFine.
    """
    question = ask(table, manifest, schema, UNRESTRICTED, key=(), stored=stored)
    every = (wanted, *beside)
    levels = list(
        dict.fromkeys(g for one in every for level in _levels(one, question) for g in level)
    )
    sums = sorted({column for one in every for column in _summed(one, question)} | _told(wanted))
    listed, bound = [], []
    for place, group in enumerate(wanted.groups):
        shown, values = _group(group, question.types)
        listed.append(f"{shown} AS g{place}")
        bound += values
    listed += ["count(*) AS n", f"min(hash({_record(question)})) AS rank"]
    listed += [_constant(level, place, question.types) for place, level in enumerate(levels)]
    listed += [_sum(column, place, question.types) for place, column in enumerate(sums)]
    query = f"SELECT {', '.join(listed)} FROM {question.source(manifest)} GROUP BY ALL ORDER BY ALL"
    with closing(reader()) as connection:
        found = connection.sql(query, params=bound).to_arrow_table().to_pylist()
    cells = {tuple(row[f"g{n}"] for n in range(len(wanted.groups))): row for row in found}
    hidden = hidden_cells(
        {cell: row["n"] for cell, row in cells.items()},
        k,
        coarser=[found for one in every for found in _coarser(one, question, levels, cells)],
        telling=lambda some: _tells_one([cells[cell] for cell in some], len(sums), k),
        rank={cell: row["rank"] for cell, row in cells.items()},
    )
    told = [
        Counted(
            cell, None if cell in hidden else tuple(_value(row, m, sums) for m in wanted.measures)
        )
        for cell, row in cells.items()
    ]
    return Table(wanted.groups, wanted.measures, tuple(told), sum(row["n"] for row in found))


def check(schema: pa.Schema, wanted: Breakdown) -> None:
    """Raise ColumnNotReadable for what `count` could not count in a release of this schema."""
    types = types_of(schema)
    for group in wanted.groups:
        _group(group, types)
    for measure in wanted.measures:
        if measure.column is not None:
            _sum(measure.column, 0, types)


def _group(group: Group, types: dict[str, str]) -> tuple[str, list[Any]]:
    type_ = types.get(group.column)
    if type_ is None or (group.form is not None and not fits(group.form, type_)):
        raise ColumnNotReadable(group.column)
    if group.form is None:
        return identifier(group.column), []
    return masked(group.form, identifier(group.column), type_, b"")


def _levels(one: Breakdown, question: Question) -> list[list[Group]]:
    """For each of its groups, the group and what is coarser than it."""
    return [
        [
            group,
            *(
                Group(group.column, form)
                for form in COARSER.get(group.form, ())
                if fits(form, question.types.get(group.column, ""))
            ),
        ]
        for group in one.groups
        if fits(group.form or HIDE, question.types.get(group.column, "VARCHAR[]"))
    ]


def _told(one: Breakdown) -> set[str]:
    return {measure.column for measure in one.measures if measure.column is not None}


def _summed(one: Breakdown, question: Question) -> set[str]:
    """The columns of its sums and means, as long as this release has them."""
    return {column for column in _told(one) if is_number(question.types.get(column, ""))}


def _coarser(
    one: Breakdown,
    question: Question,
    levels: Sequence[Group],
    cells: Mapping[Cell, Mapping[str, Any]],
) -> list[Coarser]:
    """The tables that a breakdown and its margins are, coarser forms too, where the cells nest in them."""
    nested = {
        group
        for place, group in enumerate(levels)
        if all(row[f"s{place}"] for row in cells.values())
    }
    places = {group: place for place, group in enumerate(levels)}
    choices = [
        [None, *(group for group in level if group in nested)] for level in _levels(one, question)
    ]
    return [
        {
            cell: tuple(row[f"l{places[group]}"] for group in chosen if group is not None)
            for cell, row in cells.items()
        }
        for chosen in product(*choices)
    ]


def _record(question: Question) -> str:
    """All of a record, to tell cells with the same records by."""
    return ", ".join(identifier(name) for name in question.types)


def _constant(group: Group, place: int, types: dict[str, str]) -> str:
    """Whether all records of a cell have the same value here, and which."""
    shown, _ = _group(group, types)  # forms that make coarser bind nothing
    return (
        f"(count({shown}) = 0 OR (count({shown}) = count(*) AND min({shown}) = max({shown}))) AS s{place},"
        f" min({shown}) AS l{place}"
    )


def _sum(column: str, place: int, types: dict[str, str]) -> str:
    """How many records have a value, their sum, that of their sizes, and the largest size."""
    if not is_number(types.get(column, "")):
        raise ColumnNotReadable(column)
    value = identifier(column)
    return (
        f"count({value}) AS c{place}, sum({value}) AS m{place},"
        f" sum(abs({value}))::DOUBLE AS a{place}, max(abs({value}))::DOUBLE AS d{place}"
    )


def is_number(type_: str) -> bool:
    """Whether a column of this DuckDB type can be summed."""
    whole = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "DOUBLE", "FLOAT")
    return type_ in whole or type_.startswith("DECIMAL")


def _tells_one(rows: Sequence[Mapping[str, Any]], sums: int, k: int) -> bool:
    """Whether a sum or mean over all of these cells rests on too few records, or on one."""
    return any(
        (having := sum(row[f"c{place}"] for row in rows)) > 0
        and (
            having < k
            or max(row[f"d{place}"] or 0 for row in rows)
            > DOMINANT * sum(row[f"a{place}"] or 0 for row in rows)
        )
        for place in range(sums)
    )


def _value(row: Mapping[str, Any], measure: Measure, sums: Sequence[str]) -> int | float | None:
    if measure.column is None:
        return int(row["n"])
    place = sums.index(measure.column)
    total = row[f"m{place}"]
    if measure.kind != "mean" or total is None:
        return _plain(total)
    return float(total) / int(row[f"c{place}"])


def _plain(number: Any) -> int | float | None:
    if number is None or isinstance(number, int | float):
        return number
    return int(number) if number == number.to_integral_value() else float(number)
