"""Tables of the personal data law: failures of protection, and what was disposed of."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


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
