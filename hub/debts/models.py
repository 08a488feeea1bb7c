"""Tables of data debts: data that was asked for and that nobody publishes yet."""

from datetime import date, datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class DataDebt(SQLModel, table=True):
    """One of them; its owner and its state are the proceeding's of the same id.

    `promised_on` is the day the owner named; `dataset` is what settled it, `from_request` the request
    whose agency said that it does not hold the data (T01).
    """

    __tablename__ = "hub_data_debt"

    id: str = Field(primary_key=True)
    title: str
    purpose: str
    basis: str
    fields: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    frequency: str = ""
    needed_by: date | None = None
    agency: str | None = Field(default=None, index=True)
    requester_kind: str
    requester: str
    from_request: str | None = None
    promised_on: date | None = None
    dataset: str | None = Field(default=None, index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
