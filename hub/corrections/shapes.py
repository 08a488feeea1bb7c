"""Reports as they come in and go out."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Value = str | int | float | bool | None
"""A value as JSON shows it; numbers may also come as their text."""


class ReportIn(BaseModel):
    """`row` holds every column of the key as the reporter sees it; `release` is the latest unless said.

    `evidence_entry` is the id of an entry of the ledger, such as that of a receipt.
    """

    model_config = ConfigDict(extra="forbid")

    row: Annotated[dict[Name, str | int | float | bool], Field(min_length=1, max_length=20)]
    field: Name
    observed: Value
    suggested: Value = None
    evidence: Annotated[
        str, StringConstraints(min_length=10, max_length=2000, strip_whitespace=True)
    ]
    evidence_entry: Annotated[str, StringConstraints(max_length=64, pattern="^[0-9a-f-]*$")] = ""
    release: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class Filed(BaseModel):
    """`joined`: the cell was reported before, and this report stands with that one."""

    id: str
    state: str
    due_at: datetime | None
    joined: bool


class MoveIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    reason: Text = ""


class MoveOut(BaseModel):
    """What the caller may do now."""

    event: str
    title_id: str
    title_en: str
    needs_reason: bool


class StepOut(BaseModel):
    at: datetime
    event: str
    title_id: str
    title_en: str
    post_title: str
    by_clock: bool
    reason: str
    entry: str


class Said(BaseModel):
    """What was reported, for whoever may read the cell himself or reported it."""

    row: dict[str, str]
    observed: str | None
    suggested: str | None


class ReportLine(BaseModel):
    """`reporters` are all who reported the cell; `mine` says whether the caller is one of them."""

    id: str
    dataset: str
    field: str
    release: int
    agency: str
    at: datetime
    state: str
    look: str
    title_id: str
    title_en: str
    entered_at: datetime
    due_at: datetime | None
    reporters: int
    mine: bool
    fixed_in: int | None


class ReportOut(ReportLine):
    """`said` is None for whoever may not read the cell; `told` is how many were told of the correction."""

    mark: str | None
    evidence: str
    evidence_entry: str
    said: Said | None
    told: int
    possible: list[MoveOut]
    history: list[StepOut]
