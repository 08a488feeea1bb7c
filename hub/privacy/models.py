"""Tables of the personal data law: failures of protection, and what was disposed of."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Disposal(SQLModel, table=True):
    """What was removed when its time of keeping was over, with the proof (berita acara pemusnahan).

    `what` names it by counts and digests alone, `digest` is its SHA-256 as the ledger's `entry` has it.
    `gone_at` is when it was seen that nothing of it is left on disk.
    """

    __tablename__ = "hub_disposal"

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    dataset: str | None = Field(default=None, index=True)
    what: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str
    rule: str
    days: int
    rules: int
    at: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    entry: str


class BreachState(StrEnum):
    OPEN = "terbuka"
    TOLD = "diberitahukan"
    CLOSED = "selesai"


class Breach(SQLModel, table=True):
    """One failure of protection (UU 27/2022 pasal 46): its clock runs from `known_at`, in hours.

    The report is read from the ledger anew at every look, for the reads in the scope up to `opened_at`;
    `digest` is that of its entries when it was opened. `told` is when whom was told.
    """

    __tablename__ = "hub_privacy_breach"

    id: str = Field(primary_key=True)
    state: str = Field(default=BreachState.OPEN.value, index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    dataset: str | None = None
    agency: str | None = None
    party: str | None = None
    columns: list[str] = Field(sa_column=Column(JSON, nullable=False))
    what: str
    handling: str = ""
    known_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    rules: int
    entries: int
    digest: str
    told: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: str
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_because: str = ""
