"""Which types a release is stored in, and how older files are read as the schema of today."""

from collections import Counter
from collections.abc import Collection

import pyarrow as pa

from catalog.duck import identifier
from catalog.errors import CatalogError


def stored_type(type_: pa.DataType) -> pa.DataType:
    """The type kept on disk: one every Delta and Parquet reader knows (no views, no unsigned)."""
    if pa.types.is_dictionary(type_):
        return stored_type(type_.value_type)
    if pa.types.is_timestamp(type_):
        return pa.timestamp("us", "UTC" if type_.tz else None)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_) or pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_large_binary(type_) or pa.types.is_binary_view(type_):
        return pa.binary()
    if pa.types.is_unsigned_integer(type_):
        return pa.decimal128(20, 0) if type_.bit_width == 64 else pa.int64()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_date64(type_):
        return pa.date32()
    return type_


def stored_schema(schema: pa.Schema) -> pa.Schema:
    """The schema kept on disk; two columns may not differ by letter case alone."""
    folded = Counter(name.casefold() for name in schema.names)
    twice = sorted(name for name in schema.names if folded[name.casefold()] > 1)
    if twice:
        raise CatalogError(f"Columns differ by letter case alone: {', '.join(twice)}.")
    return pa.schema([pa.field(field.name, stored_type(field.type)) for field in schema])


def same_shape(left: pa.Schema, right: pa.Schema) -> bool:
    """Same names in the same order with the same types; metadata does not matter."""
    return bool(left.names == right.names and left.types == right.types)


def read_as(types: dict[str, str], present: Collection[str]) -> str:
    """The select list that brings files holding `present` columns to the wanted types."""
    return ", ".join(
        (f"CAST({identifier(name)} AS {type_})" if name in present else f"CAST(NULL AS {type_})")
        + f" AS {identifier(name)}"
        for name, type_ in types.items()
    )
