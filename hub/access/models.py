"""Tables of the descriptions: changes that were announced before they are made."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class PromiseNotice(SQLModel, table=True):
    """A change that was announced to the readers of a dataset; it may be made from `until` on.

    One that was made at once has its urgent `reason`, and that day as `until`.
    """

    __tablename__ = "hub_promise_notice"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    until: date
    reason: str = ""
    announced_by: str
    at: datetime = Field(sa_type=UtcDateTime)
