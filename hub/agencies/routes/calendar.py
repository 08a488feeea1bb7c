"""HTTP of the working calendar: national days off, and those of the regency."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, StringConstraints

from hub.agencies import local_days
from hub.agencies.actor import WalidataDep
from hub.agencies.desk_models import DayKind
from hub.agencies.principal import actor_of
from hub.agencies.shapes import Code, Name, Strict
from hub.calendar import national_days_off
from hub.deps import ClockDep, ReadingDep, SessionDep
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["calendar"])

Basis = Annotated[str, StringConstraints(min_length=3, max_length=300, strip_whitespace=True)]
Year = Annotated[int, Query(ge=2020, le=2050)]


class NationalDayOut(BaseModel):
    day: date
    name: str
    estimated: bool


class LocalDayOut(BaseModel):
    """`applies_to` is the code of one agency, null for all."""

    day: date
    kind: DayKind
    name: str
    basis: str
    applies_to: str | None


class LocalDayIn(Strict):
    day: date
    kind: DayKind = DayKind.OFF
    name: Name
    basis: Basis
    applies_to: Code | None = None


class CalendarOut(BaseModel):
    national: list[NationalDayOut]
    local: list[LocalDayOut]


@router.get("/calendar")
def calendar(session: ReadingDep, clock: ClockDep, year: Year | None = None) -> CalendarOut:
    """Days off of a year, and days that the regency keeps differently; open to everybody."""
    year = year or clock.today().year
    own = local_days.listed(session, since=date(year, 1, 1), until=date(year, 12, 31))
    return CalendarOut(
        national=[
            NationalDayOut.model_validate(off, from_attributes=True)
            for off in national_days_off(year)
        ],
        local=[
            LocalDayOut(
                day=row.day,
                kind=row.kind,
                name=row.name,
                basis=row.basis,
                applies_to=row.applies_to or None,
            )
            for row in own
        ],
    )


@router.post("/calendar/days", status_code=status.HTTP_201_CREATED)
def add(session: SessionDep, actor: WalidataDep, ledger: LedgerDep, body: LocalDayIn) -> None:
    """Enter a day that the regency or one agency keeps differently, with its basis (walidata)."""
    said = body.model_dump() | {"applies_to": body.applies_to or ""}
    local_days.add(session, ledger, actor_of(actor), **said)


@router.delete("/calendar/days/{day}", status_code=status.HTTP_204_NO_CONTENT)
def remove(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    day: date,
    agency: Annotated[str, Query(max_length=40)] = "",
) -> None:
    """Take a local day away; of one agency with `?agency=` (walidata)."""
    local_days.remove(session, ledger, actor_of(actor), day, agency)
