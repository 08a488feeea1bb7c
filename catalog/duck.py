"""DuckDB as our own tool: connections that run only SQL this room has built."""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

_SEALED = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
}


_NAMES = {
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
}


def identifier(name: str) -> str:
    """A name quoted so that it can only be a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal; only for what cannot be bound, such as file lists."""
    return "'" + text.replace("'", "''") + "'"


def parquet(files: Sequence[Path], options: str = "") -> str:
    """The table function that reads these files, all of one schema, in this order."""
    listed = ", ".join(literal(str(path)) for path in files)
    return f"read_parquet([{listed}], hive_partitioning=false{options})"


def names(columns: Iterable[str], prefix: str = "") -> str:
    """Quoted column names, separated by commas."""
    return ", ".join(prefix + identifier(column) for column in columns)


def open_tool(
    spill: Path | None, *, memory: str = "512MB", threads: int = 2
) -> duckdb.DuckDBPyConnection:
    """A private connection with a memory limit; `spill` is a directory it may overflow into."""
    connection = duckdb.connect(
        ":memory:",
        config={
            **_SEALED,
            "memory_limit": memory,
            "threads": min(threads, os.cpu_count() or 1),
            "temp_directory": str(spill) if spill else "",
        },
    )
    # Without this Python variables in scope would be readable as tables.
    connection.execute("SET GLOBAL python_enable_replacements = false; SET GLOBAL TimeZone = 'UTC'")
    return connection


class Shared:
    """One connection per process, opened at first use and never inherited by a fork."""

    def __init__(self, opener: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._owner = 0
        self._connection: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for the calling thread; close it after use."""
        with self._lock:
            if self._connection is None or self._owner != os.getpid():
                self._connection, self._owner = self._opener(), os.getpid()
            return self._connection.cursor()


def _open_reader(memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    connection = open_tool(None, memory=memory, threads=threads)
    # Released files never change, so their footers may be kept. GLOBAL, or cursors would not know.
    connection.execute(
        "SET GLOBAL parquet_metadata_cache = true;"
        "SET GLOBAL validate_external_file_cache = 'NO_VALIDATION'"
    )
    return connection


_reader = Shared(partial(_open_reader, "384MB", 2))
_first_reader = Shared(partial(_open_reader, "128MB", 1))


def reader() -> duckdb.DuckDBPyConnection:
    """A cursor on the process's reading connection; safe in any thread, close it after use."""
    return _reader.cursor()


def first_reader() -> duckdb.DuckDBPyConnection:
    """The same with one thread and little memory, for the first rows of a file.

    A second thread would read ahead in vain, and everybody would wait for it on a busy machine.
    """
    return _first_reader.cursor()


def numbers(
    connection: duckdb.DuckDBPyConnection, query: str, bound: Sequence[object] = ()
) -> tuple[int, ...]:
    """The one row of counts that a query answers with."""
    # All rows are fetched: a result left half read keeps the connection busy.
    return tuple(int(value) for value in connection.execute(query, list(bound)).fetchall()[0])


def sql_types(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> dict[str, str]:
    """DuckDB's name for the type of each column."""
    named = {field.name: _named(field.type) for field in schema}
    strange = pa.schema([field for field in schema if named[field.name] is None])
    # DuckDB is asked about the rest only: it loads pandas before it looks at an Arrow table.
    asked = _described(connection, strange) if len(strange) else {}
    return {name: type_ or asked[name] for name, type_ in named.items()}


def _named(type_: pa.DataType) -> str | None:
    """The name of a type that releases are made of; None for one that is put together of others."""
    if pa.types.is_decimal128(type_):
        return f"DECIMAL({type_.precision},{type_.scale})"
    if pa.types.is_timestamp(type_) and type_.unit == "us":
        return "TIMESTAMP WITH TIME ZONE" if type_.tz else "TIMESTAMP"
    return _NAMES.get(type_)


def _described(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> dict[str, str]:
    connection.register("_shape", schema.empty_table())
    try:
        rows = connection.execute("DESCRIBE SELECT * FROM _shape").fetchall()
    finally:
        connection.unregister("_shape")
    return {str(row[0]): str(row[1]) for row in rows}
