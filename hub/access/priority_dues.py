"""Data prioritas by the calendar: what is due when, what came in time, who is told that it did not.

A due day is met by the first release after the due day before it. The head of the owning agency is told once
for each due day that passed without one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from catalog.models import Release
from hub.agencies import priority
from hub.agencies.desk_models import PriorityData
from hub.agencies.due_days import due_days
from hub.agencies.models import Post
from hub.calendar import BusinessClock, LocalDays
from hub.db import unit_of_work
from hub.notices.telling import Message, PostRecipient, tell

MOST = 1000


class DueState(StrEnum):
    """Of one due day: not there yet, met, met after the day, passed without a release."""

    COMING = "coming"
    PUBLISHED = "published"
    LATE = "late"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Due:
    """One due day of one entry."""

    entry: PriorityData
    day: date
    state: DueState


def dues(
    session: Session,
    rows: Sequence[PriorityData],
    *,
    since: date,
    until: date,
    clock: BusinessClock,
) -> list[Due]:
    """Every due day of these entries in the span, both ends counted, in order of the day."""
    found = [
        Due(row, day, _state(session, row, before, day, clock))
        for row in rows
        for before, day in _pairs(row, until, clock.local())
        if day >= since
    ]
    return sorted(found, key=lambda due: (due.day, due.entry.title))


def next_due(row: PriorityData, clock: BusinessClock) -> date | None:
    """From today on; None for one without a day, and for what was due once."""
    if row.first_due is None:
        return None
    days, today = due_days(row.first_due, row.frequency, clock.local()), clock.today()
    return next((day for day in days if day >= today), None)


def remind(engine: Engine, clock: BusinessClock) -> int:
    """Tell heads of the last due day that passed without a release; returns how many were told now."""
    told = 0
    with unit_of_work(engine) as session:
        for row in priority.listed(session, limit=MOST):
            passed = list(_pairs(row, clock.today() - timedelta(days=1), clock.local()))
            if passed and _state(session, row, *passed[-1], clock) is DueState.OVERDUE:
                told += tell(
                    session, _heads(session, row.agency), _message(row, passed[-1][1], clock)
                )
    return told


def _pairs(row: PriorityData, until: date, local: LocalDays) -> Iterator[tuple[date | None, date]]:
    """Each due day until then with the one before it."""
    if row.first_due is None:
        return
    before: date | None = None
    for day in takewhile(lambda one: one <= until, due_days(row.first_due, row.frequency, local)):
        yield before, day
        before = day


def _state(
    session: Session, row: PriorityData, before: date | None, day: date, clock: BusinessClock
) -> DueState:
    met = _first_release(session, row, before, clock.zone)
    if met is not None:
        return DueState.PUBLISHED if met <= day else DueState.LATE
    return DueState.OVERDUE if day < clock.today() else DueState.COMING


def _first_release(
    session: Session, row: PriorityData, before: date | None, zone: ZoneInfo
) -> date | None:
    """The day of the first release after the due day before; of the very first due day, of any."""
    if row.dataset is None:
        return None
    wanted = select(Release.published_at).where(Release.dataset == row.dataset)
    if before is not None:
        ends = datetime.combine(before + timedelta(days=1), time.min, zone)
        wanted = wanted.where(col(Release.published_at) >= ends)
    found = session.exec(wanted.order_by(col(Release.number)).limit(1)).first()
    return None if found is None else found.astimezone(zone).date()


def _heads(session: Session, agency: str) -> list[PostRecipient]:
    wanted = select(Post.id).where(Post.agency == agency, Post.role == "head").order_by(Post.id)
    return [PostRecipient(post) for post in session.exec(wanted)]


def _message(row: PriorityData, day: date, clock: BusinessClock) -> Message:
    return Message(
        once=f"priority/{row.id}/{day.isoformat()}",
        topic="priority.overdue",
        subject_id=f"Data prioritas lewat jatuh tempo: {row.title}",
        subject_en=f"Priority data is overdue: {row.title}",
        body_id=f"{row.title} jatuh tempo {day.isoformat()} dan belum terbit. Dasar: {row.basis}. "
        "Mintalah steward mengirimnya.",
        body_en=f"{row.title} was due on {day.isoformat()} and is not published. Basis: {row.basis}. "
        "Ask your steward to send it.",
        path=f"/publikasi/{row.dataset}" if row.dataset else "/publikasi",
        at=clock.now(),
    )
