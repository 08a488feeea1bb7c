"""From a proof to a sign-in: at once, or halfway when a second proof is owed. Always a new secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from hub.auth import second_factor, tries
from hub.auth.caller import UNKNOWN, Caller
from hub.auth.errors import NotHalfWay
from hub.auth.factors import HalfSignIn
from hub.auth.models import LoginSession
from hub.auth.secret import digest, new_secret
from hub.auth.service import the_person
from hub.db import reading

HALF_LIFE = timedelta(minutes=10)

Demand = Callable[[Session, str], bool]
"""Whether a person may only come in with a second proof, whatever she set up herself."""


def demands_nothing(session: Session, person: str) -> bool:
    return False


@dataclass(frozen=True)
class Way:
    """How somebody came: from where, and which provider vouched for her (none: her password did)."""

    caller: Caller = UNKNOWN
    provider: str = ""
    outside_session: str = ""


@dataclass(frozen=True)
class SignedIn:
    """`secret` goes into the cookie; only its hash is kept."""

    person: str
    name: str
    secret: str


@dataclass(frozen=True)
class HalfWay:
    """Nobody has come in yet; `secret` goes into a cookie of its own, which opens one page."""

    person: str
    secret: str


@dataclass(frozen=True)
class Half:
    """Who is halfway; without an app of her own (`has_app`) she sets one up first."""

    person: str
    username: str
    has_app: bool


def enter(
    session: Session, person: str, way: Way, *, now: datetime, demands: Demand = demands_nothing
) -> SignedIn | HalfWay:
    """After a first proof that was right."""
    if not (second_factor.is_there(session, person) or demands(session, person)):
        return open_session(session, person, way, now=now)
    secret = new_secret()
    session.add(
        HalfSignIn(
            hash=digest(secret),
            person=person,
            provider=way.provider,
            outside_session=way.outside_session,
            created_at=now,
        )
    )
    return HalfWay(person, secret)


def open_session(
    session: Session, person_id: str, way: Way, *, now: datetime, twice: bool = False
) -> SignedIn:
    """Nothing more is owed. `twice` says that a second proof was given."""
    person = the_person(session, person_id)
    secret = new_secret()
    session.add(
        LoginSession(
            hash=digest(secret),
            person=person_id,
            created_at=now,
            seen_at=now,
            browser=way.caller.browser,
            network=way.caller.network,
            provider=way.provider,
            outside_session=way.outside_session,
            second_factor=twice,
        )
    )
    tries.forget(session, tries.of_name(person.username))
    tries.forget(session, tries.of_codes(person_id))
    return SignedIn(person_id, person.name, secret)


def renew(session: Session, session_id: str, way: Way, *, now: datetime) -> SignedIn:
    """The same sign-in under a new secret, after its person proved herself twice."""
    found = session.exec(select(LoginSession).where(LoginSession.id == session_id)).one()
    found.revoked = True
    kept = Way(way.caller, found.provider, found.outside_session)
    return open_session(session, found.person, kept, now=now, twice=True)


def half_of(session: Session, secret: str, *, now: datetime) -> Half:
    """Raise NotHalfWay when the first step was not taken, or ten minutes ago."""
    row = _half(session, secret, now)
    person = the_person(session, row.person)
    return Half(person.id, person.username, second_factor.is_there(session, person.id))


def count_code(engine: Engine, secret: str, *, now: datetime) -> Half:
    """One more code is tried by whoever is halfway; NotHalfWay, or TooManyRequests after ten."""
    with reading(engine) as session:
        half = half_of(session, secret, now=now)
    tries.count(engine, tries.of_codes(half.person), now=now)
    return half


def finish(
    session: Session, key: bytes, secret: str, code: str, *, caller: Caller, now: datetime
) -> SignedIn:
    """The second step: a code of her app or from paper. Raise NotHalfWay or WrongCode."""
    row = _half(session, secret, now)
    second_factor.check(session, key, row.person, code, now=now)
    return _whole(session, row, caller, now)


def finish_with_new_app(
    session: Session, key: bytes, secret: str, code: str, *, caller: Caller, now: datetime
) -> tuple[SignedIn, list[str]]:
    """The second step of somebody who had to set up an app; with the codes for paper."""
    row = _half(session, secret, now)
    codes = second_factor.confirm(session, key, row.person, code, now=now)
    return _whole(session, row, caller, now), codes


def sweep(session: Session, *, now: datetime) -> None:
    session.exec(delete(HalfSignIn).where(col(HalfSignIn.created_at) < now - HALF_LIFE))


def _half(session: Session, secret: str, now: datetime) -> HalfSignIn:
    row = session.get(HalfSignIn, digest(secret))
    if row is None or now - row.created_at >= HALF_LIFE:
        raise NotHalfWay
    if not the_person(session, row.person).active:
        raise NotHalfWay
    return row


def _whole(session: Session, row: HalfSignIn, caller: Caller, now: datetime) -> SignedIn:
    session.delete(row)
    way = Way(caller, row.provider, row.outside_session)
    return open_session(session, row.person, way, now=now, twice=True)
