"""What goes in and out of the aggregates over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.access.judging import Audience

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Form = Literal["year", "region:province", "region:regency", "region:district"]


class GroupIn(BaseModel):
    """A column to break down by; `form` makes it coarser, which a personal column needs."""

    model_config = ConfigDict(extra="forbid")

    column: ColumnName
    form: Form | None = None


class MeasureIn(BaseModel):
    """`count` of records, or `sum` or `mean` of a column that holds numbers."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["count", "sum", "mean"]
    column: ColumnName | None = None


class AggregateIn(BaseModel):
    """`k` may be more than the instance's smallest cell, never less."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    groups: Annotated[list[GroupIn], Field(min_length=1, max_length=3)]
    measures: Annotated[list[MeasureIn], Field(min_length=1, max_length=6)] = [
        MeasureIn(kind="count")
    ]
    audience: Audience = Audience.REGENCY
    k: Annotated[int, Field(ge=2, le=1000)] | None = None


class AggregateOut(BaseModel):
    dataset: str
    name: str
    title: str
    groups: list[GroupIn]
    measures: list[MeasureIn]
    audience: Audience
    k: int
    made_at: datetime


class CellOut(BaseModel):
    """One cell: values by column, measures by name; withheld ones are null and say so."""

    values: dict[str, Any]
    measures: dict[str, int | float | None]
    suppressed: bool


class AnswerOut(BaseModel):
    """`items` in the order of their values; `withheld` of them are suppressed."""

    aggregate: AggregateOut
    release: int
    records: int
    withheld: int
    items: list[CellOut]
