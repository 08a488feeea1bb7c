"""JSON lines of flat records read at once into typed columns, where that is provably the same as line by line.

Arrow's reader is quick and lenient: it takes several records on a line, a record over several lines, NaN, and
does not tell null from absent. So the bytes are looked at first, and rows that leave any doubt are named, to be
read and judged one by one:

- a line that does not begin with `{` and end with `}`, or has other braces, is in doubt; in the rest each line is
  one record, and nothing lies outside of records;
- the text is UTF-8 without NUL;
- a line with a backslash is in doubt; in every other line each quotation mark is the beginning or the end of a
  text, so that half of them, less the texts among the values, is exactly the number of names in the record;
- Arrow refuses names that come twice, names that are not in the schema and values of another type (the line it
  stops at is in doubt, the others are read again); so the number of names tells how many columns are absent, and
  a row is in doubt unless all its empty columns are null and may be, or all are absent and may not be null;
- an empty text, and a number that a float may not hold exactly, is in doubt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.json as paj

from schemas.columnar.buffers import numbers_of, validity_of
from schemas.columns import Column

Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Indexes = npt.NDArray[np.intp]
_READ_AS = {
    "string": pa.string(),
    "date": pa.string(),
    "date-time": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
_ROW = re.compile(r"in row (\d+)$")
_STOPS = 16
"""Lines of a block that Arrow may stop at, beside every fiftieth."""
_AFTERWARDS = 1024
"""Lines read at once after Arrow has stopped: what it read before a stop is read twice."""
_EXACT = float(2**53)
_NEWLINE, _QUOTE, _BACKSLASH, _OPEN, _CLOSE = b'\n"\\{}'


@dataclass(frozen=True)
class Flat:
    """The columns of a block, one row per line, and which rows are beyond doubt."""

    columns: dict[str, pa.Array]
    sure: Flags


class FlatReader:
    """Reads blocks of one schema; of no use for one with lists or records inside."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self.useful = bool(columns) and all(c.kind in _READ_AS for c in columns.values())
        if self.useful:
            self._options = paj.ParseOptions(
                explicit_schema=pa.schema([(n, _READ_AS[c.kind]) for n, c in columns.items()]),
                unexpected_field_behavior="error",
            )

    def read(self, text: bytes) -> Flat | None:
        """The block as columns; None if too much of it is in doubt."""
        if not _is_text(text):
            return None
        data = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(data == _NEWLINE)
        if not len(ends) or ends[-1] != len(data) - 1:
            ends = np.append(ends, len(data))
        starts = np.append(0, ends[:-1] + 1)
        good = _one_record_a_line(data, starts, ends)
        pieces = _Pieces(self._options, text, starts, ends)
        for first, last in _runs(good):
            if not pieces.parse(first, last):
                return None
        table = pieces.table(len(ends))
        columns = {name: _whole(table.column(name)) for name in self._columns}
        good[pieces.doubtful] = False
        if b"\\" in text:
            good[np.searchsorted(ends, np.flatnonzero(data == _BACKSLASH))] = False
        return Flat(columns, self._sure(columns, data, ends, good))

    def _sure(
        self, columns: Mapping[str, pa.Array], data: Bytes, ends: Indexes, good: Flags
    ) -> Flags:
        """Which of the good rows are without a doubt."""
        count = len(ends)
        sure = good.copy()
        null, missing = np.zeros(count, np.int32), np.zeros(count, np.int32)
        texts = np.zeros(count, np.int32)
        for name, column in columns.items():
            there = validity_of(column)
            if there is not None:
                (null if self._columns[name].nullable else missing)[~there] += 1
            if pa.types.is_string(column.type):
                texts += True if there is None else there
                filled = _lengths(column) > 0
                sure &= filled if there is None else filled | ~there
            elif pa.types.is_floating(column.type):
                exact = np.abs(numbers_of(column)) < _EXACT
                sure &= exact if there is None else exact | ~there
        quotes = data == _QUOTE
        every = 2 * (int(texts.sum()) + count * len(columns))
        if good.all() and np.count_nonzero(quotes) == every:
            sure &= missing == 0  # no record has more names than there are, so each has all
            return sure
        names = np.diff(np.searchsorted(np.flatnonzero(quotes), ends), prepend=0) // 2 - texts
        absent = len(columns) - names
        sure &= ((missing == 0) & (absent == 0)) | ((null == 0) & (absent == missing))
        return sure


