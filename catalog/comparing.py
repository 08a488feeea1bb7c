"""Values of released files as text, so that equal ones look equal whatever their columns' types.

The same form as `schemas.gate.referring` gives a batch: what the gate finds is what the edges join.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from catalog.duck import identifier, parquet

_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})


def as_text(value: str, kind: str) -> str:
    """The expression for a value of this DuckDB type as text."""
    if kind in _FLOATS:
        whole = f"TRY_CAST({value} AS BIGINT)"
        return (
            f"CASE WHEN {whole} = {value} THEN CAST({whole} AS VARCHAR)"
            f" ELSE CAST({value} AS VARCHAR) END"
        )
    if kind in _MOMENTS:
        return f"CAST(epoch_us({value}) AS VARCHAR)"
    return f"CAST({value} AS VARCHAR)"


class Source:
    """Released files of one schema and the types of their columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
        self.sql = parquet(files, ", union_by_name=true")
        described = connection.execute(f"DESCRIBE SELECT * FROM {self.sql}").fetchall()  # noqa: S608 - ours
        self._types = {str(row[0]): str(row[1]) for row in described}

    def text(self, column: str, alias: str = "") -> str:
        """The expression for a column's value as text."""
        return as_text(alias + identifier(column), self._types[column])

    def key(self, columns: Sequence[str], alias: str = "") -> str:
        """The expression for a record's key: its parts joined by `|`; `|` and `\\` in a part follow a `\\`."""
        if len(columns) == 1:
            return self.text(columns[0], alias)
        parts = [
            rf"replace(replace({self.text(column, alias)}, '\', '\\'), '|', '\|')"
            for column in columns
        ]
        return f"concat_ws('|', {', '.join(parts)})"
