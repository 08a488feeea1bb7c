"""Bringing events to those who listen: at least once, in order, each at its own pace."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, bindparam, func, select, text, update
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from hub.db import reading, unit_of_work
from hub.outbox.models import OutboxCursor, OutboxEvent
from hub.outbox.service import Event, EventType, event_of

AT_ONCE = 500
"""Events placed in one transaction, and read at once for one subscriber."""

EVENTS = OutboxEvent.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who listens. `take` may see an event twice; when it raises, the event comes again.

    `name` keeps the place between runs, so it must not change. No transaction is open around
    `take`: it may call an agency, or open a unit of work of its own.
    """

    name: str
    take: Callable[[Event], None]
    types: frozenset[EventType] = frozenset(EventType)


def deliver(engine: Engine, subscribers: Sequence[Subscriber]) -> int:
    """Place what has committed, then bring each subscriber up to date; returns events taken."""
    _place(engine)
    return sum(_bring(engine, subscriber) for subscriber in subscribers)


def _place(engine: Engine) -> None:
    """Give committed events their position, one run at a time.

    A lower `seq` may commit after a higher one, so a cursor over `seq` would pass it by. Positions
    are given after the commit, to whatever has none, and grow without a gap.
    """
    unplaced = select(EVENTS.c.seq).where(EVENTS.c.position.is_(None)).order_by(EVENTS.c.seq)
    with engine.connect().execution_options(read_only=True) as connection:
        waits = connection.execute(unplaced.limit(1)).first() is not None
    while waits:
        with engine.begin() as connection:
            _lock(connection, "position")
            found = connection.execute(unplaced.limit(AT_ONCE)).scalars().all()
            last = connection.execute(select(func.max(EVENTS.c.position))).scalar() or 0
            if found:
                connection.execute(
                    update(EVENTS)
                    .where(EVENTS.c.seq == bindparam("event"))
                    .values(position=bindparam("place")),
                    [{"event": seq, "place": last + n} for n, seq in enumerate(found, 1)],
                )
        waits = len(found) == AT_ONCE


def _lock(connection: Connection, what: str) -> None:
    """Until the transaction ends; on SQLite the write lock is already ours."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
        connection.execute(lock, {"what": f"simpul outbox {what}"})


def _bring(engine: Engine, subscriber: Subscriber) -> int:
    """Everything after the subscriber's cursor, until it is done or one event fails."""
    taken = 0
    with _turn(engine, subscriber) as ours:
        while ours and (events := _after_cursor(engine, subscriber)):
            for event in events:
                if event.type in subscriber.types:
                    if not _takes(subscriber, event):
                        return taken
                    taken += 1
                    _advance(engine, subscriber, event)
            _advance(engine, subscriber, events[-1])
    return taken


def _takes(subscriber: Subscriber, event: Event) -> bool:
    try:
        subscriber.take(event)
    except Exception:  # one listener's fault must not silence the others
        log.exception("event_not_taken", subscriber=subscriber.name, event_id=event.id)
        return False
    return True


@contextmanager
def _turn(engine: Engine, subscriber: Subscriber) -> Iterator[bool]:
    """True when no other worker is bringing events to the same subscriber.

    On SQLite there is one worker. On PostgreSQL the lock belongs to a connection and not to a
    transaction, so that none stays open while a subscriber takes its time.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = {"name": f"simpul subscriber {subscriber.name}"}
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        ours = bool(connection.execute(lock, name).scalar_one())
        try:
            yield ours
        finally:
            if ours:
                unlock = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
                connection.execute(unlock, name)


def _after_cursor(engine: Engine, subscriber: Subscriber) -> list[Event]:
    with reading(engine) as session:
        cursor = session.get(OutboxCursor, subscriber.name)
        position = col(OutboxEvent.position)
        query = (
            rows_of(OutboxEvent)
            .where(position > (cursor.position if cursor else 0))
            .order_by(position)
            .limit(AT_ONCE)
        )
        return [event_of(row) for row in session.exec(query)]


def _advance(engine: Engine, subscriber: Subscriber, event: Event) -> None:
    assert event.position is not None  # noqa: S101 - only placed events are read
    with unit_of_work(engine) as session:
        _cursor(session, subscriber).position = event.position


def _cursor(session: Session, subscriber: Subscriber) -> OutboxCursor:
    found = session.get(OutboxCursor, subscriber.name)
    if found is None:
        found = OutboxCursor(subscriber=subscriber.name, position=0)
        session.add(found)
    return found
