"""Data prioritas by the calendar: what is due when, what came in time, who is told that it did not.

A due day is met by the first release after the due day before it. The head of the owning agency is told once
for each due day that passed without one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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


def scheduled(
    rows: Sequence[PriorityData], *, since: date, until: date, local: LocalDays
) -> list[tuple[PriorityData, date]]:
    """Every due day of these entries in the span, both ends counted, in order of the day."""
    found = ((row, day) for row in rows for _, day in _pairs(row, until, local) if day >= since)
    return sorted(found, key=lambda one: (one[1], one[0].title))


def dues(
    session: Session,
    rows: Sequence[PriorityData],
    *,
    since: date,
    until: date,
    clock: BusinessClock,
) -> list[Due]:
    """The same with what came of each."""
    released, local = _released(session, rows, clock.zone), clock.local()
    found = [
        Due(row, day, _state(released.get(row.dataset or "", []), before, day, clock.today()))
        for row in rows
        for before, day in _pairs(row, until, local)
        if day >= since
    ]
    return sorted(found, key=lambda due: (due.day, due.entry.title))


def next_due(row: PriorityData, today: date, local: LocalDays) -> date | None:
    """From today on; None for one without a day, and for what was due once."""
    if row.first_due is None:
        return None
    days = due_days(row.first_due, row.frequency, local)
    return next((day for day in days if day >= today), None)


def remind(engine: Engine, clock: BusinessClock) -> int:
    """Tell heads of the last due day that passed without a release; returns how many were told now."""
    told, today, local = 0, clock.today(), clock.local()
    with unit_of_work(engine) as session:
        rows = priority.listed(session, limit=MOST)
        released = _released(session, rows, clock.zone)
        for row in rows:
            passed = list(_pairs(row, today - timedelta(days=1), local))
            days = released.get(row.dataset or "", [])
            if passed and _state(days, *passed[-1], today) is DueState.OVERDUE:
                message = _message(row, passed[-1][1], clock)
                told += tell(session, _heads(session, row.agency), message)
    return told


def _pairs(row: PriorityData, until: date, local: LocalDays) -> Iterator[tuple[date | None, date]]:
    """Each due day until then with the one before it."""
    if row.first_due is None:
        return
    before: date | None = None
    for day in takewhile(lambda one: one <= until, due_days(row.first_due, row.frequency, local)):
        yield before, day
        before = day


def _released(
    session: Session, rows: Sequence[PriorityData], zone: ZoneInfo
) -> dict[str, list[date]]:
    """The days on which their datasets were released, in order."""
    named = [row.dataset for row in rows if row.dataset is not None]
    wanted = select(Release.dataset, Release.published_at).where(col(Release.dataset).in_(named))
    found: dict[str, list[date]] = {}
    for dataset, at in session.exec(wanted.order_by(col(Release.number))):
        found.setdefault(dataset, []).append(at.astimezone(zone).date())
    return found


def _state(released: Sequence[date], before: date | None, day: date, today: date) -> DueState:
    """Met by the first release after the due day before; the very first due day by any."""
    met = next((one for one in released if before is None or one > before), None)
    if met is not None:
        return DueState.PUBLISHED if met <= day else DueState.LATE
    return DueState.OVERDUE if day < today else DueState.COMING


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
        path=f"/katalog/{row.dataset}" if row.dataset else f"/katalog?agency={row.agency}",
        at=clock.now(),
    )
