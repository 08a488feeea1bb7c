"""Rows that passed, written as Parquet in the types of the schema."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_SUBSECONDS = re.compile(r"(\.\d{6})\d+")


class Keeper:
    """A Parquet file (zstd) that takes records block by block."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def __enter__(self) -> "Keeper":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def keep(self, records: Sequence[dict[str, Any]]) -> dict[int, list[str]]:
        """Write the records; those with a value the column cannot hold are left out and named.

        Gives the columns at fault by index of the record: numbers past 64 bits, the year 0.
        """
        arrays, unfit = self._arrays(records)
        if unfit:
            kept = [record for i, record in enumerate(records) if i not in unfit]
            arrays, _ = self._arrays(kept)
        if len(arrays[0]):
            self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        return unfit

    def _arrays(
        self, records: Sequence[dict[str, Any]]
    ) -> tuple[list[pa.Array], dict[int, list[str]]]:
        arrays, unfit = [], {}
        for field in self._schema:
            values = [record.get(field.name) for record in records]
            column, bad = _array(values, field.type)
            arrays.append(column)
            for index in bad:
                unfit.setdefault(index, []).append(field.name)
        return arrays, unfit


def _array(values: list[Any], kind: pa.DataType) -> tuple[pa.Array, list[int]]:
    """The column, and the indexes of values it cannot hold (null in the column)."""
    try:
        return _fast(values, kind), []
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, TypeError):
        convert = _CONVERSIONS[str(kind)]
        made = [None if value is None else convert(value) for value in values]
        bad = [i for i, value in enumerate(values) if value is not None and made[i] is None]
        return pa.array(made, kind), bad


def _fast(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        texts = [v if v is None or type(v) is str else _json(v) for v in values]
        return pa.array(texts, kind)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)


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
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment + timedelta(seconds=1) if leap else moment


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "int64": _int64,
    "decimal128(38, 0)": _decimal,
    "double": _float,
    "date32[day]": _date,
    "timestamp[us, tz=UTC]": moment_of,
    "string": _json,
    "bool": bool,
}
