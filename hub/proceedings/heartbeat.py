"""The hub's own absence is not held against anybody who could not act through it.

Every tick leaves its moment. A gap between two of them means that the hub stood still, or that its
clock jumped: terms that would have ended in the gap end at the close of the next full working day
instead, for everybody alike, and the ledger says so.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.ledger.entry import HUB, Target
from hub.proceedings.clocks import Days
from hub.proceedings.models import Heartbeat, Proceeding
from hub.proceedings.office import Office

GRACE_DAYS = 1
"""Working days after the hub is back until which nobody's silence counts (ours; no rule says it)."""


def beat(session: Session, office: Office, *, now: datetime, longest_gap: timedelta) -> int:
    """Leave this moment; returns how many terms were moved because the hub had been away."""
    found = session.get(Heartbeat, 1, with_for_update=True)
    if found is None:
        session.add(Heartbeat(at=now))
        return 0
    last, found.at = found.at, max(found.at, now)
    session.add(found)
    if now - last <= longest_gap:
        return 0
    return _forgive(session, office, last, now)


def _forgive(session: Session, office: Office, since: datetime, until: datetime) -> int:
    wanted = select(Proceeding).where(
        col(Proceeding.due_at) > since,
        col(Proceeding.due_at) <= until,
        col(Proceeding.ends_at).is_(None),
    )
    rows = session.exec(wanted.with_for_update()).all()
    back = until.astimezone(office.clock.zone)
    for row in rows:
        days = Days(office.clock.local(), row.producer or "")
        row.due_at = days.end_of(back, GRACE_DAYS)
        session.add(row)
    office.ledger.record(
        session,
        kind="clock.gap",
        actor=HUB,
        target=Target("clock", "proceedings"),
        outcome="forgiven",
        counts={"terms": len(rows), "seconds": int((until - since).total_seconds())},
    )
    return len(rows)
