"""The record's key inside one batch: complete and not there twice.

A key is known by 64 bits of a hash with the process's own secret, beside 8 bytes for its row: two different keys
of ten million meet with a chance of about one in 400,000, and nobody can bring it about. Beyond `ROOM` rows the
pairs lie in files, so that memory does not grow with the batch.
"""

import secrets
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from schemas.arrow import arrow_schema
from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.checking import Findings, add
from schemas.gate.keeping import array_of
from schemas.gate.sifting import Sifted

ROOM = 1_000_000
"""Keys held in memory before they go to files."""
_PARTS = 64
_SEED = secrets.randbits(63)
_PAIR = np.dtype([("key", np.uint64), ("row", np.int64)])

Pairs = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]


class Keys:
    """Takes the keys of a file block by block; afterwards says which rows share one."""

    def __init__(self, document: SchemaDocument, work: Path, room: int | None = None) -> None:
        self._names = document.key
        self._columns = document.by_name
        self._types = arrow_schema(document, self._names)
        self._pairs = _Pile(work, room or ROOM)

    def add(self, numbers: Numbers, sifted: Sifted, missing: Findings) -> None:
        """Take note of the complete keys of a block, also of rows that are refused."""
        if self._names:
            self._add_kept(numbers, sifted, missing)
            self._add_refused(numbers, sifted.refused, missing)

    def repeated(self) -> "Repeats":
        """Every row that shares its key, with the number of another row that has it too."""
        repeats = Repeats(self._pairs.work, self._pairs.last)
        for part in self._pairs.parts():
            keys = pl.DataFrame({"key": part["key"], "row": part["row"]})
            shared = keys.filter(pl.col("key").is_duplicated()).with_columns(
                first=pl.col("row").min().over("key"), last=pl.col("row").max().over("key")
            )
            repeats.add(*(shared[name].to_numpy() for name in ("row", "first", "last")))
        return repeats

    def missing(self, sifted: Sifted) -> Findings:
        """A finding for each key column without a value, by index of the row."""
        found: Findings = {}
        for name in self._names:
            column = sifted.kept.column(name)
            values = dict(_empties(column, sifted.places))
            for index, record in sifted.refused.items():
                value = record.get(name) if isinstance(record, dict) else 0
                if value is None or value == "":
                    values[index] = value
            for index, value in values.items():
                add(found, {index: [Finding(name, f"/{name}", "kunci-kosong", value)]})
        return found

    def _add_kept(self, numbers: Numbers, sifted: Sifted, missing: Findings) -> None:
        places = np.asarray(sifted.places, np.int64)
        hashes = _hashes(sifted.kept.select(self._names))
        if missing:
            whole = ~np.isin(places, list(missing))
            places, hashes = places[whole], hashes[whole]
        self._pairs.add(hashes, numbers[places])

    def _add_refused(self, numbers: Numbers, refused: Mapping[int, Any], missing: Findings) -> None:
        """Refused rows have keys too: a good row that shares one is as doubtful."""
        index = [i for i, r in refused.items() if isinstance(r, dict) and i not in missing]
        if not index:
            return
        columns = {n: [refused[i][n] for i in index] for n in self._names}
        arrays, odd = [], set()
        for name, values in columns.items():
            array, bad = _lenient(values, self._columns[name], self._types.field(name).type)
            arrays.append(array)
            odd |= bad
        hashes = _hashes(pa.record_batch(arrays, schema=self._types))
        for place in odd:
            hashes[place] = _own(tuple(values[place] for values in columns.values()))
        self._pairs.add(hashes, numbers[index])


class Repeats:
    """Rows that share their key; on the disk, for there may be as many as rows."""

    def __init__(self, work: Path, last: int) -> None:
        with TemporaryFile(dir=work) as file:
            self._others = np.memmap(file, np.int64, "w+", shape=(last + 1,))
        self._some = False

    def __bool__(self) -> bool:
        return self._some

    def add(self, rows: Numbers, first: Numbers, last: Numbers) -> None:
        """Rows with the first and the last row of their key."""
        self._others[rows] = np.where(rows == first, last, first)
        self._some = self._some or len(rows) > 0

    def among(self, numbers: Numbers) -> dict[int, int]:
        """Index in `numbers` of each row that shares its key, with the number of the other row."""
        if not self._some or not len(numbers):
            return {}
        # A row after the last one with a key shares none.
        last = len(self._others) - 1
        others = np.where(numbers <= last, self._others[np.minimum(numbers, last)], 0)
        (index,) = np.nonzero(others)
        return dict(zip(index.tolist(), others[index].tolist(), strict=True))


