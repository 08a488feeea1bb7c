"""Parquet files and Arrow streams: columns come typed, an empty cell is null or absent as in CSV.

Their bytes say where each value lies, and the libraries take that at its word: every batch is checked whole
before anybody looks into it.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.blocks import Block
from schemas.gate.kinds import readable
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note

_ROWS = 10_000


class ColumnarReader:
    """A Parquet file or an Arrow IPC stream; numbers are positions from 1."""

    typed = True
    spreadsheet = False

    def __init__(self, path: Path, form: str, limits: Limits) -> None:
        self._path, self._form = path, form
        try:
            schema = self._schema()
            self.header: list[str] | None = list(schema.names)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error
        if len(self.header) > limits.columns:
            raise FileTooLarge(
                f"Berkas mempunyai lebih dari {limits.columns} kolom.",
                f"The file has more than {limits.columns} columns.",
            )

    def notes(self) -> list[Note]:
        return []

    def blocks(self) -> Iterator[Block]:
        before = 0
        try:
            for batch in self._batches():
                batch.validate(full=True)
                for part in _parts(batch):
                    columns = {
                        n: readable(n, c)
                        for n, c in zip(self.header or [], part.columns, strict=True)
                    }
                    yield Block(range(before + 1, before + part.num_rows + 1), columns=columns)
                    before += part.num_rows
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error

    def _schema(self) -> pa.Schema:
        if self._form == "parquet":
            return pq.read_schema(self._path)
        with pa.OSFile(str(self._path)) as source, pa.ipc.open_stream(source) as stream:
            return stream.schema

    def _batches(self) -> Iterator[pa.RecordBatch]:
        if self._form == "parquet":
            with pq.ParquetFile(self._path, buffer_size=1 << 16, pre_buffer=False) as file:
                yield from file.iter_batches(_ROWS, use_threads=False)
            return
        with pa.OSFile(str(self._path)) as source, pa.ipc.open_stream(source) as stream:
            yield from stream

    def _unreadable(self, error: Exception) -> UnreadableFile:
        name = "Parquet" if self._form == "parquet" else "Arrow"
        return UnreadableFile(
            f"Berkas {name} rusak, terpotong, atau bukan {name}.",
            f"The file is damaged, cut off, or not {name}.",
            str(error)[:200],
        )


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, _ROWS):
        yield batch.slice(start, _ROWS)
