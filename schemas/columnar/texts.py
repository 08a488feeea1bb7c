"""Filled text cells, and what the kernels ask about their bytes.

Most questions are first asked of all bytes at once; only where the answer is no is it found out which
cells are at fault.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columnar.buffers import Numbers, array_of, flags_of, numbers_of, offsets_of, text_array
from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.patterns import MANY, Pattern, Ranges, Run
from schemas.columnar.spans import Bytes, outside, within_by_place

_FEW = 2
_WORTH_COPYING = 16
"""Texts per stretch from which it is cheaper to copy stretches than texts."""


def is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string())


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
        counted: Places = numbers_of(pc.utf8_length(self.array))
        return counted

    def where(self, flags: Flags) -> "Texts":
        """The texts that are flagged; cheap where they lie in few stretches."""
        edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
        if len(edges) * _WORTH_COPYING > len(self) or not len(edges):
            return Texts(self.array.take(array_of(pa.int64(), np.flatnonzero(flags))))
        ends = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        return Texts(pa.concat_arrays([self.array.slice(a, b - a) for a, b in ends]))

    def cast(self, kind: pa.DataType, sure: Flags) -> Numbers | None:
        """The flagged texts as Arrow reads them, anything for the others; None if it cannot read one."""
        every = bool(sure.all())
        try:
            cast = numbers_of(pc.cast((self if every else self.where(sure)).array, kind))
        except pa.ArrowInvalid:
            return None
        if every:
            return cast
        numbers = np.zeros(len(self), cast.dtype)
        numbers[np.flatnonzero(sure)] = cast
        return numbers

    def found(self, rust: str) -> Flags:
        """Where the pattern is found."""
        found = pl.Series(self.array).str.contains(rust)
        return flags_of(found.to_arrow())

    def no_shorter(self, length: int) -> Mask:
        if len(self) and int(self.lengths.min()) >= 4 * length:
            return True
        return settled(self.characters >= length)

    def no_longer(self, length: int) -> Mask:
        if len(self) and int(self.lengths.max()) <= length:
            return True
        return settled(self.characters <= length)

    def equal(self, value: str) -> Flags:
        return flags_of(pc.equal(self.array, text_array(self.array.type, (value,))[0]))

    def among(self, values: tuple[str, ...]) -> Mask:
        if len(values) <= _FEW:
            return settled(np.logical_or.reduce([self.equal(value) for value in values]))
        listed = text_array(self.array.type, values)
        return settled(flags_of(pc.is_in(self.array, value_set=listed)))

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
            return np.zeros(0, np.int64)
        return outside(self.data, ranges)

    def without(self, places: Places, flags: Flags) -> Flags:
        """The flags, less the texts to which the places in `data` belong."""
        if len(places):
            flags[self.rows(places)] = False
        return flags

    def rows(self, places: Places) -> Places:
        """The text to which each place in `data` belongs."""
        return np.searchsorted(self.starts, places.astype(self.starts.dtype), "right") - 1

    def of_width(self, width: int, classes: tuple[Ranges, ...]) -> Mask:
        """So many bytes, each in the class of its place."""
        if self.width == width:
            return within_by_place(self.data, classes)
        flags: Flags = self.lengths == width
        if flags.any():
            flags[np.flatnonzero(flags)] = within_by_place(self.where(flags).data, classes)
        return flags


def _width(runs: tuple[Run, ...]) -> int:
    """Bytes of every match if the runs leave no choice, else 0."""
    return sum(r.least for r in runs) if all(r.least == r.most for r in runs) else 0
