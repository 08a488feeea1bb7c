"""A request ends with its grant: run out, never signed, replaced. Nobody is told to do that, so the hub does."""

from datetime import datetime

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from hub.db import reading, unit_of_work
from hub.grants.ladder import Ladder, grant_of
from hub.grants.models import Grant, State
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office

AT_ONCE = 200


def end_due(engine: Engine, office: Office, *, now: datetime) -> int:
    """Close the requests whose grants are over by `now` (real time); one transaction each."""
    return sum(_end(engine, office, request, now) for request in _over(engine, now))


def _over(engine: Engine, now: datetime) -> list[str]:
    over = or_(
        col(Grant.expires_at) <= now,
        col(Grant.waits_until) <= now,
        col(Grant.revoked_at).is_not(None),
    )
    with reading(engine) as session:
        wanted = select(Grant.request).join(Proceeding, col(Proceeding.id) == col(Grant.request))
        wanted = wanted.where(col(Proceeding.ends_at).is_(None), over)
        return list(session.exec(wanted.order_by(col(Grant.request)).distinct().limit(AT_ONCE)))


def _end(engine: Engine, office: Office, request_id: str, now: datetime) -> int:
    with unit_of_work(engine) as session:
        machine.locked(session, request_id)
        grant = grant_of(session, request_id)
        event = _event(session, grant, now) if grant is not None else None
        if grant is None or event is None:
            return 0
        reason = grant.revoke_reason or ""
        made = machine.advance(session, office, Ladder(), request_id, event, reason)
        return 0 if made is None else 1


def _event(session: Session, grant: Grant, now: datetime) -> str | None:
    match grant.state_at(now):
        case State.ENDED:
            return "berakhir"
        case State.REVOKED:
            by_another = select(Grant.id).where(Grant.supersedes == grant.id)
            return "cabut" if session.exec(by_another).first() is None else "berakhir"
    return None
