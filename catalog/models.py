"""Tables of what has been published: datasets and their immutable releases."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class AccessClass(StrEnum):
    """Kelas akses (domain.md §3.3): how a dataset opens to other agencies."""

    TERBUKA = "TERBUKA"
    BERBAGI = "BERBAGI"
    TERBATAS = "TERBATAS"
    PRIBADI = "PRIBADI"
    PRIBADI_SPESIFIK = "PRIBADI_SPESIFIK"
    DIKECUALIKAN = "DIKECUALIKAN"


class Frequency(StrEnum):
    """How often a dataset is renewed (domain.md §2.7, `frekuensi`)."""

    REAL_TIME = "real_time"
    DAILY = "harian"
    WEEKLY = "mingguan"
    MONTHLY = "bulanan"
    QUARTERLY = "triwulanan"
    HALF_YEARLY = "semesteran"
    YEARLY = "tahunan"
    INCIDENTAL = "insidental"


class Dataset(SQLModel, table=True):
    """One dataset of one agency; `id` is `agency/slug`, its public name."""

    __tablename__ = "catalog_dataset"

    id: str = Field(primary_key=True)
    agency: str = Field(index=True)
    slug: str
    title: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    topic: str = Field(default="", index=True)
    keywords: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    schema_name: str
    schema_version: str
    intake: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    severities: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    access_class: AccessClass = Field(default=AccessClass.BERBAGI, index=True)
    class_note: str = ""
    restriction_basis: str = ""
    kip_class: str = ""
    personal_data: str = "tidak"
    priority: bool = False
    frequency: Frequency = Frequency.INCIDENTAL
    data_date: date | None = None
    update_schedule: str = ""
    coverage_area: str = ""
    coverage_level: str = ""
    reference_codes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    licence: str = ""
    contact_post: str = ""
    source_note: str = ""
    synthetic: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Release(SQLModel, table=True):
    """One immutable state of a dataset; readers follow `files`, never the Delta log.

    One that was `disposed` of (its time of keeping is over) has no files any more.
    """

    __tablename__ = "catalog_release"
    __table_args__ = (UniqueConstraint("dataset", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    number: int
    delta_version: int
    files: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    sha256: str
    rows: int
    added: int
    changed: int
    removed: int
    schema_name: str
    schema_version: str
    batch: str
    published_at: datetime = Field(sa_type=UtcDateTime, index=True)
    note: str = ""
    disposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
