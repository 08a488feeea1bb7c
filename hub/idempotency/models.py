"""Table of answers already given, by caller, key and route."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class IdempotencyKey(SQLModel, table=True):
    """`body` is the answer; it is null only inside the transaction that is making it."""

    __tablename__ = "hub_idempotency"

    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    digest: str
    body: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
