"""HTTP of the list of data prioritas; of a dataset that the caller may not know of, its name is left out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, StringConstraints
from sqlmodel import Session, col, select

from catalog.models import Dataset, Frequency
from hub.access import priority_dues
from hub.access.priority_ics import as_ics
from hub.access.visibility import Seer, visible_to
from hub.agencies import priority
from hub.agencies.actor import MaybeActorDep, WalidataDep
from hub.agencies.desk_models import PriorityData
from hub.agencies.models import Agency
from hub.agencies.principal import actor_of
from hub.agencies.shapes import Code, DatasetName, Name, Strict
from hub.calendar import BusinessClock, real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1", tags=["priority-data"])

MONTH_BACK, YEAR_AHEAD = 31, 366
"""Days that the calendar tells."""

Basis = Annotated[str, StringConstraints(min_length=3, max_length=300, strip_whitespace=True)]


class PriorityIn(Strict):
    title: Name
    agency: Code
    dataset: DatasetName | None = None
    frequency: Frequency
    first_due: date | None = None
    basis: Basis


class PriorityOut(BaseModel):
    """`dataset` is null while nobody publishes it, and for whoever may not know of it.

    `next_due` is the first due day from today on; null for one without a day and for what was due once.
    """

    id: str
    title: str
    agency: str
    dataset: str | None
    frequency: Frequency
    first_due: date | None
    next_due: date | None
    basis: str
    changed_at: datetime


@router.get("/priority-data")
def listed(
    session: ReadingDep, actor: MaybeActorDep, clock: ClockDep, page: PageDep
) -> Page[PriorityOut]:
    """Data prioritas of the regency, published or not; open to everybody."""
    rows = priority.listed(session, after=page.word, limit=page.fetch)
    known = known_among(session, actor, rows)
    return page.of(rows, lambda row: (row.id,), lambda row: _out(row, known, clock))


@router.get("/priority-data.ics", response_class=Response)
def calendar(session: ReadingDep, clock: ClockDep, settings: SettingsDep) -> Response:
    """Due days of a month back and a year ahead, to subscribe to; open to everybody."""
    today = clock.today()
    rows = priority.listed(session, limit=priority_dues.MOST)
    due = priority_dues.scheduled(
        rows,
        since=today - timedelta(days=MONTH_BACK),
        until=today + timedelta(days=YEAR_AHEAD),
        local=clock.local(),
    )
    codes = {row.agency for row in rows}
    wanted = select(Agency.code, Agency.name).where(col(Agency.code).in_(codes))
    host = urlsplit(settings.public_url).hostname or "simpul"
    body = as_ics(due, names=dict(session.exec(wanted).all()), host=host, now=real_now())
    return Response(body, media_type="text/calendar; charset=utf-8")


@router.post("/priority-data", status_code=status.HTTP_201_CREATED, response_model=PriorityOut)
def enter(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    body: PriorityIn,
) -> dict[str, Any]:
    """Enter one (walidata)."""

    def entered() -> dict[str, Any]:
        said = body.model_dump()
        row = priority.put(session, ledger, actor_of(actor), None, now=real_now(), **said)
        return _out(row, {row.dataset}, clock).model_dump(mode="json")

    return once.run(session, actor.id, digest, entered)[0]


@router.put("/priority-data/{entry}")
def change(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    clock: ClockDep,
    entry: str,
    body: PriorityIn,
) -> PriorityOut:
    """Say one anew (walidata)."""
    said = body.model_dump()
    row = priority.put(session, ledger, actor_of(actor), entry, now=real_now(), **said)
    return _out(row, {row.dataset}, clock)


@router.delete("/priority-data/{entry}", status_code=status.HTTP_204_NO_CONTENT)
def remove(session: SessionDep, actor: WalidataDep, ledger: LedgerDep, entry: str) -> None:
    """Take one off the list (walidata)."""
    priority.remove(session, ledger, actor_of(actor), entry)


def known_among(session: Session, seer: Seer, rows: Sequence[PriorityData]) -> set[str | None]:
    """Which of their datasets the caller may know of."""
    named = [row.dataset for row in rows if row.dataset is not None]
    wanted = select(Dataset.id).where(col(Dataset.id).in_(named), visible_to(seer, now=real_now()))
    return set(session.exec(wanted).all())


def _out(row: PriorityData, known: set[str | None], clock: BusinessClock) -> PriorityOut:
    dataset = row.dataset if row.dataset in known else None
    due = priority_dues.next_due(row, clock.today(), clock.local())
    return PriorityOut.model_validate(row.model_dump() | {"dataset": dataset, "next_due": due})
