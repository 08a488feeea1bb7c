"""Drafts of schemas as they lie between steward and walidata."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Enum
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime
from hub.identifiers import new_id


class DraftState(StrEnum):
    """`draft` and `returned` are the steward's, `sent` is the walidata's, `published` is the end."""

    DRAFT = "draft"
    SENT = "sent"
    RETURNED = "returned"
    PUBLISHED = "published"


_WORD = Enum(DraftState, native_enum=False, length=32, values_callable=lambda words: list(words))


class SchemaDraft(SQLModel, table=True):
    """`plan` is what people edit, `evidence` what the file showed, `said` what the dataset will be.

    `outcome` is what the gate made of the file under the plan. The shapes are `Plan`, `Draft`,
    `Wishes` and `Outcome`.
    """

    __tablename__ = "hub_schema_draft"

    id: str = Field(default_factory=new_id, primary_key=True)
    agency: str = Field(foreign_key="hub_agency.code", index=True)
    state: DraftState = Field(
        default=DraftState.DRAFT, sa_column=Column(_WORD, nullable=False, index=True)
    )
    made_by: str
    plan: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    said: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    evidence: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    outcome: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str = ""
    file_name: str
    file_form: str
    file_sha256: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: str = ""
