"""FastAPI dependencies that say who is calling.

Order: the Authorization header decides when there is one; else the session cookie; else nobody.
"""

import base64
import binascii
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
from hub.deps import EngineDep, SettingsDep
from hub.errors import NotAuthenticated
from hub.settings import Settings

TOUCH_EVERY = timedelta(minutes=1)
"""A use is noted at most this often, so that reading pages does not become writing."""


def access_tokens(settings: Settings) -> AccessTokens:
    """The tokens of the hub with these settings; keys are read from its home when needed."""
    issuer = settings.public_url.rstrip("/")
    return AccessTokens(SigningKeys(settings.keys), issuer, settings.token_seconds)


def get_tokens(request: Request, settings: SettingsDep) -> AccessTokens:
    state = request.app.state
    if not hasattr(state, "access_tokens"):
        state.access_tokens = access_tokens(settings)
    tokens: AccessTokens = state.access_tokens
    return tokens


TokensDep = Annotated[AccessTokens, Depends(get_tokens)]


def get_maybe_identity(
    request: Request,
    engine: EngineDep,
    settings: SettingsDep,
    tokens: TokensDep,
    afterwards: BackgroundTasks,
) -> Identity | None:
    """Nobody, or somebody whose proof holds; a proof that does not hold is an error, not nobody."""
    header = request.headers.get("authorization")
    cookie = request.cookies.get(cookie_name(settings))
    if header is None and cookie is None:
        return None
    now = real_now()
    # A short session of its own: no transaction stays open while the request does slow work.
    with reading(engine) as session:
        if header is not None:
            return _by_header(session, engine, tokens, header, now, afterwards)
        try:
            identity, login = credentials.by_session(
                session, str(cookie), session_limits(settings), now=now
            )
        except InvalidToken:
            # An old cookie is no reason to refuse what anybody may see.
            return None
    if now - login.seen_at >= TOUCH_EVERY:
        afterwards.add_task(_touch_session, engine, login.hash, now)
    return identity


def get_identity(identity: "MaybeIdentity") -> Identity:
    if identity is None:
        raise NotAuthenticated(
            "Masuk dahulu, atau sertakan token.", "Sign in first, or send a token."
        )
    return identity


MaybeIdentity = Annotated[Identity | None, Depends(get_maybe_identity)]
IdentityDep = Annotated[Identity, Depends(get_identity)]


def session_limits(settings: Settings) -> credentials.SessionLimits:
    return credentials.SessionLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def _by_header(
    session: Session,
    engine: Engine,
    tokens: AccessTokens,
    header: str,
    now: datetime,
    afterwards: BackgroundTasks,
) -> Identity:
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
        return credentials.by_access_token(session, tokens, secret, now=now)
    identity, token = credentials.by_personal_token(session, secret, now=now, username=username)
    if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
        afterwards.add_task(_touch_token, engine, token.id, now)
    return identity


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
