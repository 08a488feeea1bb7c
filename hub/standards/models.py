"""Tables and wire shapes of published schemas."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
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


class SchemaSubject(SQLModel, table=True):
    """What was set for a schema as a whole; a name without a row follows the default mode."""

    __tablename__ = "hub_schema_subject"

    name: str = Field(primary_key=True)
    mode: str
    changed_by: str
    changed_at: datetime = Field(sa_type=UtcDateTime)


class SchemaNotice(SQLModel, table=True):
    """A major that was superseded by a breaking version; until `until` it is served as before."""

    __tablename__ = "hub_schema_notice"

    name: str = Field(primary_key=True)
    major: int = Field(primary_key=True)
    until: date
    by_version: str
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
    notice_until: date | None


class NoticeOut(BaseModel):
    """A major that ends after `until`, and the version that followed it."""

    major: int
    until: date
    by: str


class ModeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: str


class ConfigOut(BaseModel):
    """How a schema may go on; `changed_by` and `changed_at` are null while it follows the default."""

    name: str
    mode: str
    changed_by: str | None
    changed_at: datetime | None
    notices: list[NoticeOut]


class ReasonOut(BaseModel):
    """One change that breaks `against` in `direction`."""

    code: str
    pointer: str
    message_id: str
    message_en: str
    direction: str
    against: str


class RefusalOut(BaseModel):
    pointer: str
    rule: str
    message_id: str
    message_en: str
    detail: str


class WitnessOut(BaseModel):
    """Rows that one version takes and the other does not."""

    direction: str
    accepted_by: str
    refused_by: str
    rows: list[Any]
    refusals: list[RefusalOut]


class VerdictOut(BaseModel):
    """Whether a document may follow `against` (null when it would be the first of its name).

    `rule` is the mode of the schema, `asked` the versions it was held against, newest first.
    """

    compatible: bool
    against: str | None
    rule: str
    asked: list[str]
    reasons: list[ReasonOut]
    witnesses: list[WitnessOut]
