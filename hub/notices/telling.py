"""Telling somebody something, in the transaction of what is told about.

Duties belong to posts: what is told to a post is read, and sent, to whoever holds it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from hub.calendar import real_now
from hub.identifiers import new_id
from hub.notices.models import Notice
from hub.notices.wording import LONGEST_PATH, line, paragraphs

NOTICES = Notice.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
AT_ONCE = 500
"""Notices in one statement: SQLite takes 32,766 values."""


@dataclass(frozen=True, slots=True)
class PostRecipient:
    """Whoever holds the post when it is sent, or when the inbox is opened."""

    post_id: str


@dataclass(frozen=True, slots=True)
class PersonRecipient:
    person_id: str


@dataclass(frozen=True, slots=True)
class AgencyRecipient:
    """The agency's own system, by its webhook; people are told by their posts."""

    code: str


Recipient = PostRecipient | PersonRecipient | AgencyRecipient


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `once` names the occasion ("PD-2026-000001/3/H-2"): one recipient is told it once.

    `topic` is a word for sorting ("request.due"). The texts hold no personal data: titles, posts and
    numbers of the hub alone. `path` is the page of the thing. `at` is aware, of the business clock.
    """

    once: str
    topic: str
    subject_id: str
    subject_en: str
    body_id: str
    body_en: str
    path: str | None
    at: datetime


def tell(session: Session, to: Sequence[Recipient], message: Message) -> int:
    """Write the notice for each recipient who was not told yet; returns how many were written.

    It reaches them only if the caller's transaction commits; of two that tell the same at the same
    time, the second finds it told. Texts that are too long are cut; control characters and
    numbers of people (NIK, NIP, NPWP) are taken out. ValueError for a path that leads out of the hub.
    """
    said = _said(message)
    # Sorted, so that two transactions that tell the same people never wait for one another.
    rows = [said | _row(key, one) for key, one in sorted(_by_key(to).items())]
    return sum(_write(session, rows[n : n + AT_ONCE]) for n in range(0, len(rows), AT_ONCE))


def _said(message: Message) -> dict[str, object]:
    now = real_now()
    return {
        "once": message.once,
        "topic": message.topic,
        "subject_id": line(message.subject_id),
        "subject_en": line(message.subject_en),
        "body_id": paragraphs(message.body_id),
        "body_en": paragraphs(message.body_en),
        "path": _path(message.path),
        "at": message.at,
        "written_at": now,
        "address_at": now,
    }


def _path(path: str | None) -> str | None:
    if path is None:
        return None
    outside = not path.startswith("/") or path.startswith(("//", "/\\"))
    if outside or len(path) > LONGEST_PATH or not path.isprintable() or " " in path:
        raise ValueError("a notice leads to a page of the hub")
    return path


def _by_key(to: Sequence[Recipient]) -> dict[str, Recipient]:
    return {_key(one): one for one in to}


def _key(recipient: Recipient) -> str:
    match recipient:
        case PostRecipient(post_id):
            return f"post:{post_id}"
        case PersonRecipient(person_id):
            return f"person:{person_id}"
        case AgencyRecipient(code):
            return f"agency:{code}"


def _row(key: str, recipient: Recipient) -> dict[str, object]:
    return {
        "id": new_id(),
        "recipient": key,
        "post": recipient.post_id if isinstance(recipient, PostRecipient) else None,
        "person": recipient.person_id if isinstance(recipient, PersonRecipient) else None,
        "agency": recipient.code if isinstance(recipient, AgencyRecipient) else None,
    }


def _write(session: Session, rows: list[dict[str, object]]) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made = dialect.insert(NOTICES).values(rows)
    made = made.on_conflict_do_nothing(index_elements=["once", "recipient"])
    # Counted by what comes back: psycopg does not tell the rows of a statement with many values.
    return len(session.connection().execute(made.returning(NOTICES.c.id)).all())
