"""Tables of the outbox: events, and how far each subscriber has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime

Counter = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts INTEGER keys only


class OutboxEvent(SQLModel, table=True):
    """One fact. `seq` is given at insertion, `position` after commit: only that is gapless."""

    __tablename__ = "hub_outbox_event"

    seq: int | None = Field(
        default=None, sa_column=Column(Counter, primary_key=True, autoincrement=True)
    )
    id: str = Field(unique=True)
    position: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    type: str
    dataset: str | None = Field(default=None, index=True)
    subject: str | None = Field(default=None)
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime)


class OutboxCursor(SQLModel, table=True):
    """`position` of the last event that a subscriber has taken."""

    __tablename__ = "hub_outbox_cursor"

    subscriber: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
