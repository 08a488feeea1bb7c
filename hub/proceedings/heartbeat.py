"""The hub's own absence is not held against anybody who could not act through it.

Every tick leaves its moment. A gap between two of them means that the hub stood still, or that its
clock jumped: terms that would have ended in the gap end at the close of the next full working day
instead, for everybody alike, and the history of each and the ledger say so. A clock that goes back
changes nothing: the latest moment stays.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalog.turns import take_turn
from hub.ledger.entry import HUB, Target
from hub.proceedings import machine
from hub.proceedings.models import Heartbeat, Proceeding
from hub.proceedings.office import Office
from hub.proceedings.subject import Subjects
from hub.proceedings.timing import days_of

GRACE_DAYS = 1
"""Working days after the hub is back until which nobody's silence counts (ours; no rule says it)."""


def beat(
    session: Session, office: Office, subjects: Subjects, *, now: datetime, longest_gap: timedelta
) -> int:
    """Leave this moment; returns how many terms were moved because the hub had been away."""
    take_turn(session, "simpul heartbeat")
    found = session.get(Heartbeat, 1)
    if found is None:
        session.add(Heartbeat(at=now))
        return 0
    last, found.at = found.at, max(found.at, now)
    session.add(found)
    if now - last <= longest_gap:
        return 0
    return _forgive(session, office, subjects, last, now)


def last_beat(session: Session) -> datetime | None:
    """When a worker last looked at the terms, in the business clock; None when none ever has."""
    found = session.get(Heartbeat, 1)
    return None if found is None else found.at


def _forgive(
    session: Session, office: Office, subjects: Subjects, since: datetime, until: datetime
) -> int:
    wanted = select(Proceeding).where(
        col(Proceeding.due_at) > since,
        col(Proceeding.due_at) <= until,
        col(Proceeding.ends_at).is_(None),
        col(Proceeding.procedure).in_(list(subjects)),
    )
    rows = session.exec(wanted.order_by(col(Proceeding.id)).with_for_update()).all()
    for row in rows:
        _postpone(session, office, subjects, row, since, until)
    office.ledger.record(
        session,
        kind="clock.gap",
        actor=HUB,
        target=Target("clock", "proceedings"),
        outcome="forgiven",
        counts={"terms": len(rows), "seconds": int((until - since).total_seconds())},
    )
    return len(rows)


def _postpone(
    session: Session,
    office: Office,
    subjects: Subjects,
    row: Proceeding,
    since: datetime,
    until: datetime,
) -> None:
    """To the close of the next full working day of whoever's days the term is counted in."""
    clock = machine.procedure_of(session, row).states[row.state].clock
    if clock is None:
        return
    zone = office.clock.zone
    away, back = since.astimezone(zone), until.astimezone(zone)
    reason = f"Simpul tidak berjalan dari {away:%d-%m-%Y %H.%M} sampai {back:%d-%m-%Y %H.%M}."
    due = days_of(office, row, clock.calendar).end_of(back, GRACE_DAYS)
    machine.postpone(session, office, subjects[row.procedure], row, due, reason)
