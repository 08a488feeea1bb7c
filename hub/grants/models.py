"""Tables of the grants: what was asked, what was given, and the counters that number them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from catalog.models import AccessClass
from catalog.moments import UtcDateTime

Names = list[str] | None
"""Column names, or None for every column that needs no naming."""
Tree = dict[str, Any] | None
"""A row filter as `catalog.policy` reads it, or None for every row."""


class State(StrEnum):
    """Status permintaan (domain.md §4.4); the ladder of escalation adds its own later."""

    WAITING = "menunggu_produsen"
    ACTIVE = "aktif"
    REFUSED = "ditolak"
    ENDED = "berakhir"
    REVOKED = "dicabut"


class AccessRequest(SQLModel, table=True):
    """One request for access; `agency` is None for a party outside the regency."""

    __tablename__ = "hub_access_request"

    id: str = Field(primary_key=True)
    target_type: str = "dataset"
    target: str = Field(index=True)
    producer: str = Field(index=True)
    requester_kind: str
    requester: str = Field(index=True)
    agency: str | None = Field(default=None, index=True)
    purpose: str
    basis: str = ""
    columns: Names = Field(None, sa_column=Column(JSON(none_as_null=True)))
    filter: Tree = Field(None, sa_column=Column(JSON(none_as_null=True)))
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    personal: bool = False
    state: State = Field(default=State.WAITING, index=True)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ground: str | None = None
    reason: str | None = None


class Grant(SQLModel, table=True):
    """Leave to read, for an agency or (outside the regency) for one `grantee`; never edited.

    `access_class` is the dataset's at that time: a grant opens nothing that was closed further since.
    """

    __tablename__ = "hub_grant"
    __table_args__ = (Index("ix_hub_grant_of_agency", "target", "grantee_agency"),)

    id: str = Field(primary_key=True)
    target_type: str = "dataset"
    target: str
    producer: str = Field(index=True)
    access_class: AccessClass
    grantee_agency: str | None = Field(default=None, index=True)
    grantee: str | None = Field(default=None, index=True)
    columns: Names = Field(None, sa_column=Column(JSON(none_as_null=True)))
    filter: Tree = Field(None, sa_column=Column(JSON(none_as_null=True)))
    masks: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    purpose: str
    basis: str = ""
    starts_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    request: str = Field(foreign_key="hub_access_request.id", index=True)
    granted_by: str
    digest: str
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None
    revoke_reason: str | None = None

    def state_at(self, now: datetime) -> State:
        if self.revoked_at is not None:
            return State.REVOKED
        return State.ACTIVE if now < self.expires_at else State.ENDED


class Series(SQLModel, table=True):
    """Last number given out in a series, such as `PD-2025`."""

    __tablename__ = "hub_series"

    name: str = Field(primary_key=True)
    last: int