class _Pieces:
    """Runs of lines that Arrow reads, cut at the lines it stops at."""

    def __init__(
        self, options: paj.ParseOptions, text: bytes, starts: Indexes, ends: Indexes
    ) -> None:
        self._options, self._text = options, pa.py_buffer(text)
        self._starts, self._ends = starts, ends
        self._read: list[tuple[int, pa.Table]] = []
        self._left = _STOPS + len(ends) // 50
        self.doubtful: list[int] = []

    def parse(self, first: int, last: int) -> bool:
        """Read the lines from `first` up to `last`; False once Arrow has stopped too often."""
        waiting = [(first, last)]
        while waiting:
            first, last = waiting.pop()
            if first == last:
                continue
            try:
                self._read.append((first, self._piece(first, last)))
            except pa.ArrowInvalid as error:
                self._left -= 1
                if self._left < 0:
                    return False
                waiting += self._cut(first, last, _ROW.search(str(error)))
        return True

    def table(self, count: int) -> pa.Table:
        """All lines; of those that were not read, nothing but nulls."""
        schema, at = self._options.explicit_schema, 0
        parts = []
        for first, piece in sorted(self._read, key=lambda part: part[0]):
            parts += [*_nothing(schema, first - at), piece]
            at = first + piece.num_rows
        return pa.concat_tables([*parts, *_nothing(schema, count - at)])

    def _piece(self, first: int, last: int) -> pa.Table:
        start, end = int(self._starts[first]), int(self._ends[last - 1])
        table = paj.read_json(
            pa.BufferReader(self._text.slice(start, end - start)),
            paj.ReadOptions(use_threads=False, block_size=end - start + 1),
            self._options,
        )
        if table.num_rows != last - first:
            raise pa.ArrowInvalid("a line is not one record")
        return table

    def _cut(self, first: int, last: int, row: re.Match[str] | None) -> list[tuple[int, int]]:
        """What to read instead: around the row at fault, or both halves if Arrow does not name it."""
        if last - first == 1:
            self.doubtful.append(first)
            return []
        at = first + int(row[1]) if row else last
        if at < last:
            self.doubtful.append(at)
            later = range(at + 1, last, _AFTERWARDS)
            return [(first, at), *((start, min(start + _AFTERWARDS, last)) for start in later)]
        half = (first + last) // 2
        return [(first, half), (half, last)]


def _one_record_a_line(data: Bytes, starts: Indexes, ends: Indexes) -> Flags:
    good: Flags = (ends - starts >= 2) & (data[np.minimum(starts, len(data) - 1)] == _OPEN)
    good &= data[ends - 1] == _CLOSE
    for mark in (_OPEN, _CLOSE):
        if np.count_nonzero(data == mark) != len(ends):
            marks = np.searchsorted(ends, np.flatnonzero(data == mark))
            good &= np.bincount(marks, minlength=len(ends)) == 1
    return good


def _runs(good: Flags) -> list[tuple[int, int]]:
    """From and up to which lines all are good."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _nothing(schema: pa.Schema, count: int) -> list[pa.Table]:
    return [pa.table([pa.nulls(count, f.type) for f in schema], schema=schema)] if count else []


def _is_text(text: bytes) -> bool:
    if b"\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _lengths(column: pa.Array) -> npt.NDArray[np.int32]:
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    return np.diff(offsets)
