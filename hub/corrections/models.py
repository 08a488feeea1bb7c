"""Tables of reports of wrong values: what was said of which cell, by whom, and who was told."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class CorrectionReport(SQLModel, table=True):
    """One report of one cell; where it stands is its proceeding's, which has the same id.

    `key` names the row, as the catalog does: it may be personal data and is shown only to whoever may
    read the cell. `observed` and `suggested` are values of the cell, for the same eyes. `fixed_in` is the release
    that changed it, `told` how many were told.
    """

    __tablename__ = "hub_correction_report"
    __table_args__ = (Index("ix_hub_correction_report_who", "dataset", "reporter"),)

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    agency: str = Field(index=True)
    release: int
    key: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    field: str
    observed: str | None
    suggested: str | None
    evidence: str
    evidence_entry: str
    reporter_kind: str
    reporter: str = Field(index=True)
    reporter_agency: str | None = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    fixed_in: int | None = None
    statement: str = ""
    told: int = 0


class CorrectionJoined(SQLModel, table=True):
    """Somebody else who reported the same cell while the report was open; once each."""

    __tablename__ = "hub_correction_joined"

    report: str = Field(foreign_key="hub_correction_report.id", primary_key=True)
    reporter: str = Field(primary_key=True)
    reporter_kind: str
    reporter_agency: str | None = Field(index=True)
    suggested: str | None
    evidence: str
    evidence_entry: str
    at: datetime = Field(sa_type=UtcDateTime)
