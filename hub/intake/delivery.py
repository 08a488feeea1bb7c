"""What the gate is given: a batch that has been collected, pushed or pulled."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
    corrects: str | None = None
    """The batch whose quarantine this one brings right, as far as it does."""
