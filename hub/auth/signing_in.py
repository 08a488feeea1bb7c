"""Signing in with a password: slow on purpose, silent about names, closed after repeated failure.

Takes the engine, not a session: the password is compared while no transaction is open, and the
count of tries must stay although the sign-in is refused.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from hub.auth import entering, families, one_time, tries
from hub.auth.caller import UNKNOWN, Caller
from hub.auth.entering import Demand, HalfWay, SignedIn, Way
from hub.auth.errors import WrongPassword
from hub.auth.models import LoginSession, Person, RevokedToken, SpentAssertion
from hub.auth.outside import attempts
from hub.auth.passwords import hash_password, is_outdated, is_password, rehash_password
from hub.auth.secret import digest
from hub.auth.service import plain, set_password, the_person
from hub.db import reading, unit_of_work

KEEP_SESSIONS = timedelta(days=30)


def sign_in(
    engine: Engine,
    username: str,
    password: str,
    *,
    now: datetime,
    caller: Caller = UNKNOWN,
    demands: Demand = entering.demands_nothing,
) -> SignedIn | HalfWay:
    """A new session, or the way to the second proof; WrongPassword, or TooManyRequests after ten
    failures in 15 minutes under one name or a hundred from one network.
    """
    username = plain(username)
    network = tries.of_network(caller)
    tries.count(engine, tries.of_name(username), network, now=now)
    with reading(engine) as session:
        found = session.exec(select(Person).where(Person.username == username)).first()
    known = found.password_hash if found is not None and found.active else ""
    if not is_password(password, known) or found is None:
        raise WrongPassword
    renewed = rehash_password(password) if is_outdated(known) else None
    with unit_of_work(engine) as session:
        person = the_person(session, found.id)
        if renewed is not None and person.password_hash == known:
            person.password_hash = renewed
        tries.give_back(session, network)
        return entering.enter(session, found.id, Way(caller), now=now, demands=demands)


def new_hash(engine: Engine, person_id: str, current: str, new: str, *, now: datetime) -> str:
    """The hash of a person's own new password; she proves that she knows the old one."""
    person = must_know(engine, person_id, current, now=now)
    return hash_password(new, username=person.username)


def replace_password(
    session: Session,
    person_id: str,
    hashed: str,
    *,
    caller: Caller = UNKNOWN,
    now: datetime,
    session_id: str | None = None,
) -> SignedIn:
    """Every old sign-in ends; the one with this id goes on under a new secret, as well proven."""
    before = session.exec(select(LoginSession).where(LoginSession.id == session_id)).first()
    set_password(session, person_id, hashed)
    if before is None:
        return entering.open_session(session, person_id, Way(caller), now=now)
    way = Way(caller, before.provider, before.outside_session)
    return entering.open_session(session, person_id, way, now=now, twice=before.second_factor)


def must_know(engine: Engine, person_id: str, password: str, *, now: datetime) -> Person:
    """The person, when this is her password; WrongPassword or TooManyRequests otherwise."""
    with reading(engine) as session:
        person = the_person(session, person_id)
    tries.count(engine, tries.of_name(person.username), now=now)
    if not is_password(password, person.password_hash):
        raise WrongPassword
    with unit_of_work(engine) as session:
        tries.forget(session, tries.of_name(person.username))
    return person


def sign_out(session: Session, secret: str) -> LoginSession | None:
    """End the sign-in of this cookie, and return it if there was one."""
    login = session.get(LoginSession, digest(secret))
    if login is not None:
        login.revoked = True
    return login


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what can prove nothing any more: old sessions, spent and revoked things, old tries."""
    session.exec(delete(LoginSession).where(col(LoginSession.created_at) < now - KEEP_SESSIONS))
    families.sweep(session, now=now)
    session.exec(delete(RevokedToken).where(col(RevokedToken.expires_at) < now))
    session.exec(delete(SpentAssertion).where(col(SpentAssertion.expires_at) < now))
    entering.sweep(session, now=now)
    one_time.sweep(session, now=now)
    attempts.sweep(session, now=now)
    tries.sweep(session, now=now)
