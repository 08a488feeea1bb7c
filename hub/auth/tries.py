"""Tries to sign in, counted before they are judged: many at once gain nothing.

Names that do not exist are counted like those that do, so that being closed says nothing about a
name. A network is counted too, more widely, because many people share one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, case, delete, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from hub.auth.caller import Caller
from hub.auth.models import SignInTries
from hub.auth.secret import digest
from hub.db import unit_of_work
from hub.errors import TooManyRequests

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Counter:
    """Something that tries are counted under, how many it may have, and what its closing says."""

    key: str
    most: int
    closed_id: str
    closed_en: str


def of_name(username: str) -> Counter:
    return Counter(
        digest(username),
        10,
        "Terlalu banyak percobaan masuk dengan nama ini. Coba lagi nanti.",
        "Too many sign-ins with this name. Try again later.",
    )


def of_codes(person: str) -> Counter:
    return Counter(
        digest(f"codes of {person}"),
        10,
        "Terlalu banyak kode yang dicoba. Coba lagi nanti.",
        "Too many codes were tried. Try again later.",
    )


def of_network(caller: Caller) -> Counter | None:
    """None when the address is not known."""
    if not caller.counted:
        return None
    return Counter(
        digest(f"network {caller.counted}"),
        100,
        "Terlalu banyak percobaan masuk dari jaringan ini. Coba lagi nanti.",
        "Too many sign-ins from this network. Try again later.",
    )


def count(engine: Engine, *counters: Counter | None, now: datetime) -> None:
    """One more try for each; raise TooManyRequests once one of them has too many."""
    found = [counter for counter in counters if counter is not None]
    with unit_of_work(engine) as session:
        seen = [_one_more(session, counter.key, now) for counter in found]
    for counter, (tries, since) in zip(found, seen, strict=True):
        if tries > counter.most:
            wait = max(1, int((since + WINDOW - now).total_seconds()))
            raise TooManyRequests(counter.closed_id, counter.closed_en, retry_after=wait)


def forget(session: Session, counter: Counter) -> None:
    """It succeeded, so what failed before was nobody's guessing."""
    session.exec(delete(SignInTries).where(col(SignInTries.name_hash) == counter.key))


def give_back(session: Session, counter: Counter | None) -> None:
    """Take one success out of a count in which others' failures stay."""
    if counter is None:
        return
    session.exec(
        update(SignInTries)
        .where(col(SignInTries.name_hash) == counter.key, col(SignInTries.tries) > 0)
        .values(tries=col(SignInTries.tries) - 1)
    )


def sweep(session: Session, *, now: datetime) -> None:
    session.exec(delete(SignInTries).where(col(SignInTries.since) < now - WINDOW))


def _one_more(session: Session, key: str, now: datetime) -> tuple[int, datetime]:
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    fresh = col(SignInTries.since) > now - WINDOW
    statement = (
        insert(SignInTries)
        .values(name_hash=key, tries=1, since=now)
        .on_conflict_do_update(
            index_elements=["name_hash"],
            set_={
                "tries": case((fresh, col(SignInTries.tries) + 1), else_=1),
                "since": case((fresh, col(SignInTries.since)), else_=now),
            },
        )
        .returning(col(SignInTries.tries), col(SignInTries.since))
    )
    tries, since = session.exec(statement).one()
    return tries, since
