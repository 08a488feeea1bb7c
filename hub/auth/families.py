"""Families of tokens: what one authorization of a person for a program begins, and how it ends.

A code and a refresh token open once. The second use of either is a sign that somebody copied it,
and ends the whole family (RFC 6749 §4.1.2, RFC 9700 §4.14).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, or_, select, update

from hub.auth.models import AuthorizationCode, Client, Person, RefreshToken, TokenFamily
from hub.auth.secret import digest

log = structlog.get_logger(__name__)

CODE_LIFE = timedelta(seconds=60)
KEEP_ENDED = timedelta(days=1)
"""After this nothing that a family gave out is alive; the rows are of no use any more."""


@dataclass(frozen=True)
class NewFamily:
    """An authorization that a person has just given; `code` goes to the program."""

    client: str
    person: str
    scope: str
    signed_in_at: datetime
    redirect_uri: str
    challenge: str
    nonce: str
    life: timedelta


@dataclass(frozen=True)
class Delegation:
    """A person's authority in a program's hands, alive a moment ago."""

    family: TokenFamily
    person: Person


def begin(session: Session, code: str, made: NewFamily, *, now: datetime) -> TokenFamily:
    """Keep a code (its hash) and the family that it begins."""
    family = TokenFamily(
        client=made.client,
        person=made.person,
        scope=made.scope,
        signed_in_at=made.signed_in_at,
        created_at=now,
        expires_at=now + made.life,
    )
    session.add(family)
    session.flush()  # the code refers to the family
    session.add(
        AuthorizationCode(
            hash=digest(code),
            family=family.id,
            redirect_uri=made.redirect_uri,
            challenge=made.challenge,
            nonce=made.nonce,
            expires_at=now + CODE_LIFE,
        )
    )
    return family


def redeem(
    session: Session, code: str, client: str, *, now: datetime
) -> tuple[AuthorizationCode, Delegation] | None:
    """Spend a code of this client; of many at once one gets it. None ends what a reuse betrays."""
    key = digest(code)
    of_client = select(TokenFamily.id).where(TokenFamily.client == client)
    spent = session.exec(
        update(AuthorizationCode)
        .where(
            col(AuthorizationCode.hash) == key,
            col(AuthorizationCode.used_at).is_(None),
            col(AuthorizationCode.expires_at) > now,
            col(AuthorizationCode.family).in_(of_client),
        )
        .values(used_at=now)
        .returning(AuthorizationCode)
    ).scalar_one_or_none()
    if spent is not None:
        delegation = living(session, spent.family, client, now=now)
        return None if delegation is None else (spent, delegation)
    found = session.get(AuthorizationCode, key)
    if found is not None and found.used_at is not None:
        _betrayed(session, found.family, client, "code")
    return None


def living(session: Session, family_id: str, client: str, *, now: datetime) -> Delegation | None:
    """The family with its person, when neither it nor they nor the client has ended."""
    found = session.exec(
        select(TokenFamily, Person)
        .join(Person, col(Person.id) == col(TokenFamily.person))
        .join(Client, col(Client.client_id) == col(TokenFamily.client))
        .where(
            TokenFamily.id == family_id,
            TokenFamily.client == client,
            TokenFamily.ended == "",
            col(TokenFamily.expires_at) > now,
            col(Person.active),
            col(Client.active),
        )
    ).first()
    return None if found is None else Delegation(*found)


def lengthen(session: Session, family_id: str, secret: str, *, now: datetime) -> None:
    """Keep the next refresh token of a family (its hash)."""
    session.add(RefreshToken(hash=digest(secret), family=family_id, created_at=now))


def of_refresh_token(session: Session, secret: str) -> tuple[RefreshToken, TokenFamily] | None:
    """The link and its family, whatever their state."""
    return session.exec(
        select(RefreshToken, TokenFamily)
        .join(TokenFamily, col(TokenFamily.id) == col(RefreshToken.family))
        .where(RefreshToken.hash == digest(secret))
    ).first()


def spend(session: Session, secret: str, client: str, *, now: datetime) -> Delegation | None:
    """Spend a refresh token of this client; of many at once one gets it, the others end the family."""
    key = digest(secret)
    of_client = select(TokenFamily.id).where(TokenFamily.client == client)
    family = session.exec(
        update(RefreshToken)
        .where(
            col(RefreshToken.hash) == key,
            col(RefreshToken.used_at).is_(None),
            col(RefreshToken.family).in_(of_client),
        )
        .values(used_at=now)
        .returning(col(RefreshToken.family))
    ).scalar_one_or_none()
    if family is not None:
        return living(session, family, client, now=now)
    found = session.get(RefreshToken, key)
    if found is not None:
        _betrayed(session, found.family, client, "refresh token")
    return None


def end(session: Session, family_id: str, why: str) -> None:
    _end(session, why, col(TokenFamily.id) == family_id)


def end_all_of_person(session: Session, person: str, why: str) -> None:
    _end(session, why, col(TokenFamily.person) == person)


def end_all_of_client(session: Session, client: str, why: str) -> None:
    _end(session, why, col(TokenFamily.client) == client)


def end_between(session: Session, person: str, client: str, why: str) -> None:
    _end(session, why, col(TokenFamily.person) == person, col(TokenFamily.client) == client)


def sweep(session: Session, *, now: datetime) -> None:
    """Forget families that have ended, with their codes and refresh tokens."""
    over = select(TokenFamily.id).where(
        or_(
            col(TokenFamily.expires_at) < now - KEEP_ENDED,
            (col(TokenFamily.ended) != "") & (col(TokenFamily.created_at) < now - KEEP_ENDED),
        )
    )
    session.exec(delete(RefreshToken).where(col(RefreshToken.family).in_(over)))
    session.exec(delete(AuthorizationCode).where(col(AuthorizationCode.family).in_(over)))
    session.exec(delete(TokenFamily).where(col(TokenFamily.id).in_(over)))


def _betrayed(session: Session, family_id: str, client: str, what: str) -> None:
    """A used code or refresh token came again: its client or a thief has it, and nobody knows who.

    Another client than its own is refused without that, since it could only want the harm.
    """
    family = session.get(TokenFamily, family_id)
    if family is None or family.client != client:
        return
    log.warning("token_reused", what=what, client=client, family=family_id)
    end(session, family_id, "reused")


def _end(session: Session, why: str, *whose: ColumnElement[bool]) -> None:
    """The first reason stays."""
    session.exec(update(TokenFamily).where(col(TokenFamily.ended) == "", *whose).values(ended=why))
