"""Tables of the index: what was measured and when, the yearly reports, declared lead times, contests."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Snapshot(SQLModel, table=True):
    """The index of one agency for one month (`2026-10`), as it was measured; never edited.

    A later version stands beside the earlier ones and says why it was made. `final` when the month
    was over at `as_of`. `cases` are the inputs by component, `digest` (SHA-256) is over them and the
    version of the book; `shown` is told and not scored. Moments are of the business clock.
    """

    __tablename__ = "hub_openness_snapshot"

    agency: str = Field(foreign_key="hub_agency.code", primary_key=True)
    month: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    final: bool
    as_of: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    why: str
    contest: str | None = None
    score: float | None = None
    band: str | None = None
    components: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    cases: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    shown: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    book_version: int
    digest: str
    entry: str


class YearlyReport(SQLModel, table=True):
    """The report of one year as it was made; `body` are its figures, the newest version is shown."""

    __tablename__ = "hub_openness_report"

    year: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    as_of: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str
    entry: str


class DeclaredLead(SQLModel, table=True):
    """How many working days the owner says an answer takes, from `at` on; None takes it back."""

    __tablename__ = "hub_openness_declared_lead"

    dataset: str = Field(foreign_key="catalog_dataset.id", primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    days: int | None = None
    declared_by: str


class Contest(SQLModel, table=True):
    """An agency says that cases of a component were counted wrongly; its states are a proceeding.

    `wanted` is what it says they are: `counted_good` or `left_out`. Once `upheld_at` is set, every
    later measurement counts them so.
    """

    __tablename__ = "hub_openness_contest"

    id: str = Field(primary_key=True)
    agency: str = Field(foreign_key="hub_agency.code", index=True)
    month: str
    version: int
    component: str
    cases: list[str] = Field(sa_column=Column(JSON, nullable=False))
    wanted: str
    reason: str
    evidence: str = ""
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    upheld_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    corrected_version: int | None = None
