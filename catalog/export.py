"""A whole permitted release as a file in the format a person or program asks for.

Everything streams in batches: memory does not grow with the release. In CSV a text cell that a
spreadsheet would run as a formula (= + - @ TAB CR first) gets a leading apostrophe; numbers and
dates stay as they are, and no other format is touched. XLSX writes every text column as text.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.duck import reader
from catalog.errors import FilterInvalid
from catalog.filters import Filter
from catalog.keyset import order_by
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, Sort, ask
from catalog.rendering import csv_header, csv_line, json_object
from catalog.storage.manifest import Manifest
from catalog.storage.writing import full_disks_told
from catalog.worksheets import write_worksheet

Format = Literal["csv", "ndjson", "json", "xlsx", "parquet", "arrow"]
BATCH_ROWS = 20_000


def question(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str],
    columns: Sequence[str] | None = None,
    filter: Filter | str | None = None,
    sort: Sort = None,
) -> Question:
    """What to export; raise ColumnNotReadable, FilterInvalid before a byte is written."""
    return ask(table, manifest, schema, policy, key=key, columns=columns, filter=filter, sort=sort)


def stream(asked: Question, format: Literal["csv", "ndjson", "json", "arrow"]) -> Iterator[bytes]:
    """The export in pieces, for formats that need no file; UTF-8 without a byte order mark."""
    match format:
        case "arrow":
            yield from _arrow(asked)
        case "csv":
            yield (csv_header(asked.columns) + "\r\n").encode()
            yield from _lines(asked, csv_line(asked.shown), "\r\n")
        case "ndjson":
            yield from _lines(asked, json_object(asked.shown), "\n")
        case "json":
            yield from _array(asked)


def to_file(asked: Question, format: Format, target: Path) -> int:
    """Write the export to a file; return its size in bytes.

    Raises ExportTooLarge (more rows than a worksheet holds), StorageFull; then no file is left.
    """
    with full_disks_told():
        try:
            match format:
                case "parquet":
                    _parquet(asked, target)
                case "xlsx":
                    write_worksheet(target, _schema(asked), batches(asked))
                case _:
                    with target.open("wb") as file:
                        for piece in stream(asked, format):
                            file.write(piece)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target.stat().st_size


def batches(asked: Question, select: str | None = None) -> Iterator[pa.RecordBatch]:
    """The permitted rows as Arrow batches, in the order asked for."""
    condition, bound = asked.condition()
    order = order_by(asked.order()) if asked.sort else ""
    query = (
        f"SELECT {asked.select()} FROM {asked.source(asked.manifest)} WHERE {condition}"
        f"{' ORDER BY ' + order if order else ''}"
    )
    if select:
        query = f"SELECT {select} AS line FROM ({query})"
    connection = reader()
    try:
        yield from connection.sql(query, params=bound).to_arrow_reader(BATCH_ROWS)
    except duckdb.ConversionException as error:
        raise FilterInvalid(
            "Nilai saringan tidak cocok dengan jenis kolomnya.",
            "A filter value does not fit the type of its column.",
        ) from error
    finally:
        connection.close()


def _schema(asked: Question) -> pa.Schema:
    connection = reader()
    try:
        empty = f"SELECT {asked.select()} FROM {asked.source(())} LIMIT 0"
        return connection.sql(empty).to_arrow_table().schema
    finally:
        connection.close()


def _lines(asked: Question, select: str, end: str) -> Iterator[bytes]:
    for batch in batches(asked, select):
        if batch.num_rows:
            yield (end.join(batch.column(0).to_pylist()) + end).encode()


def _array(asked: Question) -> Iterator[bytes]:
    lead = "["
    for batch in batches(asked, json_object(asked.shown)):
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


def _arrow(asked: Question) -> Iterator[bytes]:
    chunks = _Chunks()
    with pa.ipc.new_stream(pa.PythonFile(chunks, mode="w"), _schema(asked)) as writer:
        for batch in batches(asked):
            writer.write_batch(batch)
            yield chunks.take()
    yield chunks.take()


def _parquet(asked: Question, target: Path) -> None:
    with pq.ParquetWriter(target, _schema(asked), compression="zstd") as writer:
        for batch in batches(asked):
            writer.write_batch(batch)
