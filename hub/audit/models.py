"""What the ledger's pages and its API answer."""

from typing import Any

from pydantic import BaseModel


class EntryOut(BaseModel):
    """`entry` is the evidence as it was hashed; `index` is null until the next checkpoint."""

    entry_id: str
    entry_hash: str
    index: int | None
    entry: dict[str, Any]


class EntriesOut(BaseModel):
    """Newest first; `next` is the cursor of the older ones."""

    items: list[EntryOut]
    next: str | None


class CheckpointOut(BaseModel):
    """`checkpoint` is the C2SP signed note; keep it, and the key, outside the hub."""

    checkpoint: str
    size: int
    root: str
    key: str
