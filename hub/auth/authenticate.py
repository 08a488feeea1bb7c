"""FastAPI dependencies that say who is calling.

Order: the Authorization header decides when there is one; else the session cookie; else nobody.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session, col, update

from hub.auth import credentials
from hub.auth.cookies import cookie_name
from hub.auth.errors import InvalidToken
from hub.auth.identity import Identity
from hub.auth.keys import SigningKeys
from hub.auth.models import LoginSession, PersonalToken
from hub.auth.secret import PERSONAL_PREFIX
from hub.auth.tokens import AccessTokens
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import NotAuthenticated
from hub.settings import Settings

TOUCH_EVERY = timedelta(minutes=1)
"""A use is noted at most this often, so that reading pages does not become writing."""


def access_tokens(settings: Settings) -> AccessTokens:
    """The tokens of the hub with these settings; keys are read from its home when needed."""
    issuer = settings.public_url.rstrip("/")
    return AccessTokens(SigningKeys(settings.keys), issuer, settings.token_seconds)


def tokens_of(request: Request) -> AccessTokens:
    """The tokens of the app that answers; made with the first request that needs them."""
    state = request.app.state
    if not hasattr(state, "access_tokens"):
        state.access_tokens = access_tokens(state.settings)
    tokens: AccessTokens = state.access_tokens
    return tokens


async def get_tokens(request: Request) -> AccessTokens:
    return tokens_of(request)


TokensDep = Annotated[AccessTokens, Depends(get_tokens)]


@dataclass(frozen=True)
class Proof:
    """What a request brings to prove who sent it, not yet judged."""

    header: str | None
    cookie: str | None
    tokens: AccessTokens
    limits: credentials.SessionLimits
    engine: Engine
    afterwards: BackgroundTasks

    def identify(self, session: Session) -> Identity | None:
        """Somebody whose proof holds, or nobody; a header that does not hold is InvalidToken."""
        now = real_now()
        if self.header is not None:
            return self._by_header(session, self.header, now)
        if self.cookie is None:
            return None
        try:
            identity, login = credentials.by_session(session, self.cookie, self.limits, now=now)
        except InvalidToken:
            # An old cookie is no reason to refuse what anybody may see.
            return None
        if now - login.seen_at >= TOUCH_EVERY:
            self.afterwards.add_task(_touch_session, self.engine, login.hash, now)
        return identity

    def _by_header(self, session: Session, header: str, now: datetime) -> Identity:
        kind, _, value = header.partition(" ")
        username: str | None = None
        match kind.lower():
            case "bearer":
                secret = value.strip()
            case "basic":
                username, secret = _basic(value)
            case _:
                raise InvalidToken
        if username is None and not secret.startswith(PERSONAL_PREFIX):
            return credentials.by_access_token(session, self.tokens, secret, now=now)
        identity, token = credentials.by_personal_token(session, secret, now=now, username=username)
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
            self.afterwards.add_task(_touch_token, self.engine, token.id, now)
        return identity


def proof_of(request: Request, afterwards: BackgroundTasks) -> Proof | None:
    """None when there is nothing to judge, so that visitors cost no look into the database."""
    settings: Settings = request.app.state.settings
    header = request.headers.get("authorization")
    cookie = request.cookies.get(cookie_name(settings))
    if header is None and cookie is None:
        return None
    return Proof(
        header,
        cookie,
        tokens_of(request),
        limits_of(settings),
        request.app.state.engine,
        afterwards,
    )


def limits_of(settings: Settings) -> credentials.SessionLimits:
    return credentials.SessionLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


async def get_proof(request: Request, afterwards: BackgroundTasks) -> Proof | None:
    return proof_of(request, afterwards)


ProofDep = Annotated[Proof | None, Depends(get_proof)]


def get_maybe_identity(proof: ProofDep) -> Identity | None:
    """Nobody, or somebody whose proof holds; a proof that does not hold is an error, not nobody."""
    if proof is None:
        return None
    # A short session of its own: no transaction stays open while the request does slow work.
    with reading(proof.engine) as session:
        return proof.identify(session)


MaybeIdentity = Annotated[Identity | None, Depends(get_maybe_identity)]


async def get_identity(identity: MaybeIdentity) -> Identity:
    if identity is None:
        raise nobody()
    return identity


IdentityDep = Annotated[Identity, Depends(get_identity)]


def nobody() -> NotAuthenticated:
    return NotAuthenticated("Masuk dahulu, atau sertakan token.", "Sign in first, or send a token.")


def _basic(value: str) -> tuple[str, str]:
    """User name and personal token, as Power Query and pandas send them."""
    try:
        name, found, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidToken from error
    if not found:
        raise InvalidToken
    return name, secret


def _touch_session(engine: Engine, key: str, now: datetime) -> None:
    with unit_of_work(engine) as session:
        session.exec(update(LoginSession).where(col(LoginSession.hash) == key).values(seen_at=now))


def _touch_token(engine: Engine, key: str, now: datetime) -> None:
    with unit_of_work(engine) as session:
        session.exec(
            update(PersonalToken).where(col(PersonalToken.id) == key).values(last_used_at=now)
        )
