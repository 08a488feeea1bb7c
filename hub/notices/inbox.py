"""The inbox: what was told to the posts that one holds now, and to oneself."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, false, func, or_, select, tuple_, update

from hub.agencies.principal import Principal
from hub.auth import scopes
from hub.errors import NotFound, NotPermitted
from hub.notices.models import Notice

COUNTED = 100
"""So many unread are counted; whoever has more is told that there are more."""


def listed(
    session: Session,
    reader: Principal,
    *,
    unread: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Notice]:
    """Newest first, from the one after `after` (written_at, id); all, or only (un)read ones."""
    wanted = (
        select(Notice)
        .where(_mine(reader))
        .order_by(col(Notice.written_at).desc(), col(Notice.id).desc())
        .limit(limit)
    )
    if unread is not None:
        wanted = wanted.where(col(Notice.read_at).is_(None) == unread)
    if after is not None:
        wanted = wanted.where(tuple_(col(Notice.written_at), col(Notice.id)) < after)
    return list(session.exec(wanted))


def count_unread(session: Session, reader: Principal) -> int:
    """Up to `COUNTED`."""
    some = select(Notice.id).where(_mine(reader), col(Notice.read_at).is_(None)).limit(COUNTED)
    return session.exec(select(func.count()).select_from(some.subquery())).one()


def find(session: Session, reader: Principal, notice_id: str) -> Notice:
    """Somebody else's notice is as good as none (404)."""
    found = session.exec(select(Notice).where(Notice.id == notice_id, _mine(reader))).first()
    if found is None:
        raise NotFound("Tidak ada pesan itu di kotak Anda.", "There is no such notice for you.")
    return found


def read(session: Session, reader: Principal, notice_id: str, *, now: datetime) -> Notice:
    """One that was read stays read since then; what a post was told is read for all who hold it."""
    found = find(session, reader, notice_id)
    found.read_at = found.read_at or now
    session.add(found)
    return found


def read_all(session: Session, reader: Principal, *, up_to: datetime, now: datetime) -> None:
    """All that were written up to a moment: those that came since were not seen."""
    session.exec(
        update(Notice)
        .where(_mine(reader), col(Notice.read_at).is_(None), col(Notice.written_at) <= up_to)
        .values(read_at=now)
    )


def must_have_inbox(reader: Principal) -> None:
    """Raise NotPermitted for a token that was made for one dataset, or may not even look."""
    reader.must(scopes.CATALOG_READ)
    if reader.identity.dataset is not None:
        raise NotPermitted(
            "Token untuk satu dataset tidak membuka kotak pesan.",
            "A token for one dataset does not open the inbox.",
        )


def sweep(session: Session, *, days: int, now: datetime) -> None:
    """Drop what is older, with all that went out of it."""
    old = now - timedelta(days=days)
    session.exec(delete(Notice).where(col(Notice.written_at) < old))


def _mine(reader: Principal) -> ColumnElement[bool]:
    posts = [post.id for post in reader.posts]
    person = Notice.person == reader.id if reader.identity.kind == "person" else false()
    return or_(col(Notice.post).in_(posts), person)
