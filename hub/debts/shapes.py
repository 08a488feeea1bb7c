"""Wire shapes of data debts."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.debts.models import DataDebt
from hub.proceedings.models import Proceeding

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(max_length=64)]


class DebtIn(BaseModel):
    """`agency` is whoever is thought to hold it; `fields` are names or words for what is needed."""

    model_config = ConfigDict(extra="forbid")

    agency: Code
    title: Line
    purpose: Text
    basis: Text
    fields: Annotated[list[Name], Field(max_length=200)] = []
    frequency: Annotated[str, StringConstraints(max_length=40)] = ""
    needed_by: date | None = None


class DebtMoveIn(BaseModel):
    """`said`: `promised_on` (sanggupi), `dataset` (sudah_ada, lunasi), `holder` (tunjuk, tetapkan)."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    said: dict[str, Any] | None = None


class DebtOut(BaseModel):
    """A data debt with where it stands; `owner` is who is asked, or owes it."""

    id: str
    title: str
    purpose: str
    basis: str
    fields: list[str]
    frequency: str
    needed_by: date | None
    agency: str | None
    owner: str | None
    from_request: str | None
    promised_on: date | None
    dataset: str | None
    asked_at: datetime
    state: str
    due_at: datetime | None
    ends_at: datetime | None


def debt_out(debt: DataDebt, proceeding: Proceeding) -> DebtOut:
    return DebtOut(
        **debt.model_dump(exclude={"requester", "requester_kind"}),
        owner=proceeding.producer,
        state=proceeding.state,
        due_at=proceeding.due_at,
        ends_at=proceeding.ends_at,
    )
