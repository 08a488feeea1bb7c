"""The second proof of a person: an app that shows codes, and ten codes on paper for the day it is lost.

A code opens once: the last step that opened is kept, and only a later one opens again.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select, update

from hub.auth import sealing, totp
from hub.auth.errors import WrongCode
from hub.auth.factors import Authenticator, RecoveryCode
from hub.auth.secret import digest
from hub.errors import Conflict

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
OFFERED = timedelta(hours=1)
"""Until then the same secret is shown again, so that a page may be loaded twice."""


@dataclass(frozen=True)
class State:
    """`since` is None for somebody without an app; `codes_left` counts codes on paper."""

    since: datetime | None
    codes_left: int


def state_of(session: Session, person: str) -> State:
    since = session.exec(
        select(Authenticator.confirmed_at).where(Authenticator.person == person)
    ).first()
    left = select(func.count()).where(
        col(RecoveryCode.person) == person, col(RecoveryCode.used_at).is_(None)
    )
    return State(since, session.exec(left).one())


def is_there(session: Session, person: str) -> bool:
    return state_of(session, person).since is not None


def offer(session: Session, key: bytes, person: str, *, now: datetime) -> str:
    """The secret for an app, in base32; it counts once `confirm` has seen a code of it."""
    row = session.get(Authenticator, person)
    if row is not None and row.confirmed_at is not None:
        raise _is_there()
    if row is not None and now - row.created_at < OFFERED:
        return _secret(key, row)
    secret = totp.new_secret()
    sealed = sealing.seal(key, _owner(person), {"secret": secret})
    if row is not None:
        row.sealed, row.created_at = sealed, now
        return secret
    session.add(Authenticator(person=person, sealed=sealed, created_at=now))
    try:
        session.flush()  # of two pages at once one makes it
    except IntegrityError as error:
        raise Conflict(
            "Pemasangan ini sedang dibuka di halaman lain.", "Another page is setting this up."
        ) from error
    return secret


def confirm(session: Session, key: bytes, person: str, code: str, *, now: datetime) -> list[str]:
    """Take the app once it shows a right code; return the codes for paper, shown this once."""
    row = session.get(Authenticator, person, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise _is_there()
    step = totp.step_that_matches(_secret(key, row), _digits(code), now=now)
    if step is None:
        raise WrongCode
    row.confirmed_at, row.last_step = now, step
    return renew_recovery_codes(session, person)


def check(session: Session, key: bytes, person: str, code: str, *, now: datetime) -> None:
    """Spend a code of the app or one from paper; raise WrongCode."""
    row = session.get(Authenticator, person)
    if row is None or row.confirmed_at is None:
        raise WrongCode
    step = totp.step_that_matches(_secret(key, row), _digits(code), now=now)
    if not (_spend_step(session, person, step) or _spend_recovery(session, person, code, now)):
        raise WrongCode


def renew_recovery_codes(session: Session, person: str) -> list[str]:
    """Ten new ones in place of those before."""
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.person) == person))
    session.add_all(RecoveryCode(hash=_recovery_hash(person, c), person=person) for c in codes)
    return codes


def remove(session: Session, person: str) -> bool:
    """Take the app and the codes away; False when there was no app."""
    there = is_there(session, person)
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.person) == person))
    session.exec(delete(Authenticator).where(col(Authenticator.person) == person))
    return there


def _spend_step(session: Session, person: str, step: int | None) -> bool:
    """Of many at once one gets it, in any process."""
    if step is None:
        return False
    spent = session.exec(
        update(Authenticator)
        .where(col(Authenticator.person) == person, col(Authenticator.last_step) < step)
        .values(last_step=step)
    )
    return spent.rowcount == 1


def _spend_recovery(session: Session, person: str, code: str, now: datetime) -> bool:
    spent = session.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.hash) == _recovery_hash(person, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    return spent.rowcount == 1


def _new_recovery_code() -> str:
    """80 bits as four groups of four."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _recovery_hash(person: str, code: str) -> str:
    letters = "".join(character for character in code.lower() if character.isalnum())
    return digest(f"{person} {letters}")


def _digits(code: str) -> str:
    """A code as people type it: with a space in the middle, or at the end."""
    return "".join(code.split())


def _secret(key: bytes, row: Authenticator) -> str:
    return sealing.unseal(key, _owner(row.person), row.sealed)["secret"]


def _owner(person: str) -> str:
    return f"authenticator:{person}"


def _is_there() -> Conflict:
    return Conflict(
        "Aplikasi kode sudah terpasang, atau pemasangannya belum dimulai.",
        "The app is set up already, or setting it up was not begun.",
    )
