"""Grants that have run their time: the request is closed, and before that its holder is told once.

Grants are live by the real clock; whoever reads through one is refused at the very moment it ends. What
is done here is only to say so in the course of the request.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from hub.db import reading, unit_of_work
from hub.grants.ladder import Ladder
from hub.grants.models import AccessRequest, Grant, State
from hub.notices.telling import Message, tell
from hub.proceedings import machine, parties
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.rules.classes import classes

RUNNING = (
    State.APPROVED,
    State.APPROVED_IN_PART,
    State.APPROVED_AT_ONCE,
    State.DEEMED,
    State.ACTIVE,
    State.EMERGENCY,
    State.SUSPENDED,
    State.SUSPENDED_LONG,
)
AT_ONCE = 500


def close(engine: Engine, office: Office, *, now: datetime) -> int:
    """Close the requests whose grant has ended; `now` is real time. Returns how many."""
    closed = 0
    for request_id in _ended(engine, now):
        with unit_of_work(engine) as session:
            closed += machine.advance(session, office, Ladder(), request_id, "berakhir") is not None
    return closed


def remind(engine: Engine, *, now: datetime) -> int:
    """Tell those who hold a grant, once, that it ends soon and can be renewed; returns how many."""
    with unit_of_work(engine) as session:
        latest = now + timedelta(days=classes(session).renewal_days)
        soon = session.exec(
            select(Grant).where(
                col(Grant.expires_at) > now,
                col(Grant.expires_at) <= latest,
                col(Grant.revoked_at).is_(None),
                col(Grant.waits_until).is_(None),
            )
        ).all()
        return sum(_told(session, grant, now) for grant in soon)


def _ended(engine: Engine, now: datetime) -> list[str]:
    with reading(engine) as session:
        wanted = (
            select(Grant.request)
            .join(Proceeding, col(Proceeding.id) == col(Grant.request))
            .where(
                col(Proceeding.state).in_(RUNNING),
                or_(
                    col(Grant.expires_at) <= now,
                    col(Grant.waits_until) <= now,
                    # Replaced by another; whoever takes a grant back closes its request himself.
                    col(Grant.revoked_at).is_not(None),
                ),
            )
            .limit(AT_ONCE)
        )
        return list(session.exec(wanted))


def _told(session: Session, grant: Grant, now: datetime) -> bool:
    proceeding = session.get(Proceeding, grant.request)
    request = session.get_one(AccessRequest, grant.request)
    life = grant.expires_at - grant.starts_at
    if proceeding is None or life <= timedelta(days=classes(session).renewal_days):
        return False  # a short one was short from the beginning
    about = Ladder().title(session, proceeding)
    day = grant.expires_at
    message = Message(
        once=f"{grant.id}/renewal",
        topic="grant.ending",
        subject_id=f"Hak akses {grant.id} berakhir {day:%d-%m-%Y}",
        subject_en=f"Grant {grant.id} ends on {day:%Y-%m-%d}",
        body_id=f"{about.id}. Perpanjang sebelum tanggal itu bila masih diperlukan.",
        body_en=f"{about.en}. Extend it before that day if it is still needed.",
        path=f"/permintaan/{request.id}",
        at=now,
    )
    return tell(session, parties.recipients(session, proceeding, parties.ASKER), message) > 0
