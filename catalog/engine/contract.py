"""What every query engine can do; one contract suite runs against all of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

Tables = Mapping[str, Sequence[Path]]
"""Table name as in SQL ("bkad.sub_kegiatan") to the Parquet files that hold exactly what may be read."""


@dataclass(frozen=True)
class Told:
    """Rows of a table that are marked: `said` by their place, a JSON list of the texts of their `key`."""

    key: tuple[str, ...]
    said: Mapping[str, str]


CAPPED = b"simpul.capped"
TYPES = b"simpul.types"


@dataclass(frozen=True)
class Limits:
    """What one query may use. The answer is cut at `rows` or `bytes` (of Arrow), whichever is first.

    A query whose plan expects to handle more than `work` rows in one step is not run at all.
    """

    seconds: float = 30.0
    rows: int = 100_000
    bytes: int = 256 * 1024**2
    wait_seconds: float = 10.0
    work: int | None = None


@dataclass(frozen=True)
class Capabilities:
    """What callers may rely on: the SQL dialect is that of `name` and `version`."""

    name: str
    version: str
    concurrent: int


@dataclass(frozen=True)
class Opened:
    """Tables an engine has made ready; those `marked` have the column of marks."""

    tables: dict[str, tuple[Path, ...]]
    marked: Mapping[str, Told] = field(default_factory=dict)


class Engine(Protocol):
    """Seven methods. SQL must have passed catalog.sqlgate; tables must be slices."""

    def capabilities(self) -> Capabilities:
        """Name, version and how many queries run side by side."""

    def open(self, tables: Tables, marked: Mapping[str, Told] | None = None) -> Opened:
        """Make tables ready for queries; those `marked` get the column that says what."""

    def submit(self, opened: Opened, sql: str, limits: Limits) -> str:
        """Start a query and return its id; raise EngineBusy."""

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """The answer, at least one batch (perhaps empty) so that its schema is known.

        The schema's metadata has the engine's names of the types (`types_of`); that of the last
        batch says when the answer was cut (`capped`).
        Raises QueryFailed, QueryCostly, QueryTooSlow, QueryCancelled.
        """

    def estimate(self, opened: Opened, sql: str, limits: Limits) -> int:
        """Rows that the largest step of the plan expects to handle; nothing is run.

        Raises what `submit` and `batches` raise.
        """

    def cancel(self, query: str) -> None:
        """Stop a query at once; a no-op when it has ended."""

    def close(self) -> None:
        """Stop everything and free what is held."""


def types_of(schema: pa.Schema) -> list[str]:
    """The engine's names of the columns' types, in order."""
    types: list[str] = json.loads(schema.metadata[TYPES])
    return types


def capped(answer: pa.Table | pa.RecordBatch) -> str | None:
    """ "rows" or "bytes" when the answer was cut there, else None."""
    value = (answer.schema.metadata or {}).get(CAPPED)
    return value.decode() if value else None
