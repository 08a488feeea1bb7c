"""Tables of access: announced changes, recorded decisions, rows of a day, checks of the grants."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class PromiseNotice(SQLModel, table=True):
    """A change that was announced to the readers of a dataset; it may be made from `until` on.

    One that was made at once has its urgent `reason`, and that day as `until`.
    """

    __tablename__ = "hub_promise_notice"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    until: date
    reason: str = ""
    announced_by: str
    at: datetime = Field(sa_type=UtcDateTime)


class AccessAttributes(SQLModel, table=True):
    """What was known of a reader, a dataset or a grant at a decision; named by its own SHA-256.

    `body` is canonical JSON (`hub.access.inputs`). The same attributes are kept once, for ever.
    """

    __tablename__ = "hub_access_attributes"

    digest: str = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class AccessDecision(SQLModel, table=True):
    """One decision that opened or refused a reader, with references to all it was made from.

    `principal` (none for a visitor), `dataset` and `grants` are digests of attributes; `rules` is
    the version of `judge`. `times` counts refusals of the same in one second.
    """

    __tablename__ = "hub_access_decision"

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    subject: str
    action: str
    target: str
    picked: str | None
    purpose: str | None
    audience: str | None
    principal: str | None
    dataset: str
    grants: list[str] = Field(sa_column=Column(JSON, nullable=False))
    rules: str
    allow: bool
    reason: str
    grant: str | None
    outcome: str
    times: int = 1


class RowsOfDay(SQLModel, table=True):
    """Rows that left under a grant with a daily limit, on one day of the instance's zone."""

    __tablename__ = "hub_access_rows_of_day"

    grant: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    rows: int = Field(sa_type=BigInteger)


class GrantCheck(SQLModel, table=True):
    """One run over all grants: live ones really read a row, ended ones were really refused.

    `drift` lists those that did not do as they should.
    """

    __tablename__ = "hub_access_grant_check"

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    live: int
    ended: int
    drift: list[dict[str, str]] = Field(sa_column=Column(JSON, nullable=False))
