"""Kinds of Arrow columns: those that hold JSON values, and how others come to hold the same as text.

Bytes must be UTF-8, nanoseconds are cut to microseconds, a run-end encoding is undone. What has no one way to
be written in JSON (an interval of months, a struct with a name twice) cannot be read, and its column is named.
"""

from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from schemas.errors import UnreadableFile

_MOST_NESTED = 32
_NEVER: tuple[Callable[[pa.DataType], bool], ...] = (pt.is_interval, pt.is_union)


def readable(name: str, column: pa.Array) -> pa.Array:
    """The column in a kind that the gate reads; raises UnreadableFile naming it when there is none."""
    try:
        return _readable(column)
    except (pa.ArrowException, RecursionError) as error:
        raise UnreadableFile(
            f"Kolom {name} bertipe {_said(column.type)}, yang tidak dapat dibaca tanpa mengubah isinya. "
            "Tulis kolom itu sebagai teks, angka, tanggal, atau waktu dengan zona yang dikenal.",
            f"The column {name} is of the type {_said(column.type)}, which cannot be read without changing what it "
            "holds. Write it as text, numbers, dates, or times in a known zone.",
            str(error)[:200],
        ) from error


def _readable(column: pa.Array) -> pa.Array:
    kind = column.type
    if pt.is_run_end_encoded(kind):
        return _readable(pc.run_end_decode(column))
    if pt.is_dictionary(kind):
        return _of_dictionary(column)
    wanted = _wanted(kind)
    if wanted == kind:
        return column
    return pc.cast(column, options=pc.CastOptions(wanted, allow_time_truncate=True))


def _of_dictionary(column: pa.DictionaryArray) -> pa.Array:
    """Texts stay a dictionary, which is judged once; of other values each is laid out."""
    values = _readable(column.dictionary)
    if not _is_text(values.type):
        return values.take(column.indices)
    if values.type == column.type.value_type:
        return column
    return pa.DictionaryArray.from_arrays(column.indices, values)


def _wanted(kind: pa.DataType, depth: int = 0) -> pa.DataType:
    """The kind to cast to; raises ArrowNotImplementedError where no value can be told in JSON."""
    if depth > _MOST_NESTED or any(never(kind) for never in _NEVER):
        raise _none_for(kind)
    if _is_view(kind):
        return _unchanged(kind, depth)
    if pt.is_struct(kind):
        return pa.struct(_fields(kind, depth))
    if pt.is_map(kind):
        return pa.map_(_wanted(kind.key_type, depth + 1), _wanted(kind.item_type, depth + 1))
    for is_list, made in _LISTS:
        if is_list(kind):
            return made(kind, kind.value_field.with_type(_wanted(kind.value_type, depth + 1)))
    return _wanted_value(kind, depth)


def _wanted_value(kind: pa.DataType, depth: int) -> pa.DataType:
    if pt.is_timestamp(kind):
        if kind.tz:
            pa.lib.string_to_tzinfo(kind.tz)  # raises where the zone is unknown
        return pa.timestamp("us", kind.tz) if kind.unit == "ns" else kind
    if pt.is_time64(kind):
        return pa.time64("us")
    if pt.is_duration(kind):
        return pa.duration("us") if kind.unit == "ns" else kind
    if _is_bytes(kind) or pt.is_string_view(kind):
        return pa.string()
    if depth and (pt.is_run_end_encoded(kind) or pt.is_dictionary(kind)):
        return _wanted(kind.value_type, depth + 1)
    return kind


def _unchanged(kind: pa.DataType, depth: int) -> pa.DataType:
    """A view of lists, which Arrow casts wrongly: values are missing afterwards."""
    if _wanted(kind.value_type, depth + 1) != kind.value_type:
        raise _none_for(kind)
    return kind


def _fields(kind: pa.StructType, depth: int) -> Iterable[pa.Field]:
    fields = [kind.field(place) for place in range(kind.num_fields)]
    if len({field.name for field in fields}) != len(fields):
        raise _none_for(kind)
    return [field.with_type(_wanted(field.type, depth + 1)) for field in fields]


_LISTS: tuple[
    tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType, pa.Field], pa.DataType]], ...
] = (
    (pt.is_list, lambda _, field: pa.list_(field)),
    (pt.is_large_list, lambda _, field: pa.large_list(field)),
    (pt.is_fixed_size_list, lambda kind, field: pa.list_(field, kind.list_size)),
)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pt.is_binary(kind)
        or pt.is_large_binary(kind)
        or pt.is_binary_view(kind)
        or pt.is_fixed_size_binary(kind)
    )


def _is_view(kind: pa.DataType) -> bool:
    return bool(pt.is_list_view(kind) or pt.is_large_list_view(kind))


def _none_for(kind: pa.DataType) -> pa.ArrowNotImplementedError:
    return pa.ArrowNotImplementedError(f"no JSON for {_said(kind)}")


def _said(kind: pa.DataType) -> str:
    return str(kind)[:100]
