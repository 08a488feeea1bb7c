"""One-time codes: a person without a password chooses one, by a code that somebody handed her on paper.

Ten letters of Crockford's base32, 50 bits. Kept as an HMAC under the hub's key, so that whoever reads the
table alone tries none of them at home.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from hub.auth import entering, tries
from hub.auth.caller import Caller
from hub.auth.entering import Demand, HalfWay, SignedIn, Way
from hub.auth.entry_codes import EntryCode
from hub.auth.models import Person
from hub.auth.secret import digest
from hub.auth.service import set_password, the_person
from hub.auth.tries import Counter
from hub.db import reading
from hub.errors import NotAuthenticated

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 10, 5
_MEANT = str.maketrans("OIL", "011")
"""Letters that look like a digit; Crockford leaves them out so that they may be read as one."""
FROM_ONE_NETWORK = 30


class WrongEntryCode(NotAuthenticated):
    """Unknown, used, replaced or too old: the answer does not say which."""

    def __init__(self) -> None:
        super().__init__(
            "Kode ini tidak dikenal, sudah dipakai, atau sudah lewat waktunya. Periksa hurufnya, atau "
            "minta kode baru dari walidata.",
            "This code is unknown, was used before or is too old. Check its letters, or ask the "
            "walidata for a new one.",
            field="code",
        )


@dataclass(frozen=True)
class Meant:
    """Whose code it is, to be confirmed by her before she chooses a password."""

    person: str
    username: str
    name: str


def issue(session: Session, key: bytes, person: str, *, days: int, now: datetime) -> str:
    """A new code for her, shown this once, in two groups; those before open nothing any more."""
    withdraw(session, person)
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    expires = now + timedelta(days=days)
    session.add(
        EntryCode(hash=_hash(key, letters), person=person, created_at=now, expires_at=expires)
    )
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


def withdraw(session: Session, person: str) -> None:
    """No code of hers opens anything any more."""
    session.exec(
        delete(EntryCode).where(col(EntryCode.person) == person, col(EntryCode.used_at).is_(None))
    )


def open_until(session: Session, person: str, *, now: datetime) -> datetime | None:
    """Until when a code lies about that she has not used; None when there is none."""
    wanted = select(EntryCode.expires_at).where(
        EntryCode.person == person, col(EntryCode.used_at).is_(None), EntryCode.expires_at > now
    )
    return session.exec(wanted).first()


def look(engine: Engine, key: bytes, code: str, *, caller: Caller, now: datetime) -> Meant:
    """Whose it is; raise WrongEntryCode, or TooManyRequests after too many from one network or of one code."""
    hashed = _hash(key, plain(code))
    tries.count(engine, _of_code(hashed), _of_network(caller), now=now)
    with reading(engine) as session:
        person = _person_of(session, hashed, now)
    return Meant(person.id, person.username, person.name)


def redeem(
    session: Session,
    key: bytes,
    code: str,
    password_hash: str,
    way: Way,
    *,
    now: datetime,
    demands: Demand,
) -> SignedIn | HalfWay:
    """Spend the code: her password is this one from now on, and she is in, or halfway.

    Of two at once one gets it. Raise WrongEntryCode.
    """
    hashed = _hash(key, plain(code))
    person = _person_of(session, hashed, now).id
    spent = session.exec(
        update(EntryCode)
        .where(col(EntryCode.hash) == hashed, col(EntryCode.used_at).is_(None))
        .values(used_at=now)
    )
    if spent.rowcount != 1:
        raise WrongEntryCode
    set_password(session, person, password_hash)
    tries.give_back(session, _of_network(way.caller))
    return entering.enter(session, person, way, now=now, demands=demands)


def take_password(session: Session, person: str) -> None:
    """Her old password opens nothing from now on, and nothing that it opened stays open."""
    set_password(session, person, "")


def sweep(session: Session, *, now: datetime) -> None:
    session.exec(delete(EntryCode).where(col(EntryCode.expires_at) < now))


def plain(code: str) -> str:
    """A code as it is compared: what people type around, between and instead of its letters is undone."""
    return "".join(c for c in code.upper().translate(_MEANT) if c.isalnum())[:64]


def _person_of(session: Session, hashed: str, now: datetime) -> Person:
    wanted = select(EntryCode).where(
        EntryCode.hash == hashed, col(EntryCode.used_at).is_(None), EntryCode.expires_at > now
    )
    found = session.exec(wanted).first()
    if found is None or not the_person(session, found.person).active:
        raise WrongEntryCode
    return the_person(session, found.person)


def _hash(key: bytes, letters: str) -> str:
    return hmac.new(key, f"entry-code {letters}".encode(), hashlib.sha256).hexdigest()


def _of_code(hashed: str) -> Counter:
    return Counter(
        digest(f"entry code {hashed}"),
        10,
        "Kode ini terlalu sering dicoba. Coba lagi nanti.",
        "This code was tried too often. Try again later.",
    )


def _of_network(caller: Caller) -> Counter | None:
    if not caller.counted:
        return None
    return Counter(
        digest(f"entry codes from {caller.counted}"),
        FROM_ONE_NETWORK,
        "Terlalu banyak kode dicoba dari jaringan ini. Coba lagi nanti.",
        "Too many codes were tried from this network. Try again later.",
    )
