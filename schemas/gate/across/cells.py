"""A block's columns as the rules read them: by place as columns, and one value exactly as it is kept."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from schemas.rules.language import Place


class Cells:
    """Typed columns of rows that the schema accepted; lists and objects are kept as JSON text."""

    def __init__(self, columns: Mapping[str, pa.Array]) -> None:
        self._columns = columns
        self._series: dict[str, pl.Series] = {}

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def column(self, name: str) -> pl.Series:
        """A column in its own type."""
        if name not in self._series:
            made = pl.from_arrow(self._columns[name])
            if not isinstance(made, pl.Series):
                raise TypeError(name)
            self._series[name] = made
        return self._series[name]

    def texts(self, place: Place) -> pl.Series:
        """Text, whole numbers and dates, as they are written."""
        if place.path:
            return self._inside(place, pl.String())
        column = self.column(place.column)
        if column.dtype == pl.Date:
            return column.dt.to_string("%Y-%m-%d")
        return column.cast(pl.String)

    def numbers(self, place: Place) -> pl.Series:
        """Numbers, as near as 64-bit floats come."""
        if place.path:
            return self._inside(place, pl.Float64())
        return self.column(place.column).cast(pl.Float64)

    def lists(self, place: Place, member: str | None) -> pl.Series:
        """Lists of numbers; a member that is not there is null."""
        number = pl.Float64()
        if member is None:
            return self._inside(place, pl.List(number))
        found = self._inside(place, pl.List(pl.Struct({member: number})))
        of_item = pl.element().struct.field(member)
        return found.list.eval(of_item)

    def value(self, place: Place, index: int) -> Any:
        """One value; inside an object the JSON value itself, a date or a moment still being text."""
        found = self._columns[place.column][index].as_py()
        for name in place.path:
            found = json.loads(found) if isinstance(found, str) else found
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def listed(self, place: Place, index: int) -> list[Any] | None:
        """One list."""
        found = self.value(place, index)
        made = json.loads(found) if isinstance(found, str) else found
        return made if isinstance(made, list) else None

    def _inside(self, place: Place, leaf: pl.DataType) -> pl.Series:
        """What JSON text holds at a place. Raises UNREADABLE where it is not of the form."""
        shape = leaf
        for name in reversed(place.path):
            shape = pl.Struct({name: shape})
        found = self.column(place.column).str.json_decode(shape)
        for name in place.path:
            found = found.struct.field(name)
        return found


UNREADABLE: type[PolarsError] = PolarsError
"""Raised where JSON text is not of the form that a rule expects."""
