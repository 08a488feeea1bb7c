"""The runs of `hub.access.grant_health` that were kept: what the newest one found, and whether one is due."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.access.models import GrantCheck

NIGHTLY = timedelta(hours=20)
"""A run younger than this is tonight's; another worker has made it."""


def latest(session: Session) -> GrantCheck | None:
    """The newest run, if there was one."""
    return session.exec(select(GrantCheck).order_by(col(GrantCheck.id).desc()).limit(1)).first()


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether tonight's run was not made yet, by whatever worker."""
    last = latest(session)
    return last is None or now - last.at > NIGHTLY
