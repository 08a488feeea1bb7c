"""The cells of one column of a block: which are filled, and how answers about those reach their rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.columnar.masks import Flags, Mask, Places, inverse, settled
from schemas.columnar.texts import Texts, is_text, offsets_of

_VIEWS = {32: pa.int32(), 64: pa.int64()}


@dataclass(frozen=True)
class Cells:
    """`values` are the filled cells in order, without nulls; `filled` says which rows they are."""

    column: pa.Array
    filled: Mask
    values: Texts | pa.Array

    def spread(self, answers: Mask) -> Mask:
        """Answers about the filled cells as answers about rows; yes where the cell is not filled."""
        if answers is True or self.filled is True:
            return answers
        if answers is False:
            return inverse(self.filled)
        rows = np.ones(len(self.column), np.bool_)
        rows[self.filled] = answers
        return rows

    def placed(self, values: pa.Array) -> pa.Array:
        """One value per filled cell laid out by row, null where the cell is not filled."""
        if self.filled is True:
            return values
        if isinstance(self.filled, bool) or values.null_count == len(values):
            return pa.nulls(len(self.column), values.type)
        view = None if pa.types.is_boolean(values.type) else _VIEWS.get(values.type.bit_width)
        if view is None:
            places = np.cumsum(self.filled, dtype=np.int32) - 1
            return values.take(pa.array(places, mask=~self.filled))
        numbers = np.asarray(values.view(view))
        rows = np.zeros(len(self.column), numbers.dtype)
        rows[self.filled] = numbers
        return _array(values.type, self.filled, [pa.py_buffer(rows)])

    def as_texts(self, kind: pa.DataType) -> pa.Array:
        """The column of texts itself, null where the cell is not filled."""
        column = self.column
        if column.null_count != len(column) - len(self.values):
            filled = np.broadcast_to(self.filled, len(column))
            column = _array(column.type, filled, _from_start(column))
        return column if column.type == kind else column.cast(kind)


@dataclass(frozen=True)
class Coded:
    """Cells of a dictionary column: everything is worked out once per distinct value."""

    column: pa.DictionaryArray
    codes: NDArray[np.int32]
    missing: Flags | None
    inner: Cells

    @property
    def values(self) -> Texts | pa.Array:
        return self.inner.values

    @cached_property
    def filled(self) -> Mask:
        filled = self._by_row(self.inner.filled)
        if self.missing is None:
            return filled
        return ~self.missing if filled is True else filled & ~self.missing

    def spread(self, answers: Mask) -> Mask:
        rows = self._by_row(self.inner.spread(answers))
        return rows if self.missing is None or rows is True else rows | self.missing

    def placed(self, values: pa.Array) -> pa.Array:
        return self.inner.placed(values).take(self.column.indices)

    def as_texts(self, kind: pa.DataType) -> pa.Array:
        """The dictionary stays one, unless it lists the empty text."""
        values = self.inner.as_texts(kind)
        indices = self.column.indices
        if values.null_count:
            return values.take(indices)
        return pa.DictionaryArray.from_arrays(indices, values)

    def _by_row(self, answers: Mask) -> Mask:
        return answers if isinstance(answers, bool) else answers[self.codes]


AnyCells: TypeAlias = Cells | Coded


def cells_of(column: pa.Array) -> AnyCells:
    """What a column of an Arrow batch holds; a text of no characters is not filled."""
    if pa.types.is_dictionary(column.type):
        return _coded(column)
    return _plain(column)


def _coded(column: pa.DictionaryArray) -> AnyCells:
    if not len(column.dictionary):
        return _plain(pa.nulls(len(column), column.type.value_type))
    indices = column.indices
    missing = np.asarray(indices.is_null()) if indices.null_count else None
    codes = np.asarray(indices if missing is None else indices.fill_null(0))
    return Coded(column, codes, missing, _plain(column.dictionary))


def _plain(column: pa.Array) -> Cells:
    if is_text(column.type):
        return _text_cells(column)
    if not column.null_count:
        return Cells(column, True, column)
    filled = np.asarray(column.is_valid())
    return Cells(column, filled if filled.any() else False, column.drop_null())


def _text_cells(column: pa.Array) -> Cells:
    offsets = offsets_of(column)
    flags = offsets[1:] != offsets[:-1]
    if column.null_count:
        flags &= np.asarray(column.is_valid())
    filled = settled(flags)
    if filled is True:
        return Cells(column, True, Texts(column))
    values = Texts(_dense(column, offsets, flags))
    return Cells(column, flags if len(values) else False, values)


def _dense(column: pa.Array, offsets: Places, filled: Flags) -> pa.Array:
    """The filled texts alone, sharing the characters where nothing lies between them."""
    starts = offsets[:-1][filled]
    ends = offsets[1:][filled]
    if not len(starts) or not np.array_equal(starts[1:], ends[:-1]):
        return column.filter(pa.array(filled))
    bounds = pa.py_buffer(np.append(starts, ends[-1:]))
    return pa.Array.from_buffers(
        column.type, len(starts), [None, bounds, column.buffers()[2]], null_count=0
    )


def _from_start(column: pa.Array) -> list[pa.Buffer]:
    return [pa.py_buffer(np.ascontiguousarray(offsets_of(column))), column.buffers()[2]]


def _array(kind: pa.DataType, filled: Flags, buffers: list[pa.Buffer]) -> pa.Array:
    valid = pa.py_buffer(np.packbits(filled, bitorder="little"))
    return pa.Array.from_buffers(kind, len(filled), [valid, *buffers])
