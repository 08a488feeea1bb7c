"""From a proof to an identity: access token, personal token, session. Raise InvalidToken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.auth.errors import InvalidToken
from hub.auth.identity import Identity
from hub.auth.models import Client, LoginSession, Person, PersonalToken, RevokedToken
from hub.auth.scopes import ALL, split
from hub.auth.secret import digest
from hub.auth.tokens import AccessTokens


@dataclass(frozen=True)
class SessionLimits:
    """How long a sign-in lives: in silence, and altogether."""

    idle: timedelta
    absolute: timedelta


def by_access_token(session: Session, tokens: AccessTokens, raw: str, *, now: datetime) -> Identity:
    """The client of a token; one that lost a scope or was switched off loses it at once."""
    token = tokens.read(raw, now=now)
    if token.subject != token.client_id:
        raise InvalidToken
    found = session.exec(
        select(Client.name, Client.scope, RevokedToken.jti)
        .outerjoin(RevokedToken, col(RevokedToken.jti) == token.jti)
        .where(Client.client_id == token.client_id, col(Client.active))
    ).first()
    if found is None or found[2] is not None:
        raise InvalidToken
    name, scope, _ = found
    return Identity("client", token.client_id, name, token.scopes & split(scope), "token")


def by_personal_token(
    session: Session, raw: str, *, now: datetime, username: str | None = None
) -> tuple[Identity, PersonalToken]:
    """The person of a token; with `username` (HTTP Basic) both must belong together."""
    found = session.exec(
        select(PersonalToken, Person)
        .where(PersonalToken.hash == digest(raw))
        .join(Person, col(PersonalToken.person) == col(Person.id))
    ).first()
    if found is None:
        raise InvalidToken
    token, person = found
    if token.revoked_at is not None or token.expires_at <= now or not person.active:
        raise InvalidToken
    if username is not None and username.strip().casefold() != person.username:
        raise InvalidToken
    identity = Identity(
        "person", person.id, person.name, split(token.scope), "personal-token", token.dataset
    )
    return identity, token


def by_session(
    session: Session, raw: str, limits: SessionLimits, *, now: datetime
) -> tuple[Identity, LoginSession]:
    """The person who signed in, unless the session was silent or alive for too long."""
    login = session.get(LoginSession, digest(raw))
    if login is None or login.revoked:
        raise InvalidToken
    if now >= login.seen_at + limits.idle or now >= login.created_at + limits.absolute:
        raise InvalidToken
    person = session.get(Person, login.person)
    if person is None or not person.active:
        raise InvalidToken
    return Identity("person", person.id, person.name, ALL, "session"), login
