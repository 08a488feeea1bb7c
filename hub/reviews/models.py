"""Tables of what is collected: variables of schemas, reasons to collect again, reviews and opinions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Role(StrEnum):
    """What a column is in its record; only `VARIABLE` is collected, the others lead elsewhere."""

    KEY = "kunci"
    REFERENCE = "rujukan"
    CODE = "kode"
    VARIABLE = "peubah"


class Variable(SQLModel, table=True):
    """One column of one version of a schema, as it is compared; `term` and `concept` may be empty.

    `word` is the name in small letters with single underscores. A published version never changes,
    so neither does its row.
    """

    __tablename__ = "hub_variable"

    schema_name: str = Field(primary_key=True)
    schema_version: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    title: str
    title_en: str
    word: str = Field(index=True)
    kind: str
    format: str
    term: str = Field(index=True)
    concept: str = Field(index=True)
    personal: str
    role: str


class CollectionReason(SQLModel, table=True):
    """Why a dataset collects what others hold already; the last word stands, the ledger has all.

    `holders` are the datasets that were named when it was given.
    """

    __tablename__ = "hub_collection_reason"

    dataset: str = Field(foreign_key="catalog_dataset.id", primary_key=True)
    field: str = Field(primary_key=True)
    term: str
    holders: list[str] = Field(sa_column=Column(JSON, nullable=False))
    ground: str
    reason: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Review(SQLModel, table=True):
    """One review of new fields of a dataset; its state and clock are its proceeding's.

    `fields` is what is reviewed, by name: `{"term", "personal", "holders"}`. `round` counts how often
    it was sent in. `outcome` is empty while it runs; `excluded` is what may not be collected then.
    """

    __tablename__ = "hub_review"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    agency: str = Field(index=True)
    schema_name: str
    schema_version: str
    fields: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    round: int = 1
    outcome: str = ""
    excluded: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    opened_by: str
    opened_at: datetime = Field(sa_type=UtcDateTime)


class Opinion(SQLModel, table=True):
    """What one named reviewer said of one round of a review; a later word replaces the earlier."""

    __tablename__ = "hub_review_opinion"

    review: str = Field(foreign_key="hub_review.id", primary_key=True)
    round: int = Field(primary_key=True)
    reviewer: str = Field(primary_key=True)
    choice: str
    reason: str
    by: str
    post_title: str
    at: datetime = Field(sa_type=UtcDateTime)
