"""Arrow rows as JSON text, for answers that carry something besides the rows."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from catalog.duck import identifier
from catalog.export import Answer, Rows
from catalog.rendering import json_object, plain


def json_objects(table: pa.Table) -> str:
    """A JSON array with one object per row."""
    rows = Answer(table)
    return _listed(rows, json_object(rows.types))


def json_arrays(rows: Rows) -> Iterator[bytes]:
    """A JSON array with one array per row, its values in the order of the columns; in pieces."""
    lead = "["
    for batch in rows.batches(_array(rows.types)):
        if batch.num_rows:
            yield (lead + ",".join(batch.column(0).to_pylist())).encode()
            lead = ","
    yield b"[]" if lead == "[" else b"]"


def _listed(rows: Answer, line: str) -> str:
    lines = (text for batch in rows.batches(line) for text in batch.column(0).to_pylist())
    return "[" + ",".join(lines) + "]"


def _array(columns: Mapping[str, str]) -> str:
    cells = (
        f"coalesce(CAST(to_json({plain(identifier(name), type_)}) AS VARCHAR), 'null')"
        for name, type_ in columns.items()
    )
    return "'[' || " + " || ',' || ".join(cells) + " || ']'"
