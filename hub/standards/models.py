"""Tables and wire shapes of published schemas."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class SchemaVersion(SQLModel, table=True):
    """One published version, never edited; `body` is the text exactly as it was sent."""

    __tablename__ = "hub_schema_version"

    name: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    body: str
    published_by: str
    agency: str
    at: datetime = Field(sa_type=UtcDateTime)


class SchemaLine(BaseModel):
    """One schema in the list; `versions` from the oldest to the newest."""

    name: str
    title: str
    title_en: str
    versions: list[str]
    latest: str
    url: str


class VersionOut(BaseModel):
    """One version; `published_by`, `agency` and `at` are null for those that come with the hub."""

    name: str
    version: str
    title: str
    title_en: str
    url: str
    sha256: str
    published_by: str | None
    agency: str | None
    at: datetime | None
    document: dict[str, Any]


class PublishedOut(BaseModel):
    name: str
    version: str
    url: str
    sha256: str
    receipt: dict[str, str]


class ReasonOut(BaseModel):
    code: str
    pointer: str
    message_id: str
    message_en: str


class CompatibilityOut(BaseModel):
    """Whether a document may follow `against` (null when it would be the first of its name)."""

    compatible: bool
    against: str | None
    rule: str
    reasons: list[ReasonOut]
