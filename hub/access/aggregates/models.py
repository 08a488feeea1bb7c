"""Table of the aggregates: what is counted, for whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Aggregate(SQLModel, table=True):
    """A breakdown that the producer lets others see; never edited, withdrawn as a whole.

    `groups` are `{"column", "form"}`, `measures` are `{"kind", "column"}`; `audience` is one of
    hub.access.judging.Audience; cells of fewer than `k` records are withheld.
    """

    __tablename__ = "hub_access_aggregate"

    dataset: str = Field(primary_key=True, foreign_key="catalog_dataset.id")
    name: str = Field(primary_key=True)
    title: str
    groups: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    measures: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    audience: str
    k: int
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
