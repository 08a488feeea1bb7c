"""The rows of a query on their way from the engine into a file: one batch in memory at a time."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

import pyarrow as pa

from catalog.duck import reader
from catalog.engine import capped, types_of
from catalog.export import distinct
from hub.access.subjects import Watch


@dataclass
class Arriving:
    """The first `most` rows of `source`, whose first batch tells its columns; read them once.

    What comes after them is `left`. Column names are made unique. `count` and `cut` are true once
    the rows were read, and so is what `watch` saw in them; `cut` is "rows" when there are more, else what the engine says.
    """

    source: Iterator[pa.RecordBatch]
    most: int
    count: int = 0
    cut: str | None = None
    watch: Watch | None = None
    _first: pa.RecordBatch = field(init=False)
    _beyond: pa.RecordBatch | None = None

    def __post_init__(self) -> None:
        self._first = next(self.source)

    @property
    def _names(self) -> list[str]:
        names: list[str] = self._first.schema.names
        return distinct(names)

    @property
    def types(self) -> dict[str, str]:
        return dict(zip(self._names, types_of(self._first.schema), strict=True))

    def schema(self) -> pa.Schema:
        plain = self._first.schema.remove_metadata()
        return pa.schema(
            [field.with_name(name) for field, name in zip(plain, self._names, strict=True)]
        )

    def batches(self, line: str | None = None) -> Iterator[pa.RecordBatch]:
        if line is None:
            yield from self._taken()
            return
        # A name of its own, for other threads render answers on the same connection.
        name = f"arrived_{uuid.uuid4().hex}"
        told = f"SELECT {line} AS line FROM {name}"  # noqa: S608 - our own expression
        with closing(reader()) as connection:
            for batch in self._taken():
                connection.register(name, pa.Table.from_batches([batch]))
                try:
                    yield from connection.sql(told).to_arrow_table().to_batches()
                finally:
                    connection.unregister(name)

    def left(self) -> Iterator[pa.RecordBatch]:
        """The batches that follow; the schema of the last says whether the engine cut them."""
        if self._beyond is not None:
            yield self._beyond
        yield from self.source

    def _taken(self) -> Iterator[pa.RecordBatch]:
        schema = self.schema()
        for batch in chain([self._first], self.source):
            room = self.most - self.count
            if batch.num_rows > room:
                self.cut, self._beyond = "rows", batch.slice(room)
            else:
                self.cut = capped(batch)
            shown = batch.slice(0, room)
            self.count += shown.num_rows
            if self.watch is not None:
                self.watch.see(shown)
            if shown.num_rows:
                yield pa.RecordBatch.from_arrays(shown.columns, schema=schema)
            if self._beyond is not None:
                return
