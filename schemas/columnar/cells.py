"""The cells of one column of a block: which are filled, and how answers about those reach their rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from schemas.columnar.buffers import (
    Numbers,
    array_of,
    built,
    flags_of,
    numbers_of,
    offsets_of,
    truths,
    validity_of,
)
from schemas.columnar.masks import Flags, Mask, Places, inverse, settled
from schemas.columnar.texts import Texts, is_text


@dataclass(frozen=True)
class Cells:
    """`values` are the filled cells in order, without nulls; `filled` says which rows they are."""

    column: pa.Array
    filled: Mask
    values: Texts | pa.Array

    @cached_property
    def places(self) -> Places:
        """The rows of the filled cells."""
        return np.flatnonzero(np.broadcast_to(self.filled, len(self.column)))

    def spread(self, answers: Mask) -> Mask:
        """Answers about the filled cells as answers about rows; yes where the cell is not filled."""
        if answers is True or self.filled is True:
            return answers
        if answers is False:
            return inverse(self.filled)
        rows = np.ones(len(self.column), np.bool_)
        rows[self.places] = answers
        return rows

    def placed(self, values: pa.Array) -> pa.Array:
        """One value per filled cell laid out by row, null where the cell is not filled."""
        if self.filled is True:
            return values
        if isinstance(self.filled, bool) or values.null_count == len(values):
            return pa.nulls(len(self.column), values.type)
        if pa.types.is_boolean(values.type):
            return truths(self._laid_out(flags_of(values)), self.filled)
        if pa.types.is_decimal(values.type):
            rows = np.zeros(len(self.column), np.int64)
            rows[self.places] = np.arange(len(values))
            return values.take(array_of(pa.int64(), rows, self.filled))
        return array_of(values.type, self._laid_out(numbers_of(values)), self.filled)

    def as_texts(self, kind: pa.DataType) -> pa.Array:
        """The column of texts itself, null where the cell is not filled."""
        column = self.column
        if column.null_count != len(column) - len(self.values):
            filled = np.broadcast_to(self.filled, len(column))
            buffers = [pa.py_buffer(offsets_of(column)), column.buffers()[2]]
            column = built(column.type, len(column), buffers, filled)
        return column if column.type == kind else column.cast(kind)

    def _laid_out(self, values: Numbers) -> Numbers:
        rows = np.zeros(len(self.column), values.dtype)
        rows[self.places] = values
        return rows


@dataclass(frozen=True)
class Coded:
    """Cells of a dictionary column: everything is worked out once per distinct value."""

    column: pa.DictionaryArray
    codes: Places
    given: Flags | None
    inner: Cells

    @property
    def values(self) -> Texts | pa.Array:
        return self.inner.values

    @cached_property
    def filled(self) -> Mask:
        filled = self._by_row(self.inner.filled)
        if self.given is None:
            return filled
        return self.given if filled is True else filled & self.given

    def spread(self, answers: Mask) -> Mask:
        rows = self._by_row(self.inner.spread(answers))
        return rows if self.given is None or rows is True else rows | ~self.given

    def placed(self, values: pa.Array) -> pa.Array:
        return self.inner.placed(values).take(self.column.indices)

    def as_texts(self, kind: pa.DataType) -> pa.Array:
        """The dictionary stays one, unless it lists the empty text."""
        values, indices = self.inner.as_texts(kind), self.column.indices
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
    given = validity_of(column.indices)
    codes = numbers_of(column.indices)
    codes = codes if given is None else np.where(given, codes, 0)
    return Coded(column, codes, given, _plain(column.dictionary))


def _plain(column: pa.Array) -> Cells:
    if is_text(column.type):
        return _text_cells(column)
    filled = validity_of(column)
    if filled is None:
        return Cells(column, True, column)
    return Cells(column, filled if filled.any() else False, column.drop_null())


def _text_cells(column: pa.Array) -> Cells:
    offsets = offsets_of(column)
    filled: Flags = offsets[1:] != offsets[:-1]
    valid = validity_of(column)
    if valid is not None and (filled & ~valid).any():
        filled &= valid
        values = Texts(column.filter(truths(filled)))
        return Cells(column, filled if len(values) else False, values)
    if settled(filled) is True:
        return Cells(column, True, Texts(column))
    if not filled.any():
        return Cells(column, False, Texts(column.slice(0, 0)))
    return Cells(column, filled, Texts(_dense(column, offsets, filled)))


def _dense(column: pa.Array, offsets: Places, filled: Flags) -> pa.Array:
    """The filled texts alone, sharing the bytes, for nothing lies between them."""
    starts = offsets.take(np.flatnonzero(filled))
    buffers = [pa.py_buffer(np.append(starts, offsets[-1:])), column.buffers()[2]]
    return built(column.type, len(starts), buffers)
