"""The contract that every kind of source keeps: check, discover, read, acknowledge.

State is JSON. The hub commits it in the transaction of its batch and hands the last committed
state to the next `read`: the same state gives the same rows or later ones (at least once), and
upsert by key makes that effectively once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from connectors.errors import LayerName, Sentence
from connectors.transport import NetworkPolicy

Format = Literal["csv", "ndjson", "json", "xlsx", "xls", "ods", "parquet"]
Mode = Literal["append", "upsert", "replace"]
Outcome = Literal["ok", "failed", "skipped"]
State = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One layer of a check; `skipped` when a layer below it failed or it does not apply."""

    name: LayerName
    outcome: Outcome
    sentence: Sentence


@dataclass(frozen=True)
class Report:
    """The layers of a check, lowest first."""

    layers: tuple[Layer, ...]

    @property
    def ok(self) -> bool:
        return self.failing is None

    @property
    def failing(self) -> Layer | None:
        """The first layer that failed, or None."""
        return next((layer for layer in self.layers if layer.outcome == "failed"), None)


@dataclass(frozen=True)
class Column:
    """`types`: JSON types seen in a sample ("string", "integer", …); empty when unknown."""

    name: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stream:
    """One thing a source can be read for. Keys and cursors are guesses from a sample."""

    name: str
    columns: tuple[Column, ...] = ()
    keys: tuple[str, ...] = ()
    cursors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Rows as they were served, in a file of a format the schema gate judges.

    `file` lies in the work directory and belongs to the receiver from here on. `complete`: this
    file alone is everything the stream holds now, so mode replace is safe. `mode` is a hint.
    `origin` names it to people (a file name, a page range), never a URL. `sha256` and `size`
    are of `file`.
    """

    file: Path
    format: Format
    state: State
    origin: str
    sha256: str
    size: int
    rows: int | None = None
    mode: Mode | None = None
    complete: bool = False


@dataclass(frozen=True)
class Bounds:
    """What a source may touch: a directory to spool into, a network, and folders below `roots`."""

    work: Path
    network: NetworkPolicy
    roots: tuple[Path, ...] = field(default=())


class Source(Protocol):
    """A kind registers its class, in `connectors.registry` or by entry point `simpul.connectors`.

    `options_schema` is a JSON Schema (2020-12) of one flat object, from which the form, the CLI and
    the validation come. `title` and `description` are Indonesian, their English stands in
    `x-title-en` and `x-description-en`. A property marked `writeOnly` is a secret.
    `Source(options, bounds)` gets options and secrets merged, already valid, and opens nothing.
    """

    options_schema: Mapping[str, Any]

    def __init__(self, options: Mapping[str, Any], bounds: Bounds) -> None: ...

    def check(self) -> Report:
        """Try each layer from the lowest; never raises for what the source does."""
        ...

    def discover(self) -> list[Stream]:
        """Raises ConnectorError when the source cannot be looked into."""
        ...

    def read(self, stream: str, state: State) -> Iterator[Batch]:
        """Batches after `state` ({} for the first time); none when nothing is new.

        Raises ConnectorError; batches already yielded stay good.
        """
        ...

    def acknowledge(self, stream: str, state: State) -> None:
        """The hub has committed `state`: tidy up. Safe to repeat, and to miss."""
        ...
