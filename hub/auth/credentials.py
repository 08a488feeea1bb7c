"""From a proof to an identity: access token, personal token, session. Raise InvalidToken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.auth.errors import InvalidToken
from hub.auth.identity import Identity
from hub.auth.models import (
    Client,
    LoginSession,
    Person,
    PersonalToken,
    RevokedToken,
    TokenFamily,
)
from hub.auth.scopes import ALL, split
from hub.auth.secret import digest
from hub.auth.tokens import AccessToken, AccessTokens


@dataclass(frozen=True)
class SessionLimits:
    """How long a sign-in lives: in silence, and altogether."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True)
class Standing:
    """An access token that is good at this moment, with those whose it is; `person` is None for a
    program's own.
    """

    token: AccessToken
    client_name: str
    client_scope: frozenset[str]
    person: Person | None


def standing(session: Session, tokens: AccessTokens, raw: str, *, now: datetime) -> Standing:
    """One question to the database; who was switched off is off in tokens already issued."""
    token = tokens.read(raw, now=now)
    if token.family is None:
        return _of_program(session, token)
    return _of_person(session, token, token.family, now)


def by_access_token(session: Session, tokens: AccessTokens, raw: str, *, now: datetime) -> Identity:
    """The client of a token, or the person who allowed it; a scope the client lost is lost here."""
    found = standing(session, tokens, raw, now=now)
    client, allowed = found.token.client_id, found.token.scopes & found.client_scope
    if found.person is None:
        return Identity("client", client, found.client_name, allowed, "token")
    return Identity("person", found.person.id, found.person.name, allowed, "token", client=client)


def _of_program(session: Session, token: AccessToken) -> Standing:
    found = session.exec(
        select(Client.name, Client.scope, RevokedToken.jti)
        .outerjoin(RevokedToken, col(RevokedToken.jti) == token.jti)
        .where(Client.client_id == token.client_id, col(Client.active))
    ).first()
    if found is None or found[2] is not None or token.subject != token.client_id:
        raise InvalidToken
    return Standing(token, found[0], split(found[1]) & ALL, None)


def _of_person(session: Session, token: AccessToken, family: str, now: datetime) -> Standing:
    found = session.exec(
        select(Client.name, Client.scope, Person, RevokedToken.jti)
        .select_from(TokenFamily)
        .join(Client, col(Client.client_id) == col(TokenFamily.client))
        .join(Person, col(Person.id) == col(TokenFamily.person))
        .outerjoin(RevokedToken, col(RevokedToken.jti) == token.jti)
        .where(
            TokenFamily.id == family,
            TokenFamily.client == token.client_id,
            TokenFamily.person == token.subject,
            TokenFamily.ended == "",
            col(TokenFamily.expires_at) > now,
            col(Client.active),
            col(Person.active),
        )
    ).first()
    if found is None or found[3] is not None:
        raise InvalidToken
    name, scope, person, _ = found
    return Standing(token, name, split(scope) & ALL, person)


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
        "person",
        person.id,
        person.name,
        split(token.scope),
        "personal-token",
        token.dataset,
        actions=None if token.actions is None else frozenset(token.actions),
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
    identity = Identity(
        "person",
        person.id,
        person.name,
        ALL,
        "session",
        signed_in_at=login.created_at,
        session_id=login.id,
    )
    return identity, login
