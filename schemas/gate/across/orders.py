"""Dates, moments or numbers that may not fall from one place to the next."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from schemas.gate.across.cells import UNREADABLE, Cells
from schemas.gate.across.fault import Fault, everywhere
from schemas.gate.keeping import moment_of
from schemas.rules.language import Ordered, Place

_WHOLE = 2.0**53
"""Above it two whole numbers can be one float."""
Kinds = Mapping[Place, str]
"""What each place holds: integer, number, date or date-time."""


def suspects(claim: Ordered, cells: Cells, kinds: Kinds) -> pl.Series:
    """True for every row that may be at fault; text that Polars cannot read as a time is a suspect."""
    columns: dict[str, pl.Series] = {}
    unread: list[pl.Series] = []
    try:
        for number, place in enumerate(claim.places):
            column, doubtful = _series(place, kinds[place], cells)
            columns[str(number)] = column
            unread.append(doubtful)
    except UNREADABLE:
        return everywhere(cells)
    frame = pl.DataFrame(columns)
    falls = pl.lit(value=False)
    before = pl.col("0")
    for name in frame.columns[1:]:
        here = pl.col(name)
        falls |= (here < before).fill_null(value=False) | _doubtful(
            here, before, frame.schema[name]
        )
        before = here.fill_null(before)
    fallen = frame.select(falls.alias("suspect")).to_series()
    return reduce(or_, unread, fallen)


def faults(claim: Ordered, cells: Cells, index: int, kinds: Kinds) -> list[Fault]:
    """Every place that is less than the last one before it that is filled in."""
    found: list[Fault] = []
    before: tuple[Place, Any, Any] | None = None
    for place in claim.places:
        value = cells.value(place, index)
        here = None if value is None else _COMPARABLE[kinds[place]](value)
        if here is None:
            continue
        if before and here < before[2]:
            found.append(Fault(place, value, f"{before[0]} {_shown(before[1])}"))
        before = place, value, here
    return found


def _series(place: Place, kind: str, cells: Cells) -> tuple[pl.Series, pl.Series]:
    """The column in a type that compares, and where a text could not be read."""
    if kind in ("integer", "number"):
        numbers = cells.numbers(place)
        return numbers, pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    column = cells.texts(place) if place.path else cells.column(place.column)
    if place.path:
        read = column.str.to_date("%Y-%m-%d", strict=False)
        if kind == "date-time":
            read = column.str.to_datetime("%+", time_zone="UTC", time_unit="us", strict=False)
        return read, read.is_null() & column.is_not_null()
    return column, pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)


def _doubtful(here: pl.Expr, before: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Two numbers that are one as floats and may differ as whole numbers."""
    if kind != pl.Float64:
        return pl.lit(value=False)
    return ((here == before) & (here.abs() >= _WHOLE)).fill_null(value=False)


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _number(value: Any) -> Fraction:
    return Fraction(str(value))


def _day(value: Any) -> date | None:
    """A date, None for the year 0, which Python does not have."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    return moment_of(value) if isinstance(value, str) else value


_COMPARABLE: dict[str, Callable[[Any], Any]] = {
    "integer": _number,
    "number": _number,
    "date": _day,
    "date-time": _moment,
}
