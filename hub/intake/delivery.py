"""What the gate is given: a batch that has been collected, pushed or pulled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catalog.keyfiles import KeyFile
from catalog.models import Dataset
from hub.intake.models import Mode, OnError
from hub.intake.spool import Spooled
from hub.ledger.entry import Actor
from schemas.document import SchemaDocument


@dataclass(frozen=True)
class Delivery:
    """A batch that has been collected: bytes on disk and what was said about them."""

    id: str
    dataset: Dataset
    document: SchemaDocument
    codes: dict[str, Path]
    body: Spooled
    format: str
    mode: Mode
    on_error: OnError
    via: str
    actor: Actor
    received_at: datetime
    source: str | None = None
    references: Mapping[int, tuple[KeyFile, ...]] = field(default_factory=dict)
    """For each reference of the schema that can be checked, by its place: the keys it may name."""
    held: tuple[Path, ...] | None = None
    """Files of the release whose keys are to be compared row by row."""
    corrects: str | None = None
    """The batch whose quarantine this one brings right, as far as it does."""
    sheet: str | None = None
    header_row: int | None = None
    """Where in a workbook the rows are; the row counts from 1."""