class _Pile:
    """Pairs of hash and row: in memory up to `room`, then in a file for each beginning of the hash."""

    def __init__(self, work: Path, room: int) -> None:
        self.work, self._room = work, room
        self._held: list[Pairs] = []
        self._count = 0
        self._files: list[Path] = []
        self.last = 0

    def add(self, hashes: npt.NDArray[np.uint64], rows: Numbers) -> None:
        if not len(rows):
            return
        pairs = np.empty(len(rows), _PAIR)
        pairs["key"], pairs["row"] = hashes, rows
        self._held.append(pairs)
        self._count += len(pairs)
        self.last = max(self.last, int(rows.max()))
        if self._count > self._room:
            self._spill()

    def parts(self) -> Iterator[Pairs]:
        """All pairs, equal hashes in one part; the files are gone afterwards."""
        if not self._files:
            yield np.concatenate(self._held) if self._held else np.empty(0, _PAIR)
            return
        self._spill()
        for path in self._files:
            yield np.fromfile(path, _PAIR)
            path.unlink()

    def _spill(self) -> None:
        if not self._files:
            self._files = [self.work / f"kunci.{number}" for number in range(_PARTS)]
            for path in self._files:
                path.write_bytes(b"")
        if not self._held:
            return
        pairs = np.concatenate(self._held)
        part = (pairs["key"] // np.uint64(2**64 // _PARTS)).astype(np.uint8)
        order = np.argsort(part, kind="stable")
        pairs = pairs[order]
        ends = np.searchsorted(part[order], np.arange(_PARTS), side="right")
        for path, start, end in zip(self._files, [0, *ends[:-1]], ends, strict=True):
            with path.open("ab") as file:
                file.write(pairs[start:end].tobytes())
        self._held, self._count = [], 0


def _hashes(keys: pa.RecordBatch) -> npt.NDArray[np.uint64]:
    frame = pl.DataFrame(keys)
    # 0.0 and -0.0 are one number and differ in their bits.
    floats = [pl.col(name) + 0.0 for name, kind in frame.schema.items() if kind == pl.Float64]
    return frame.with_columns(floats).hash_rows(seed=_SEED).to_numpy().copy()


def _own(values: tuple[Any, ...]) -> int:
    """A hash of values that no column holds, such as a word where a number belongs."""
    return hash(("tak-tersimpan", repr(values))) & (2**64 - 1)


def _lenient(values: list[Any], column: Column, kind: pa.DataType) -> tuple[pa.Array, set[int]]:
    """The values of refused rows as they would be kept, and the places of those that cannot be."""
    odd = {i for i, v in enumerate(values) if column.kind != "json" and not _is(v, column)}
    array, bad = array_of([None if i in odd else v for i, v in enumerate(values)], kind)
    return array, odd | set(bad)


def _is(value: Any, column: Column) -> bool:
    """A JSON value of the type that the column keeps; a fraction is none of a column of whole numbers."""
    if isinstance(value, bool) or column.kind == "boolean":
        return isinstance(value, bool) and column.kind == "boolean"
    if column.kind == "integer":
        if isinstance(value, Decimal):
            return value == value.to_integral_value()
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if column.kind == "number":
        return isinstance(value, int | float | Decimal)
    return isinstance(value, str)


def _empties(column: pa.Array, places: Numbers) -> Iterator[tuple[int, str | None]]:
    """Index and value of each row without a value in a column that is kept."""
    series = pl.Series(column)
    empty = series.is_null()
    if series.dtype == pl.String:
        empty |= (series == "").fill_null(value=False)
    for place in empty.arg_true():
        yield int(places[place]), column[place].as_py()
