"""How rows that passed are kept: the Arrow schema of a document."""

from typing import TYPE_CHECKING

from schemas.columns import Column
from schemas.document import SchemaDocument

if TYPE_CHECKING:
    import pyarrow as pa

_INT64 = range(-(2**63), 2**63)


def arrow_schema(document: SchemaDocument, only: tuple[str, ...] | None = None) -> "pa.Schema":
    """One field per column, in the document's order, all nullable.

    string → string; integer → int64, or decimal128(38, 0) when the stated bounds pass int64;
    number → float64; boolean → bool; format date → date32; format date-time → timestamp[us, UTC];
    arrays, objects and mixed types → string holding JSON.
    """
    import pyarrow as pa

    names = only if only is not None else document.columns
    return pa.schema([pa.field(name, arrow_type(document.by_name[name])) for name in names])


def arrow_type(column: Column) -> "pa.DataType":
    import pyarrow as pa

    match column.kind:
        case "integer":
            return pa.int64() if _fits_int64(column) else pa.decimal128(38, 0)
        case "number":
            return pa.float64()
        case "boolean":
            return pa.bool_()
        case "date":
            return pa.date32()
        case "date-time":
            return pa.timestamp("us", tz="UTC")
        case _:
            return pa.string()


def _fits_int64(column: Column) -> bool:
    words = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    return all(int(column.schema[w]) in _INT64 for w in words if w in column.schema)
