"""A person's sign-ins: where she is signed in, and how she ends one or all others."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select, update

from hub.auth import families
from hub.auth.credentials import SessionLimits
from hub.auth.models import LoginSession
from hub.errors import NotFound


def list_sessions(
    session: Session,
    person: str,
    limits: SessionLimits,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = 100,
) -> Sequence[LoginSession]:
    """Those that still open something, the newest first (by id), from the one after `after`."""
    wanted = select(LoginSession).where(
        LoginSession.person == person,
        col(LoginSession.revoked).is_(False),
        col(LoginSession.seen_at) > now - limits.idle,
        col(LoginSession.created_at) > now - limits.absolute,
    )
    if after is not None:
        wanted = wanted.where(col(LoginSession.id) < after)
    return session.exec(wanted.order_by(col(LoginSession.id).desc()).limit(limit)).all()


def end_session(session: Session, person: str, session_id: str) -> None:
    """End one of her own; somebody else's does not exist for her."""
    found = session.exec(
        select(LoginSession).where(
            LoginSession.id == session_id,
            LoginSession.person == person,
            col(LoginSession.revoked).is_(False),
        )
    ).first()
    if found is None:
        raise NotFound("Tidak ada sesi itu.", "There is no such session.")
    found.revoked = True


def end_others(session: Session, person: str, keep: str | None) -> None:
    """End all but the one with the id `keep`, and all that programs hold in her name."""
    others = update(LoginSession).where(
        col(LoginSession.person) == person, col(LoginSession.revoked).is_(False)
    )
    if keep is not None:
        others = others.where(col(LoginSession.id) != keep)
    session.exec(others.values(revoked=True))
    families.end_all_of_person(session, person, "signed out")
