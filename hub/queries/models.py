"""Tables of queries that were run and of queries that were saved."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class QueryState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABORTED = "aborted"
    """The answer was cut short while it left."""
    LOST = "lost"
    """The process that ran it ended without a word."""


class Query(SQLModel, table=True):
    """One query, from half a second after it began, or from its end when that is sooner.

    `asked_by` is the id of a person or program. `sealed` is the text, which may hold personal data:
    only the hub's key opens it. `tables` are ids of datasets. `seen_at` moves while it runs.
    `problem` is the type of what it failed with. `stop` is set by whoever wants it to end.
    """

    __tablename__ = "hub_query"

    id: str = Field(primary_key=True)
    asked_by: str = Field(index=True)
    sealed: bytes
    format: str
    state: str
    begun_at: datetime = Field(sa_type=UtcDateTime, index=True)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ms: int | None = None
    rows: int | None = Field(default=None, sa_type=BigInteger)
    capped: str | None = None
    tables: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    problem: str | None = None
    stop: bool = False


class Sharing(StrEnum):
    PRIVATE = "private"
    AGENCY = "agency"


class SavedQuery(SQLModel, table=True):
    """A text and a chart that its owner keeps; `agency` is whom it is shared with, if anybody.

    Nothing that it reads is shared along. `version` grows with every change.
    """

    __tablename__ = "hub_saved_query"

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    agency: str | None = Field(default=None, index=True, foreign_key="hub_agency.code")
    title: str
    description: str = ""
    sealed: bytes
    chart: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
