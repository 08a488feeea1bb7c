"""Counts, sums and means of a whole release by groups, with what is too small to tell left out.

Only SQL written here runs. It reads rows that nobody may see, so nothing but what
`catalog.disclosure` lets through may leave, and nobody is asked but `hub.access.aggregates`.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from catalog.disclosure import Cell, hidden_cells
from catalog.duck import identifier, reader
from catalog.errors import ColumnNotReadable
from catalog.masks import fits, masked
from catalog.policy import UNRESTRICTED
from catalog.question import ask, types_of
from catalog.storage.manifest import Manifest

DOMINANT = 0.85
"""A sum of which one record makes up more than this share tells that record (the (n,k) rule with
n = 1, k = 85 %; Hundepool et al. 2012, §4.2.2)."""

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
    groups: Sequence[Group],
    measures: Sequence[Measure],
    *,
    k: int,
    stored: Collection[str] | None = None,
) -> Table:
    """Break a release down; cells of fewer than `k`, and what would give them away, are withheld.

    A sum or a mean is withheld as well where fewer than `k` records have a value or one of them is
    dominant. Raises ColumnNotReadable for a column that is none, or that its form does not fit;
    TableTooFine.
    """
    question = ask(table, manifest, schema, UNRESTRICTED, key=(), stored=stored)
    listed, bound = [], []
    for place, group in enumerate(groups):
        shown, values = _group(group, question.types)
        listed.append(f"{shown} AS g{place}")
        bound += values
    told = [_measure(m, place, question.types) for place, m in enumerate(measures)]
    query = (
        f"SELECT {', '.join([*listed, 'count(*) AS n', *told])}"
        f" FROM {question.source(manifest)} GROUP BY ALL ORDER BY ALL"
    )
    with closing(reader()) as connection:
        found = connection.sql(query, params=bound).to_arrow_table().to_pylist()
    return _told(found, tuple(groups), tuple(measures), k)


def check(schema: pa.Schema, groups: Sequence[Group], measures: Sequence[Measure]) -> None:
    """Raise ColumnNotReadable for what `count` could not count in a release of this schema."""
    types = types_of(schema)
    for group in groups:
        _group(group, types)
    for place, measure in enumerate(measures):
        _measure(measure, place, types)


def _group(group: Group, types: dict[str, str]) -> tuple[str, list[Any]]:
    type_ = types.get(group.column)
    if type_ is None or (group.form is not None and not fits(group.form, type_)):
        raise ColumnNotReadable(group.column)
    if group.form is None:
        return identifier(group.column), []
    return masked(group.form, identifier(group.column), type_, b"")


def _measure(measure: Measure, place: int, types: dict[str, str]) -> str:
    """How many records have a value, their sum, and the share of the largest."""
    if measure.column is None:
        return f"count(*) AS m{place}"
    if not is_number(types.get(measure.column, "")):
        raise ColumnNotReadable(measure.column)
    value = identifier(measure.column)
    return (
        f"count({value}) AS c{place}, sum({value}) AS m{place},"
        f" max(abs({value}))::DOUBLE / nullif(sum(abs({value})), 0)::DOUBLE AS d{place}"
    )


def is_number(type_: str) -> bool:
    """Whether a column of this DuckDB type can be summed."""
    whole = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "DOUBLE", "FLOAT")
    return type_ in whole or type_.startswith("DECIMAL")


def _told(
    found: list[dict[str, Any]], groups: tuple[Group, ...], measures: tuple[Measure, ...], k: int
) -> Table:
    def cell(row: dict[str, Any]) -> Cell:
        return tuple(row[f"g{place}"] for place in range(len(groups)))

    telling = [
        cell(row)
        for row in found
        if any(_tells_one(row, place, m, k) for place, m in enumerate(measures))
    ]
    hidden = hidden_cells({cell(row): row["n"] for row in found}, k, also=telling)
    cells = tuple(
        Counted(
            cell(row),
            None
            if cell(row) in hidden
            else tuple(_value(row, place, m) for place, m in enumerate(measures)),
        )
        for row in found
    )
    return Table(groups, measures, cells, sum(row["n"] for row in found))


def _tells_one(row: dict[str, Any], place: int, measure: Measure, k: int) -> bool:
    """Whether a sum or mean rests on too few records, or on one."""
    if measure.column is None or row[f"c{place}"] == 0:
        return False
    return row[f"c{place}"] < k or (row[f"d{place}"] or 0) > DOMINANT


def _value(row: dict[str, Any], place: int, measure: Measure) -> int | float | None:
    total = row[f"m{place}"]
    if measure.kind != "mean" or total is None:
        return _plain(total)
    return float(total) / int(row[f"c{place}"])


def _plain(number: Any) -> int | float | None:
    if number is None or isinstance(number, int | float):
        return number
    return int(number) if number == number.to_integral_value() else float(number)
