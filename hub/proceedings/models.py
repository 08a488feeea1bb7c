"""Tables of what waits for somebody: where it stands, every step it took, and what is to be told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Enum
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Proceeding(SQLModel, table=True):
    """One of them; `id` is that of its subject. Moments are of the business clock.

    `version` is that of the rule book under which it began. `due_at` ends the term of its state;
    `ends_at` is when it was closed. `requester` and `producer` are the codes of the parties' agencies,
    `person` and `client` who began it.
    """

    __tablename__ = "hub_proceeding"

    id: str = Field(primary_key=True)
    procedure: str = Field(index=True)
    version: int
    state: str = Field(index=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    entered_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    requester: str | None = Field(default=None, index=True)
    producer: str | None = Field(default=None, index=True)
    dataset: str | None = Field(default=None, index=True)
    person: str | None = None
    client: str | None = None
    steps: int = 0
    last_hash: str = ""


class Step(SQLModel, table=True):
    """One move, never edited; 1 is the opening. `hash` covers the step and the hash before it.

    `post_title` is the jabatan in which the actor moved it, `said` what else was said (ground,
    holder, columns), `entry` the ledger's.
    """

    __tablename__ = "hub_proceeding_step"

    proceeding: str = Field(foreign_key="hub_proceeding.id", primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    event: str
    from_state: str
    to_state: str
    by_clock: bool = False
    actor: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    post_title: str = ""
    reason: str = ""
    said: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    entry: str
    previous_hash: str
    hash: str


class NoticeState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    DROPPED = "dropped"
    """Somebody acted before it was time."""


_NOTICE_STATE = Enum(
    NoticeState, native_enum=False, length=32, values_callable=lambda words: list(words)
)


class PlannedNotice(SQLModel, table=True):
    """What will be told about a step's term, at its time; `mark` is H-2, H, H+1 and the like."""

    __tablename__ = "hub_proceeding_notice"

    proceeding: str = Field(foreign_key="hub_proceeding.id", primary_key=True)
    step: int = Field(primary_key=True)
    mark: str = Field(primary_key=True)
    to: str = Field(primary_key=True)
    days: int
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    state: NoticeState = Field(
        default=NoticeState.PLANNED, sa_column=Column(_NOTICE_STATE, nullable=False, index=True)
    )


class Heartbeat(SQLModel, table=True):
    """When the clock of the proceedings last ticked; there is one row."""

    __tablename__ = "hub_proceeding_heartbeat"

    id: int = Field(default=1, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Series(SQLModel, table=True):
    """Last number given out in a series, such as `PD-2025`."""

    __tablename__ = "hub_series"

    name: str = Field(primary_key=True)
    last: int
