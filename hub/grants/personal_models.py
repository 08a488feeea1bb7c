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


class Assessment(SQLModel, table=True):
    """Penilaian dampak (UU 27/2022 pasal 34) of one agency for one dataset and purpose.

    `triggers` answers the law's questions by their codes; `opinion` is the officer's, once he gave it.
    What was assessed stays as it was: what changes is assessed anew.
    """

    __tablename__ = "hub_assessment"

    id: str = Field(primary_key=True)
    agency: str = Field(index=True)
    dataset: str = Field(index=True)
    purpose: str
    triggers: dict[str, bool] = Field(sa_column=_json())
    risks: str
    measures: str
    result: str
    number: str = ""
    dated: date | None = None
    attachment: str = ""
    opinion: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    rules: int
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)


class AssessedRequest(SQLModel, table=True):
    """An assessment attached to a request; the newest counts."""

    __tablename__ = "hub_assessed_request"

    request: str = Field(foreign_key="hub_access_request.id", primary_key=True)
    assessment: str = Field(foreign_key="hub_assessment.id", primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
