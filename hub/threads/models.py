"""The table of what joins what, and its shape on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class ReferenceEdge(SQLModel, table=True):
    """One reference between the releases in force of two datasets: how many rows join, and where the edges lie.

    `reference` is its place in the referring schema; `basis` names all that the counts were made from.
    `by_agency` is a list of counts with `agency`, by the referring column that names an agency
    (`agency_column`); without one it has the owner alone. `personal` lists the datasets, among
    those that are joined, of which a column that is met holds personal data. `file` lies in the hub's folder of
    edges.
    """

    __tablename__ = "hub_reference_edge"

    from_dataset: str = Field(primary_key=True, foreign_key="catalog_dataset.id")
    reference: int = Field(primary_key=True)
    to_dataset: str = Field(primary_key=True, foreign_key="catalog_dataset.id", index=True)
    from_release: int
    to_release: int
    via: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    fields: str
    match: str
    rows: int
    one: int
    several: int
    none: int
    empty: int
    edges: int = Field(sa_type=BigInteger)
    personal: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    agency_column: str | None = None
    by_agency: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    basis: str
    file: str
    computed_at: datetime = Field(sa_type=UtcDateTime)


class AgencyCounts(BaseModel):
    """Counts of one agency's rows; `agency` is its code as the rows have it, None where they name none."""

    agency: str | None
    rows: int
    one: int
    several: int
    none: int
    empty: int


class EdgeOut(BaseModel):
    """How many rows of one dataset refer to one record of another, to several, to none that is there, and to
    nothing at all (`empty`). `by_agency` is None for those who may not know it."""

    from_dataset: str
    from_title: str
    from_release: int
    to_dataset: str
    to_title: str
    to_release: int
    via: list[str]
    reference: int
    fields: str
    match: str
    rows: int
    one: int
    several: int
    none: int
    empty: int
    edges: int
    agency_column: str | None
    by_agency: list[AgencyCounts] | None
    computed_at: datetime


class EdgeList(BaseModel):
    """All at once: a dataset has few references."""

    items: list[EdgeOut]
    next: str | None
