"""Signing in with a password: slow on purpose, silent about names, closed after repeated failure.

Takes the engine, not a session: the password is compared while no transaction is open, and the
count of tries must stay although the sign-in is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, case, delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from hub.auth import families
from hub.auth.errors import WrongPassword
from hub.auth.models import (
    LoginSession,
    Person,
    RevokedToken,
    SignInTries,
    SpentAssertion,
)
from hub.auth.passwords import hash_password, is_outdated, is_password, rehash_password
from hub.auth.secret import digest, new_secret
from hub.auth.service import plain, set_password, the_person
from hub.db import reading, unit_of_work
from hub.errors import TooManyRequests

TRIES = 10
WINDOW = timedelta(minutes=15)
KEEP_SESSIONS = timedelta(days=30)


@dataclass(frozen=True)
class SignedIn:
    """`secret` goes into the cookie; only its hash is kept."""

    person: str
    name: str
    secret: str


def sign_in(engine: Engine, username: str, password: str, *, now: datetime) -> SignedIn:
    """Always a new session; WrongPassword or, after ten failures in 15 minutes, TooManyRequests."""
    username = plain(username)
    _count_try(engine, username, now)
    with reading(engine) as session:
        found = session.exec(select(Person).where(Person.username == username)).first()
    known = found.password_hash if found is not None and found.active else ""
    if not is_password(password, known) or found is None:
        raise WrongPassword
    renewed = rehash_password(password) if is_outdated(known) else None
    with unit_of_work(engine) as session:
        return _open(session, found.id, username, renewed, now)


def change_password(
    engine: Engine, person_id: str, current: str, new: str, *, now: datetime
) -> SignedIn:
    """A person's own change: every old sign-in ends, a new one begins."""
    with reading(engine) as session:
        person = the_person(session, person_id)
    _count_try(engine, person.username, now)
    if not is_password(current, person.password_hash):
        raise WrongPassword
    renewed = hash_password(new, username=person.username)
    with unit_of_work(engine) as session:
        return _open(session, person_id, person.username, renewed, now)


def sign_out(session: Session, secret: str) -> None:
    """End the sign-in of this cookie, if there is one."""
    login = session.get(LoginSession, digest(secret))
    if login is not None:
        login.revoked = True


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what can prove nothing any more: old sessions, spent and revoked things, old tries."""
    session.exec(delete(LoginSession).where(col(LoginSession.created_at) < now - KEEP_SESSIONS))
    families.sweep(session, now=now)
    session.exec(delete(RevokedToken).where(col(RevokedToken.expires_at) < now))
    session.exec(delete(SpentAssertion).where(col(SpentAssertion.expires_at) < now))
    session.exec(delete(SignInTries).where(col(SignInTries.since) < now - WINDOW))


def _open(
    session: Session, person_id: str, username: str, renewed: str | None, now: datetime
) -> SignedIn:
    person = the_person(session, person_id)
    if renewed is not None:
        set_password(session, person_id, renewed)
    secret = new_secret()
    session.add(LoginSession(hash=digest(secret), person=person_id, created_at=now, seen_at=now))
    session.exec(delete(SignInTries).where(col(SignInTries.name_hash) == digest(username)))
    return SignedIn(person_id, person.name, secret)


def _count_try(engine: Engine, username: str, now: datetime) -> None:
    """A try counts as failed until it succeeded, so that many at once gain nothing.

    Names that do not exist are counted alike: being closed says nothing about a name.
    """
    insert = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert
    fresh = col(SignInTries.since) > now - WINDOW
    statement = (
        insert(SignInTries)
        .values(name_hash=digest(username), tries=1, since=now)
        .on_conflict_do_update(
            index_elements=["name_hash"],
            set_={
                "tries": case((fresh, col(SignInTries.tries) + 1), else_=1),
                "since": case((fresh, col(SignInTries.since)), else_=now),
            },
        )
        .returning(col(SignInTries.tries), col(SignInTries.since))
    )
    with unit_of_work(engine) as session:
        tries, since = session.exec(statement).one()
    if tries > TRIES:
        raise TooManyRequests(
            "Terlalu banyak percobaan masuk dengan nama ini. Coba lagi nanti.",
            "Too many sign-ins with this name. Try again later.",
            retry_after=max(1, int((since + WINDOW - now).total_seconds())),
        )
