"""Tables of the walidata's desk: lists of people from a sheet, days of the regency's own, priority data."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Enum
from sqlmodel import Field, SQLModel

from catalog.models import Frequency
from catalog.moments import UtcDateTime
from hub.identifiers import new_id


class Roster(SQLModel, table=True):
    """People from one sheet, judged and waiting to be entered. `lines` are what its good rows say.

    `outcome` is what the gate made of the rest. Once applied, `sealed` holds the one-time codes until
    they are fetched.
    """

    __tablename__ = "hub_agency_roster"

    id: str = Field(default_factory=new_id, primary_key=True)
    made_by: str
    file_name: str
    lines: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    outcome: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sealed: bytes | None = None


class DayKind(StrEnum):
    OFF = "libur"
    WORKED = "masuk"
    """A day that is worked although the nation does not."""


_DAY_KIND = Enum(DayKind, native_enum=False, length=32, values_callable=lambda words: list(words))
_FREQUENCY = Enum(
    Frequency, native_enum=False, length=32, values_callable=lambda words: list(words)
)


class LocalDay(SQLModel, table=True):
    """A day that the regency, or one agency (`applies_to`), keeps differently from the nation."""

    __tablename__ = "hub_local_day"

    day: date = Field(primary_key=True)
    applies_to: str = Field("", primary_key=True)
    kind: DayKind = Field(sa_column=Column(_DAY_KIND, nullable=False))
    name: str
    basis: str


class PriorityData(SQLModel, table=True):
    """One entry of the regency's list of data prioritas; `dataset` is None while nobody publishes it."""

    __tablename__ = "hub_priority_data"

    id: str = Field(default_factory=new_id, primary_key=True)
    title: str
    agency: str = Field(foreign_key="hub_agency.code", index=True)
    dataset: str | None = Field(default=None, index=True)
    frequency: Frequency = Field(sa_column=Column(_FREQUENCY, nullable=False))
    first_due: date | None = None
    basis: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
