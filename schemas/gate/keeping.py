"""Rows that passed, in the types of the schema, and the Parquet file that takes them."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from polars.exceptions import PolarsError

from schemas.gate.rows import Rows

_LOOKED_AT = 20_000
_FIRST_DAY = (date.min - date(1970, 1, 1)).days
_LAST_DAY = (date.max - date(1970, 1, 1)).days
_MICROSECONDS_PER_DAY = 86_400_000_000
_BUILT_AS = {"int64": pl.Int64, "double": pl.Float64, "bool": pl.Boolean}
# RuntimeError is what Polars raises for a Decimal beyond 38 digits.
_UNFIT = (
    pa.ArrowInvalid,
    pa.ArrowNotImplementedError,
    PolarsError,
    OverflowError,
    TypeError,
    RuntimeError,
)
_SUBSECONDS = re.compile(r"(\.\d{6})\d+")


class Keeper:
    """A Parquet file (zstd) that takes typed rows block by block, a row group for each."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "Keeper":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        writer = self._writer or self._open([])
        writer.close()

    def keep(self, rows: pa.RecordBatch) -> None:
        """Write the rows as they are."""
        if rows.num_rows:
            self._writer = self._writer or self._open(_repetitive(rows))
            self._writer.write_batch(rows)

    def _open(self, repetitive: list[str]) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self._path, self._schema, compression="zstd", use_dictionary=repetitive
        )


def _repetitive(rows: pa.RecordBatch) -> list[str]:
    """Columns with few distinct values in the first rows. A dictionary makes them small, and costs a third of
    the writing where values are nearly all different."""
    few = rows.num_rows // 4
    frame = pl.DataFrame(rows.slice(0, _LOOKED_AT))
    return [name for name in frame.columns if frame[name].n_unique() <= min(few, _LOOKED_AT // 4)]


def typed(
    rows: Rows, index: Sequence[int], schema: pa.Schema
) -> tuple[pa.RecordBatch, dict[int, list[str]]]:
    """The rows at `index` in the types of the schema, and the columns that cannot hold the value of a row:
    numbers past 64 bits, the year 0 (null in the batch)."""
    arrays: list[pa.Array] = []
    unfit: dict[int, list[str]] = {}
    whole = len(index) == len(rows)
    for field in schema:
        values = rows.column(field.name)
        column, bad = array_of(values if whole else [values[i] for i in index], field.type)
        arrays.append(column)
        for place in bad:
            unfit.setdefault(index[place], []).append(field.name)
    return pa.record_batch(arrays, schema=schema), unfit


def array_of(values: list[Any], kind: pa.DataType) -> tuple[pa.Array, list[int]]:
    """The column, and the indexes of values it cannot hold (null in the column)."""
    try:
        return _fast(values, kind), []
    except _UNFIT:
        convert = _CONVERSIONS[str(kind)]
        made = [None if value is None else convert(value) for value in values]
        bad = [i for i, value in enumerate(values) if value is not None and made[i] is None]
        return pa.array(made, kind), bad


def _fast(values: list[Any], kind: pa.DataType) -> pa.Array:
    """By way of Polars, which builds columns from Python values without loading pandas."""
    column = pl.Series(values, dtype=_BUILT_AS.get(str(kind), pl.String), strict=True)
    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    array = array if array.type == kind else array.cast(kind)
    if pa.types.is_floating(kind) and column.is_infinite().any():
        raise OverflowError
    if pa.types.is_temporal(kind) and not _within_years(array):
        raise OverflowError
    return array


def _within_years(array: pa.Array) -> bool:
    """Every moment lies in the years 1 to 9999, beyond which Python and Excel have no dates."""
    numbers = pc.min_max(array.view(pa.int32() if pa.types.is_date(array.type) else pa.int64()))
    low, high = numbers["min"].as_py(), numbers["max"].as_py()
    scale = 1 if pa.types.is_date(array.type) else _MICROSECONDS_PER_DAY
    return low is None or (low >= _FIRST_DAY * scale and high < (_LAST_DAY + 1) * scale)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)


def _int64(value: Any) -> int | None:
    whole = int(value)
    return whole if -(2**63) <= whole < 2**63 else None


def _decimal(value: Any) -> Decimal | None:
    exact = Decimal(int(value))
    return exact if exact.adjusted() < 38 else None


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if abs(number) != float("inf") else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """An RFC 3339 date-time in UTC, cut to microseconds; a leap second is the second after it."""
    text = _SUBSECONDS.sub(r"\1", text.upper())
    leap = text[17:19] == "60"
    try:
        moment = datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text)
        return moment.astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "int64": _int64,
    "decimal128(38, 0)": _decimal,
    "double": _float,
    "date32[day]": _date,
    "timestamp[us, tz=UTC]": moment_of,
    "string": lambda value: value if isinstance(value, str) else _json(value),
    "bool": bool,
}
