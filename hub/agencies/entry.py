"""One-time codes as the walidata hands them out, and as people use them: with ledger entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from hub.auth import one_time
from hub.auth.entering import Demand, HalfWay, SignedIn, Way
from hub.auth.service import the_person
from hub.errors import Conflict
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


@dataclass(frozen=True)
class NewCode:
    """`code` is shown this once."""

    person: str
    code: str
    expires_at: datetime


def hand_out(
    session: Session,
    ledger: Ledger,
    by: Actor,
    key: bytes,
    person: str,
    *,
    days: int,
    now: datetime,
    reset: bool = False,
) -> NewCode:
    """A code with which she chooses a password; with `reset` the old one opens nothing any more.

    Raise NotFound, or Conflict for an account that is switched off.
    """
    if not the_person(session, person).active:
        raise Conflict(
            "Akun ini nonaktif; aktifkan dahulu.", "This account is off; switch it on first."
        )
    if reset:
        one_time.take_password(session, person)
        _record(session, ledger, by, person, "person.password")
    code = one_time.issue(session, key, person, days=days, now=now)
    _record(session, ledger, by, person, "person.code")
    return NewCode(person, code, now + timedelta(days=days))


def use(
    session: Session,
    ledger: Ledger,
    key: bytes,
    code: str,
    person: str,
    password_hash: str,
    way: Way,
    *,
    now: datetime,
    demands: Demand,
) -> SignedIn | HalfWay:
    """She spends it on a password of her own. Raise WrongEntryCode."""
    entered = one_time.redeem(session, key, code, password_hash, way, now=now, demands=demands)
    _record(session, ledger, Actor(person=person), person, "person.password")
    return entered


def _record(session: Session, ledger: Ledger, by: Actor, person: str, kind: str) -> None:
    ledger.record(session, kind=kind, actor=by, target=Target("person", person))
