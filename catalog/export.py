"""A whole permitted release as a file in the format a person or program asks for.

Everything streams in batches: memory does not grow with the release. In CSV a text cell that a
spreadsheet would run as a formula (= + - @ TAB CR first) gets a leading apostrophe; numbers and
dates stay as they are, and no other format is touched. XLSX writes every text column as text.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

import shutil
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.duck import open_tool, reader, sql_types
from catalog.filters import Filter, values_fit
from catalog.keyset import order_by
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, Sort, ask
from catalog.rendering import csv_header, csv_line, json_object
from catalog.slices import Slices, through_slice
from catalog.storage.manifest import Manifest
from catalog.storage.writing import full_disks_told
from catalog.worksheets import write_worksheet

Format = Literal["csv", "ndjson", "json", "xlsx", "parquet", "arrow"]
BATCH_ROWS = 20_000


class Rows(Protocol):
    """Something that can be exported."""

    @property
    def types(self) -> dict[str, str]:
        """Columns with DuckDB's types, in order."""

    def schema(self) -> pa.Schema:
        """The columns as Arrow."""

    def batches(self, line: str | None = None) -> Iterator[pa.RecordBatch]:
        """The rows; with `line`, one text per row made by that SQL expression."""


@dataclass(frozen=True)
class Release:
    """The permitted rows of a release; build it with `release`."""

    question: Question

    @property
    def types(self) -> dict[str, str]:
        return self.question.shown

    def schema(self) -> pa.Schema:
        empty, bound = replace(self.question, manifest=()).answer()
        with closing(reader()) as connection:
            return connection.sql(empty, params=bound).to_arrow_table().schema

    def batches(self, line: str | None = None) -> Iterator[pa.RecordBatch]:
        asked = self.question
        order = f" ORDER BY {order_by(asked.order())}" if asked.sort else ""
        query, bound = asked.answer(order)
        with self._connection() as connection, values_fit():
            yield from connection.sql(_lined(query, line), params=bound).to_arrow_reader(BATCH_ROWS)

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.question.sort:
            with closing(reader()) as connection:
                yield connection
            return
        # Sorting a whole release may need the disk, which the shared connection has not.
        spill = self.question.table / ".work" / f"export-{uuid.uuid4().hex}"
        try:
            with open_tool(spill) as connection:
                yield connection
        finally:
            shutil.rmtree(spill, ignore_errors=True)


@dataclass(frozen=True)
class Answer:
    """The answer of a query, which needs no policy any more. Column names are made unique."""

    table: pa.Table

    @cached_property
    def _named(self) -> pa.Table:
        return self.table.rename_columns(distinct(self.table.column_names))

    @cached_property
    def types(self) -> dict[str, str]:
        with closing(reader()) as connection:
            return sql_types(connection, self._named.schema)

    def schema(self) -> pa.Schema:
        return self._named.schema

    def batches(self, line: str | None = None) -> Iterator[pa.RecordBatch]:
        if line is None:
            yield from self._named.to_batches(BATCH_ROWS)
            return
        name = f"answer_{uuid.uuid4().hex}"
        with closing(reader()) as connection:
            connection.register(name, self._named)
            try:
                query = _lined(f"SELECT * FROM {name}", line)
                yield from connection.sql(query).to_arrow_reader(BATCH_ROWS)
            finally:
                connection.unregister(name)


def distinct(names: Sequence[str]) -> list[str]:
    """The same names, those that were there before with a number behind them."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        unique, number = name, 1
        while unique.casefold() in taken:
            unique, number = f"{name}_{number}", number + 1
        found.append(unique)
        taken.add(unique.casefold())
    return found


def _lined(query: str, line: str | None) -> str:
    return f"SELECT {line} AS line FROM ({query})" if line else query


def release(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str],
    columns: Sequence[str] | None = None,
    filter: Filter | str | None = None,
    sort: Sort = None,
    stored: Collection[str] | None = None,
    slices: Slices | None = None,
) -> Release:
    """What to export; raise ColumnNotReadable, FilterInvalid, StorageFull before a byte is written.

    With `slices`, whoever may not see the key sees the rows in the order of what may be seen.
    """
    question = ask(
        table,
        manifest,
        schema,
        policy,
        key=key,
        columns=columns,
        filter=filter,
        sort=sort,
        stored=stored,
    )
    return Release(question if slices is None else through_slice(question, slices))


def stream(rows: Rows, format: Literal["csv", "ndjson", "json", "arrow"]) -> Iterator[bytes]:
    """The export in pieces, for formats that need no file; UTF-8 without a byte order mark."""
    match format:
        case "arrow":
            yield from _arrow(rows)
        case "csv":
            yield (csv_header(rows.types) + "\r\n").encode()
            yield from _lines(rows, csv_line(rows.types), "\r\n")
        case "ndjson":
            yield from _lines(rows, json_object(rows.types), "\n")
        case "json":
            yield from _array(rows)


def to_file(rows: Rows, format: Format, target: Path) -> int:
    """Write the export to a file; return its size in bytes.

    Raises ExportTooLarge (more rows than a worksheet holds), StorageFull; then no file is left.
    """
    with full_disks_told():
        try:
            match format:
                case "parquet":
                    _parquet(rows, target)
                case "xlsx":
                    write_worksheet(target, rows.schema(), rows.batches())
                case _:
                    with target.open("wb") as file:
                        for piece in stream(rows, format):
                            file.write(piece)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target.stat().st_size


def _lines(rows: Rows, line: str, end: str) -> Iterator[bytes]:
    for batch in rows.batches(line):
        if batch.num_rows:
            yield (end.join(batch.column(0).to_pylist()) + end).encode()


def _array(rows: Rows) -> Iterator[bytes]:
    lead = "["
    for batch in rows.batches(json_object(rows.types)):
        if batch.num_rows:
            yield (lead + ",\n".join(batch.column(0).to_pylist())).encode()
            lead = ",\n"
    yield b"[]" if lead == "[" else b"]"


class _Chunks:
    """A file object for Arrow's stream writer whose bytes are taken out as they come."""

    def __init__(self) -> None:
        self.closed = False
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken, self._held = b"".join(self._held), []
        return taken


def _arrow(rows: Rows) -> Iterator[bytes]:
    chunks = _Chunks()
    with pa.ipc.new_stream(pa.PythonFile(chunks, mode="w"), rows.schema()) as writer:
        for batch in rows.batches():
            writer.write_batch(batch)
            yield chunks.take()
    yield chunks.take()


def _parquet(rows: Rows, target: Path) -> None:
    with pq.ParquetWriter(target, rows.schema(), compression="zstd") as writer:
        for batch in rows.batches():
            writer.write_batch(batch)
