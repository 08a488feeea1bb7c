"""What goes in and out of queries over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.sqlgate import MAX_LENGTH
from hub.access.formats import Format
from hub.access.query import Question
from hub.queries.chart import Chart
from hub.queries.models import Query, SavedQuery, Sharing

Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
SavedText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]


class AskedIn(BaseModel):
    """One SELECT; tables are written `agency.slug`, with an underscore for a hyphen."""

    model_config = ConfigDict(extra="forbid")

    sql: Text
    as_: Annotated[
        Literal["latest"] | dict[str, Annotated[str, Field(max_length=40)]] | None,
        Field(alias="as", max_length=100),
    ] = None

    @property
    def question(self) -> Question:
        """Versions by table, "*" for all."""
        forms = {"*": "latest"} if self.as_ == "latest" else dict(self.as_ or {})
        return Question(self.sql, forms, getattr(self, "cursor", None))


class QueryIn(AskedIn):
    """`id` names the query while it runs; `cursor` asks for what follows an earlier answer."""

    format: Format = Format.JSON
    id: UUID | None = None
    confirm: bool = False
    cursor: Annotated[str, StringConstraints(max_length=16_384)] | None = None


class TableCost(BaseModel):
    """The permitted rows of one table, and the stored size of the columns that are read."""

    name: str
    dataset: str
    release: int
    rows: int
    bytes: int


class CostOut(BaseModel):
    """`work` is what the largest step of the plan handles, an estimate; `class` follows from it."""

    class_: Annotated[Literal["kecil", "sedang", "besar"], Field(alias="class")]
    confirm: bool
    rows: int
    bytes: int
    work: int
    tables: list[TableCost]


class QueryOut(BaseModel):
    id: str
    sql: str
    format: str
    state: str
    begun_at: datetime
    ms: int | None
    rows: int | None
    capped: str | None
    tables: list[str]
    problem: str | None


class StoppedOut(BaseModel):
    """What somebody who stopped a query may know of it: not its text, which may be another's."""

    id: str
    state: str
    stop: bool


class SavedIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    description: Description = ""
    sql: SavedText
    chart: Chart | None = None
    shared: Sharing = Sharing.PRIVATE


class SavedChange(BaseModel):
    """Only what is named is changed; `chart` null takes the chart away."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    sql: SavedText | None = None
    chart: Chart | None = None
    shared: Sharing | None = None

    def said(self) -> dict[str, Any]:
        """What is to change; null means that only for the chart."""
        named = self.model_dump(exclude_unset=True)
        return {name: v for name, v in named.items() if v is not None or name == "chart"}


class SavedLine(BaseModel):
    """A saved query in a list."""

    id: str
    url: str
    title: str
    description: str
    shared: Sharing
    agency: str | None
    own: bool
    version: int
    updated_at: datetime


class SavedOut(SavedLine):
    sql: str
    chart: dict[str, Any] | None
    created_at: datetime


def query_out(query: Query, sql: str) -> QueryOut:
    return QueryOut(sql=sql, **query.model_dump(exclude={"sealed", "asked_by", "seen_at", "stop"}))


def saved_line(saved: SavedQuery, reader: str) -> SavedLine:
    return SavedLine(**_said(saved, reader))


def saved_out(saved: SavedQuery, sql: str, reader: str) -> SavedOut:
    return SavedOut(sql=sql, chart=saved.chart, created_at=saved.created_at, **_said(saved, reader))


def _said(saved: SavedQuery, reader: str) -> dict[str, Any]:
    return {
        "id": saved.id,
        "url": f"/sql/{saved.id}",
        "title": saved.title,
        "description": saved.description,
        "shared": Sharing.PRIVATE if saved.agency is None else Sharing.AGENCY,
        "agency": saved.agency,
        "own": saved.owner == reader,
        "version": saved.version,
        "updated_at": saved.updated_at,
    }
