"""Tables of the law on personal data beside the grants: processing records, impact assessments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime

Words = dict[str, str]
"""One text in both languages: `{"id", "en"}`."""


def _json() -> Any:
    return Column(JSON, nullable=False)


class ProcessingRecord(SQLModel, table=True):
    """Catatan pemrosesan (UU 27/2022 pasal 31; domain.md §2.3), written with the grant it is of.

    When it ended is the grant's to say. `basis` is a code of the book's six; `basis_stated` is false while
    the requester has not chosen it and the book's assumption stands. `carried` ones are of grants from
    before there were records. `assessment` is what was known of one then.
    """

    __tablename__ = "hub_processing_record"

    id: str = Field(primary_key=True)
    grant: str = Field(foreign_key="hub_grant.id", unique=True)
    request: str
    dataset: str = Field(index=True)
    controller: str = Field(index=True)
    processor: str | None = None
    recipient: str | None = Field(default=None, index=True)
    recipients: list[str] = Field(sa_column=_json())
    activity: str
    purpose: str
    basis: str
    basis_stated: bool
    article: str
    subject_categories: list[str] = Field(sa_column=_json())
    data_categories: list[dict[str, str]] = Field(sa_column=_json())
    source: str
    abroad: bool = False
    retention_days: int
    disposal: Words = Field(sa_column=_json())
    safeguards: list[Words] = Field(sa_column=_json())
    assessment: dict[str, Any] = Field(sa_column=_json())
    officer: str
    starts_on: date
    review_on: date
    rules: int
    carried: bool = False
    written_at: datetime = Field(sa_type=UtcDateTime)
