"""The table of one-time codes."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class EntryCode(SQLModel, table=True):
    """A code on paper that lets one person choose a password, once. `hash` is keyed by the hub's key."""

    __tablename__ = "hub_auth_entry_code"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
