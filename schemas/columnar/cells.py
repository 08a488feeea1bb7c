"""The cells of one column of a block: which are filled, and how answers about those reach their rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columnar.masks import Flags, Mask, inverse
from schemas.columnar.texts import Texts, is_text


@dataclass(frozen=True)
class Cells:
    """`values` are the filled cells in order, without nulls; `filled` says which rows they are."""

    count: int
    filled: Mask
    values: "Texts | pa.Array"

    def spread(self, answers: Mask) -> Mask:
        """Answers about the filled cells as answers about rows; yes where the cell is not filled."""
        if answers is True or self.filled is True:
            return answers
        if answers is False:
            return inverse(self.filled)
        rows = np.ones(self.count, np.bool_)
        rows[self.filled] = answers
        return rows

    def placed(self, values: pa.Array) -> pa.Array:
        """One value per filled cell laid out by row, null where the cell is not filled."""
        if self.filled is True:
            return values
        if self.filled is False:
            return pa.nulls(self.count, values.type)
        places = np.cumsum(self.filled, dtype=np.int32) - 1
        return values.take(pa.array(places, mask=~self.filled))


@dataclass(frozen=True)
class Coded:
    """Cells of a dictionary column: everything is worked out once per distinct value."""

    count: int
    codes: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    missing: Flags | None
    inner: Cells
    indices: pa.Array

    @property
    def values(self) -> "Texts | pa.Array":
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
        if is_text(values.type) and self.inner.filled is True:
            return pa.DictionaryArray.from_arrays(self.indices, values)
        return self.inner.placed(values).take(self.indices)

    def _by_row(self, answers: Mask) -> Mask:
        return answers if isinstance(answers, bool) else answers[self.codes]


def cells_of(column: pa.Array) -> Cells | Coded:
    """What a column of an Arrow batch holds; a text of no characters is not filled."""
    if pa.types.is_dictionary(column.type):
        return _coded(column)
    return _plain(column)


def _coded(column: pa.DictionaryArray) -> Cells | Coded:
    if not len(column.dictionary):
        return Cells(len(column), False, pa.nulls(0, column.type.value_type))
    indices = column.indices
    missing = np.asarray(indices.is_null()) if indices.null_count else None
    codes = np.asarray(indices if missing is None else indices.fill_null(0))
    return Coded(len(column), codes, missing, _plain(column.dictionary), indices)


def _plain(column: pa.Array) -> Cells:
    if is_text(column.type):
        return _text_cells(column)
    if not column.null_count:
        return Cells(len(column), True, column)
    filled = np.asarray(column.is_valid())
    return Cells(len(column), filled if filled.any() else False, column.drop_null())


def _text_cells(column: pa.Array) -> Cells:
    filled = np.asarray(pc.fill_null(pc.greater(pc.binary_length(column), 0), False))
    if filled.all():
        return Cells(len(column), True, Texts(column))
    values = Texts(column.filter(pa.array(filled)))
    return Cells(len(column), filled if len(values.array) else False, values)
