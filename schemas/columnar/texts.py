"""Filled text cells, and what the kernels ask about their bytes.

Most questions are first asked of all bytes at once; only where the answer is no is it found out which
cells are at fault.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.patterns import MANY, Pattern, Ranges, Run

Bytes: TypeAlias = NDArray[np.uint8]
_AT_ONCE = 1 << 16
"""Bytes worked on at once, so that what lies between two steps stays in the processor's cache."""
_FEW = 3


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def offsets_of(column: pa.Array) -> Places:
    """Where each text begins in the bytes of its column, and where the last ends (int64 if it is large)."""
    wide = pa.types.is_large_string(column.type)
    buffer = column.buffers()[1]
    if buffer is None or not buffer.size:
        return np.zeros(1, np.int32)
    offsets: Places = np.frombuffer(buffer, np.int64 if wide else np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


@dataclass(frozen=True)
class Texts:
    """Texts without nulls and without empty ones, their bytes one after the other."""

    array: pa.Array

    def __len__(self) -> int:
        return len(self.array)

    @cached_property
    def offsets(self) -> Places:
        return offsets_of(self.array)

    @cached_property
    def starts(self) -> Places:
        """Where each text begins in `data`."""
        offsets = self.offsets
        return offsets[:-1] - offsets[0] if offsets[0] else offsets[:-1]

    @cached_property
    def lengths(self) -> Places:
        """Bytes of each text."""
        return self.offsets[1:] - self.offsets[:-1]

    @cached_property
    def data(self) -> Bytes:
        offsets, buffer = self.offsets, self.array.buffers()[2]
        if not len(self):
            return np.zeros(0, np.uint8)
        return np.frombuffer(buffer, np.uint8)[offsets[0] : offsets[-1]]

    @cached_property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest byte."""
        return (int(self.data.min()), int(self.data.max())) if len(self) else (0, 0)

    @cached_property
    def width(self) -> int:
        """Bytes of every text if they are all of one length, else 0."""
        lengths = self.lengths
        return int(lengths[0]) if len(lengths) and (lengths == lengths[0]).all() else 0

    @cached_property
    def characters(self) -> Places:
        """Code points of each text."""
        if self.range[1] < 128:
            return self.lengths
        return np.asarray(pc.utf8_length(self.array).cast(pa.int32()))

    def where(self, flags: Flags) -> "Texts":
        return Texts(self.array.filter(pa.array(flags)))

    def found(self, rust: str) -> Flags:
        """Where the pattern is found."""
        found: Flags = pl.Series(self.array).str.contains(rust).to_numpy()
        return found

    def no_shorter(self, length: int) -> Mask:
        if len(self) and int(self.lengths.min()) >= 4 * length:
            return True
        return settled(self.characters >= length)

    def no_longer(self, length: int) -> Mask:
        if len(self) and int(self.lengths.max()) <= length:
            return True
        return settled(self.characters <= length)

    def among(self, values: tuple[str, ...]) -> Mask:
        if len(values) <= _FEW:
            flags = np.zeros(len(self), np.bool_)
            for value in values:
                flags |= np.asarray(pc.equal(self.array, pa.scalar(value, self.array.type)))
            return settled(flags)
        wanted = pa.array(values, self.array.type)
        return settled(np.asarray(pc.is_in(self.array, value_set=wanted)))

    def match(self, pattern: Pattern) -> Mask:
        runs = pattern.runs
        if runs and len(runs) == 1:
            return self._run(runs[0])
        width = _width(runs) if runs else 0
        if runs and width:
            return self.of_width(width, tuple(r.ranges for r in runs for _ in range(r.least)))
        return settled(self.found(pattern.rust))

    def _run(self, run: Run) -> Mask:
        """All bytes of one class, and not too few or many of them."""
        flags = np.ones(len(self), np.bool_)
        if run.least > 1:
            flags &= self.lengths >= run.least
        if run.most < MANY:
            flags &= self.lengths <= run.most
        return settled(self.without(self.strange(run.ranges), flags))

    def strange(self, ranges: Ranges) -> Places:
        """Places of bytes in no range."""
        low, high = self.range
        if any(first <= low and high <= last for first, last in ranges):
            return np.zeros(0, np.intp)
        return _outside(self.data, [(np.uint8(a), np.uint8(b - a)) for a, b in ranges])

    def without(self, places: Places, flags: Flags) -> Flags:
        """The flags, less the texts to which the places in `data` belong."""
        if len(places):
            flags[self.rows(places)] = False
        return flags

    def rows(self, places: Places) -> Places:
        """The text to which each place in `data` belongs."""
        return np.searchsorted(self.starts, places, "right") - 1

    def of_width(self, width: int, classes: tuple[Ranges, ...]) -> Mask:
        """So many bytes, each in the class of its place."""
        if self.width == width:
            return _settled_by_place(self.data, width, classes)
        flags: Flags = self.lengths == width
        if flags.any():
            flags[flags] = _settled_by_place(self.where(flags).data, width, classes)
        return flags


def _width(runs: tuple[Run, ...]) -> int:
    """Bytes of every match if the runs leave no choice, else 0."""
    return sum(r.least for r in runs) if all(r.least == r.most for r in runs) else 0


def _outside(data: Bytes, ranges: list[tuple[np.uint8, np.uint8]]) -> Places:
    """Places of bytes that lie in no range; a range is its first byte and how many follow."""
    found = []
    for start in range(0, len(data), _AT_ONCE):
        inside = _within(data[start : start + _AT_ONCE], ranges)
        if not inside.all():
            found.append(np.flatnonzero(~inside) + start)
    return np.concatenate(found) if found else np.zeros(0, np.intp)


def _within(
    data: Bytes, ranges: list[tuple[np.uint8, np.uint8]] | list[tuple[Bytes, Bytes]]
) -> Flags:
    """A byte minus the first of its range wraps around to a large one if it lies before."""
    (first, span), *others = ranges
    inside = (data - first) <= span
    for first, span in others:
        inside |= (data - first) <= span
    return inside


def _settled_by_place(data: Bytes, width: int, classes: tuple[Ranges, ...]) -> Mask:
    count = len(data) // width
    many = max(_AT_ONCE // width, 1)
    ranges = _tiled(classes, min(many, count))
    flags = []
    whole = True
    for start in range(0, count, many):
        piece = data[start * width : (start + many) * width]
        inside = _within(piece, [(a[: len(piece)], b[: len(piece)]) for a, b in ranges])
        fine = bool(inside.all())
        whole &= fine
        rows = len(piece) // width
        flags.append(np.ones(rows, np.bool_) if fine else inside.reshape(rows, width).all(axis=1))
    return True if whole else np.concatenate(flags)


def _tiled(classes: tuple[Ranges, ...], times: int) -> list[tuple[Bytes, Bytes]]:
    """The n-th range of each place as two rows of bytes, repeated for so many texts."""
    deepest = max(map(len, classes))
    filled = [[*ranges, *([ranges[0]] * (deepest - len(ranges)))] for ranges in classes]
    return [
        (
            np.tile(np.array([ranges[n][0] for ranges in filled], np.uint8), times),
            np.tile(np.array([ranges[n][1] - ranges[n][0] for ranges in filled], np.uint8), times),
        )
        for n in range(deepest)
    ]
