"""The life of a query worker: made warm, one query, gone.

Limits of the process (memory, CPU, no files but the slices, no network) hold whatever DuckDB does;
its own `memory_limit` and `interrupt` do not bound every function.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck

import json
import math
import resource
import socket
from typing import Any

import duckdb
import pyarrow as pa

from catalog.duck import identifier, literal
from catalog.engine import confinement, estimating, frames
from catalog.engine.contract import TYPES
from catalog.joining import joined

_BATCH_ROWS = 20_000


def serve(channel: socket.socket, memory: int, threads: int) -> None:
    """Warm up, answer one query, return."""
    confinement.limit(memory)
    connection = _open(memory, threads)
    frames.send(channel, frames.READY)
    try:
        kind, payload = frames.receive(channel)
    except EOFError:
        return
    if kind == frames.ASK:
        _answer(channel, connection, json.loads(payload))


def _open(memory: int, threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
            "allow_persistent_secrets": False,
            "temp_directory": "",
            "memory_limit": f"{memory // 2 // 1024**2}MB",
            "threads": threads,
        },
    )
    connection.execute(
        "SET TimeZone = 'UTC'; SET parquet_metadata_cache = true;"
        "SET validate_external_file_cache = 'NO_VALIDATION'; SET python_enable_replacements = false"
    )
    # The first aggregate of a process is slow; let it be this one.
    connection.sql("SELECT range % 3 AS k, sum(range) FROM range(10) GROUP BY 1").to_arrow_table()
    return connection


def _prepare(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, list[str]], marked: dict[str, Any]
) -> None:
    """Make the tables known, then shut every door."""
    every = sorted({path for files in tables.values() for path in files})
    connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in every)}]")
    for name, files in tables.items():
        agency, dataset = name.split(".")
        listed = ", ".join(literal(path) for path in files)
        source = f"read_parquet([{listed}], hive_partitioning=false)"
        shown = f"SELECT * FROM {source}"
        if told := marked.get(name):
            shown = joined(source, _types(connection, shown), told["key"], told["said"])
        connection.execute(
            f"CREATE SCHEMA IF NOT EXISTS {identifier(agency)};"
            f"CREATE VIEW {identifier(agency)}.{identifier(dataset)} AS {shown}"
        )
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    confinement.see_only(every)


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    relation = connection.sql(query)
    return {name: str(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}


def _answer(
    channel: socket.socket, connection: duckdb.DuckDBPyConnection, request: dict[str, Any]
) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    cores = request["threads"]
    seconds = math.ceil(used.ru_utime + used.ru_stime + request["seconds"] * cores) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        _prepare(connection, request["tables"], request["marked"])
        if _affordable(channel, connection, request):
            _send_rows(channel, connection, request)
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        _fail(channel, "memory", "")
    except duckdb.Error as error:
        _fail(channel, "error", _clean(str(error), request["tables"]))
    except pa.ArrowException as error:
        _fail(channel, "error", type(error).__name__)


def _affordable(
    channel: socket.socket, connection: duckdb.DuckDBPyConnection, request: dict[str, Any]
) -> bool:
    """Tell what the query costs when that matters; whether it is to be run."""
    limit = request["work"]
    if limit is None:
        return True
    plan = connection.execute(f"EXPLAIN (FORMAT json) {request['sql']}").fetchall()
    work = estimating.work(json.loads(plan[0][1]))
    if work <= limit:
        return True
    frames.send(channel, frames.WORK, str(work).encode())
    return False


def _send_rows(
    channel: socket.socket, connection: duckdb.DuckDBPyConnection, request: dict[str, Any]
) -> None:
    relation = connection.sql(request["sql"])
    types = json.dumps([str(type_) for type_ in relation.types])
    try:
        _send_batches(channel, relation.to_arrow_reader(_BATCH_ROWS), types, request)
    except (duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        raise
    except duckdb.Error as error:
        _fail(channel, "error", _without_values(error))


def _send_batches(
    channel: socket.socket, reader: pa.RecordBatchReader, types: str, request: dict[str, Any]
) -> None:
    schema = reader.schema.with_metadata({TYPES: types})
    frames.send(channel, frames.SCHEMA, schema.serialize())
    rows, size, cut = 0, 0, ""
    for batch in reader:
        if rows + batch.num_rows > request["rows"]:
            batch, cut = batch.slice(0, request["rows"] - rows), "rows"
        room = request["bytes"] - size
        if batch.nbytes > room:
            batch, cut = batch.slice(0, batch.num_rows * room // batch.nbytes), "bytes"
        size += batch.nbytes
        rows += batch.num_rows
        if batch.num_rows:
            frames.send(channel, frames.BATCH, batch.serialize())
        if cut:
            break
    frames.send(channel, frames.DONE, cut.encode())


def _fail(channel: socket.socket, kind: str, message: str) -> None:
    frames.send(channel, frames.FAILED, json.dumps([kind, message]).encode())


def _without_values(error: duckdb.Error) -> str:
    """What went wrong while rows were read. DuckDB's own words quote the value, and in a value that a
    query puts together whole tables would leave, without evidence and past every quota.
    """
    match error:
        case duckdb.ConversionException():
            return "Conversion Error: a value does not fit the type; TRY_CAST gives NULL for it."
        case duckdb.OutOfRangeException():
            return "Out of Range Error: a number is too large for its type."
        case duckdb.InvalidInputException():
            return "Invalid Input Error: a function was given a value that it does not take."
        case _:
            return f"{type(error).__name__}: the query failed on the data."


def _clean(message: str, tables: dict[str, list[str]]) -> str:
    """An error text without the paths of the hub."""
    for name, files in tables.items():
        for path in files:
            message = message.replace(path, name)
    return message[:2000]
