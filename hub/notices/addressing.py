"""Who is reached by a notice, on which ways: asked when it goes out, not when it was written."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select

from hub.agencies.models import Agency, HolderKind, Holding, Post
from hub.auth.models import Person
from hub.db import reading, unit_of_work
from hub.identifiers import new_id
from hub.notices.channels import Channels
from hub.notices.models import Channel, Notice, Outgoing, OutgoingState, Ways, Webhook
from hub.notices.rendering import is_mailbox

AT_ONCE = 50
"""Notices addressed in one transaction."""
EMPTY_SEAT = timedelta(hours=1)
"""After this it is asked again who holds a post that nobody held."""
LONGEST = timedelta(hours=24)
"""Nothing is sent later than this after it was written; the inbox keeps it."""
NO_ADDRESS = "no-address"
SHOWN_ONLY = "demonstration"
TABLE = Outgoing.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def address_due(engine: Engine, channels: Channels, *, now: datetime) -> int:
    """Make the outgoing rows of notices that have none yet; returns the notices looked at."""
    total = 0
    while _any_due(engine, now):
        with unit_of_work(engine) as session:
            found = session.exec(
                select(Notice)
                .where(col(Notice.address_at) <= now)
                .order_by(col(Notice.address_at), col(Notice.id))
                .limit(AT_ONCE)
                .with_for_update(skip_locked=True)
            ).all()
            for notice in found:
                _address(session, channels, notice, now)
        total += len(found)
        if len(found) < AT_ONCE:
            break  # the rest, if any, is another worker's
    return total


def _any_due(engine: Engine, now: datetime) -> bool:
    """Without the write lock, which an idle tick does not take."""
    with reading(engine) as session:
        due = select(Notice.id).where(col(Notice.address_at) <= now).limit(1)
        return session.exec(due).first() is not None


def _address(session: Session, channels: Channels, notice: Notice, now: datetime) -> None:
    people = list(people_of(session, notice, now=now))
    for person in people:
        for channel in ways_to(session, person):
            if channels.considers(channel):
                write(session, channels, notice.id, channel, person.id, now=now)
    if notice.agency is not None and session.get(Webhook, notice.agency) is not None:
        write(session, channels, notice.id, Channel.WEBHOOK, notice.agency, now=now)
    waits = (
        notice.post is not None and not people and now + EMPTY_SEAT < notice.written_at + LONGEST
    )
    notice.address_at = now + EMPTY_SEAT if waits else None


def people_of(session: Session, notice: Notice, *, now: datetime) -> Iterator[Person]:
    """The person who is told, or those who hold the post now; accounts that are off are left out."""
    if notice.person is not None:
        wanted = select(Person).where(Person.id == notice.person)
    else:
        wanted = (
            select(Person)
            .join(Holding, col(Holding.holder) == col(Person.id))
            .join(Post, col(Post.id) == col(Holding.post))
            .join(Agency, col(Agency.code) == col(Post.agency))
            .where(
                Holding.holder_kind == HolderKind.PERSON,
                Holding.post == notice.post,
                Holding.since <= now,
                or_(col(Holding.until).is_(None), col(Holding.until) > now),
                col(Agency.active),
            )
            .distinct()
        )
    yield from session.exec(wanted.where(col(Person.active)))


def ways_to(session: Session, person: Person) -> list[Channel]:
    """The channels that she wants."""
    ways = session.get(Ways, person.id) or Ways(person=person.id)
    wanted = {Channel.SMTP: ways.by_mail, Channel.PHONE: ways.by_phone}
    return [channel for channel, wants in wanted.items() if wants]


def address_of(session: Session, person: Person, channel: Channel) -> str:
    """Where she is reached now; empty when she is not."""
    if channel is Channel.SMTP:
        return person.email if is_mailbox(person.email) else ""
    ways = session.get(Ways, person.id)
    return ways.phone if ways is not None else ""


def write(
    session: Session,
    channels: Channels,
    notice: str,
    channel: Channel,
    target: str,
    *,
    now: datetime,
) -> None:
    """One outgoing row, unless this notice has it; where nothing is sent it stands as unsent at once."""
    unsent = _why_unsent(session, channels, channel, target)
    address = ""
    if unsent == SHOWN_ONLY:
        person = session.get_one(Person, target)
        address = address_of(session, person, channel)
    row = {
        "id": new_id(),
        "notice": notice,
        "channel": channel,
        "target": target,
        "address": address,
        "state": OutgoingState.UNSENT if unsent else OutgoingState.WAITING,
        "attempts": 0,
        "created_at": now,
        "next_at": None if unsent else now,
        "last_error": unsent,
    }
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made = dialect.insert(TABLE).values(row)
    session.connection().execute(
        made.on_conflict_do_nothing(index_elements=["notice", "channel", "target"])
    )


def _why_unsent(session: Session, channels: Channels, channel: Channel, target: str) -> str:
    if channel is Channel.WEBHOOK:
        return ""
    if not address_of(session, session.get_one(Person, target), channel):
        return NO_ADDRESS
    return "" if channel in channels.open else SHOWN_ONLY
