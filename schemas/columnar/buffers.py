"""Arrow arrays seen as NumPy's and back, sharing memory.

The conversions of the libraries themselves would load pandas.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.columnar.masks import Flags, Places

Numbers: TypeAlias = NDArray[Any]
"""Of whatever width and kind the Arrow array has."""


def flags_of(array: pa.BooleanArray) -> Flags:
    """The truth values of an array; null counts as anything."""
    return _unpacked(array.buffers()[1], array)


def validity_of(array: pa.Array) -> Flags | None:
    """Which values are there; None if all are."""
    if not array.null_count:
        return None
    buffer = array.buffers()[0]
    return np.zeros(len(array), np.bool_) if buffer is None else _unpacked(buffer, array)


def numbers_of(array: pa.Array) -> Numbers:
    """The numbers of an array of fixed width; null counts as anything."""
    kind, buffer = array.type, array.buffers()[1]
    width = kind.bit_width
    if pa.types.is_floating(kind):
        dtype: np.dtype[Any] = np.dtype(f"f{width // 8}")
    else:
        dtype = np.dtype(f"{'u' if pa.types.is_unsigned_integer(kind) else 'i'}{width // 8}")
    if buffer is None or not len(array):
        return np.zeros(len(array), dtype)
    return np.frombuffer(buffer, dtype)[array.offset : array.offset + len(array)]


def offsets_of(column: pa.Array) -> Places:
    """Where each text begins in the bytes of its column, and where the last ends (int64 if it is large)."""
    buffer = column.buffers()[1]
    if buffer is None or not buffer.size:
        return np.zeros(1, np.int32)
    wide = pa.types.is_large_string(column.type)
    offsets: Places = np.frombuffer(buffer, np.int64 if wide else np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def array_of(kind: pa.DataType, numbers: Numbers, filled: Flags | None = None) -> pa.Array:
    """An array of fixed width; null where it is not filled."""
    return built(kind, len(numbers), [pa.py_buffer(np.ascontiguousarray(numbers))], filled)


def indexes_of(places: Sequence[int] | Places) -> pa.Array:
    """Places as Arrow's `take` wants them."""
    return array_of(pa.int64(), np.asarray(places, np.int64))


def text_array(kind: pa.DataType, values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    wide = pa.types.is_large_string(kind)
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64 if wide else np.int32)
    return built(kind, len(encoded), [pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def truths(flags: Flags, filled: Flags | None = None) -> pa.BooleanArray:
    return built(pa.bool_(), len(flags), [_packed(flags)], filled)


def built(
    kind: pa.DataType, count: int, buffers: list[pa.Buffer], filled: Flags | None = None
) -> pa.Array:
    """An array of its buffers without the one of validity."""
    valid = None if filled is None else _packed(filled)
    return pa.Array.from_buffers(kind, count, [valid, *buffers], 0 if filled is None else -1)


def _packed(flags: Flags) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def _unpacked(buffer: pa.Buffer, array: pa.Array) -> Flags:
    first, past = array.offset // 8, (array.offset + len(array) + 7) // 8
    packed = np.frombuffer(buffer, np.uint8)[first:past]
    bits = np.unpackbits(packed, bitorder="little").view(np.bool_)
    start = array.offset - first * 8
    return bits[start : start + len(array)]
