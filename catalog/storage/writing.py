"""Writing the files of a release: bounded size, sorted as given, on the disk before we go on."""

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError

from catalog.errors import StorageFull
from catalog.storage.manifest import DataFile, key_value

FILE_ROWS = 100_000
"""Rows of a full file: small enough that ten changed rows rewrite little, large enough to scan."""

GROUP_ROWS = 25_000
"""Rows of a row group: a page of rows, however deep, reads one or two of them."""

# A reader decodes whole pages and whole dictionaries: small ones make the first 100 rows cheap,
# and giving up early on a dictionary of nearly distinct values makes the file smaller too.
_PAGES = {"data_page_size": 64 * 1024, "dictionary_pagesize_limit": 64 * 1024}


def sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_and_digest(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


class ReleaseWriter:
    """Writes rows, which come in key order, into files of at most `file_rows` rows.

    Leaving the block by an exception removes what was written.
    """

    def __init__(
        self, table: Path, schema: pa.Schema, key: tuple[str, ...], file_rows: int = FILE_ROWS
    ) -> None:
        self._table, self._schema, self._key = table, schema, key
        self.file_rows = file_rows
        self.files: list[DataFile] = []
        self._touched: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self._first: list[object] | None = None
        self._last: list[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            return
        if self._writer is not None:
            abandon(self._writer)
        for path in self._touched:
            path.unlink(missing_ok=True)

    def write(
        self, batches: Iterable[pa.RecordBatch], file_rows: int | None = None
    ) -> list[DataFile]:
        """Write one run of rows and close its last file; return the files of this run."""
        size, before = file_rows or self.file_rows, len(self.files)
        held: list[pa.RecordBatch] = []
        waiting = 0
        for batch in batches:
            while batch.num_rows:
                # Groups may not straddle files, so the last group of a file may be short.
                room = min(GROUP_ROWS - waiting, size - self._rows - waiting)
                piece = batch.slice(0, room)
                held.append(piece)
                waiting += piece.num_rows
                batch = batch.slice(piece.num_rows)
                if waiting == GROUP_ROWS or self._rows + waiting == size:
                    self._write_group(held)
                    held, waiting = [], 0
                    if self._rows == size:
                        self._close_file()
        if waiting:
            self._write_group(held)
        self._close_file()
        return self.files[before:]

    def sync(self) -> None:
        """Make the names of the new files durable; call once after the last run."""
        if self.files:
            sync_directory(self._table)

    def _write_group(self, held: list[pa.RecordBatch]) -> None:
        rows = pa.Table.from_batches(held).cast(self._schema)
        if self._writer is None:
            path = self._table / f"part-{uuid.uuid4().hex}.parquet"
            self._touched.append(path)
            self._writer = pq.ParquetWriter(
                path, self._schema, compression="zstd", compression_level=1, **_PAGES
            )
            self._first = self._key_at(rows, 0)
        self._writer.write_table(rows, row_group_size=GROUP_ROWS)
        self._rows += rows.num_rows
        self._last = self._key_at(rows, rows.num_rows - 1)

    def _key_at(self, rows: pa.Table, index: int) -> list[object] | None:
        if not self._key:
            return None
        return [key_value(rows.column(column)[index].as_py()) for column in self._key]

    def _close_file(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        path = self._touched[-1]
        digest = _sync_and_digest(path)
        self.files.append(
            DataFile(path.name, self._rows, path.stat().st_size, digest, self._first, self._last)
        )
        self._rows = 0


def abandon(writer: pq.ParquetWriter) -> None:
    """Close a writer whose file is to be thrown away, however the disk feels about it."""
    try:
        writer.close()
    except (OSError, pa.ArrowException):
        return


@contextmanager
def workshop(table: Path) -> Iterator[Path]:
    """A private directory for one staging, removed afterwards."""
    room = table / ".work" / uuid.uuid4().hex
    with full_disks_told():
        try:
            room.mkdir(parents=True)
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


@contextmanager
def full_disks_told() -> Iterator[None]:
    """Turn the many ways of saying that the disk is full into StorageFull."""
    try:
        yield
    except (OSError, duckdb.Error, pa.ArrowException, DeltaError) as error:
        if is_full(error):
            raise StorageFull from error
        raise


def is_full(error: BaseException) -> bool:
    """Whether an error of the system, of Arrow or of DuckDB says that space has run out."""
    if getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return True
    text = str(error).casefold()
    return any(
        sign in text
        for sign in ("no space left", "disk quota", "file too large", "max_temp_directory_size")
    )
