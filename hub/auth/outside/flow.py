"""There and back: a browser is led to the provider, and what it brings back becomes a proven person."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from hub.auth.errors import OutsideRefused
from hub.auth.factors import OutsideAttempt, OutsideIdentity
from hub.auth.models import LoginSession, SpentAssertion
from hub.auth.outside import attempts, claims
from hub.auth.outside.provider import Provider
from hub.db import unit_of_work

log = structlog.get_logger(__name__)

LONGEST_TEXT = 200


@dataclass(frozen=True)
class Proven:
    """Somebody whom the provider vouches for. `issuer` and `subject` name her; the rest is hearsay."""

    provider: str
    issuer: str
    subject: str
    username: str
    name: str
    email: str
    roles: frozenset[str]
    session: str


def lead(
    engine: Engine,
    provider: Provider,
    *,
    browser: str,
    after: str,
    now: datetime,
    person: str | None = None,
) -> str:
    """The address at the provider's to which this browser goes; raise ProviderSilent."""
    provider.document()  # asked before a transaction is open
    with unit_of_work(engine) as session:
        begun = attempts.begin(
            session, provider.standing.name, browser, after, now=now, person=person
        )
    return provider.address_to_ask(
        state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
    )


def come_back(
    engine: Engine, provider: Provider, said: Mapping[str, str], *, browser: str, now: datetime
) -> tuple[OutsideAttempt, Proven]:
    """Raise AttemptGone, OutsideRefused or ProviderSilent; the attempt is gone either way."""
    with unit_of_work(engine) as session:
        attempt = attempts.take(
            session, provider.standing.name, said.get("state", ""), browser, now=now
        )
    try:
        return attempt, _proven(provider, attempt, said, now)
    except OutsideRefused as error:
        log.warning("outside_refused", provider=provider.standing.name, why=error.why)
        raise


def logged_out(engine: Engine, provider: Provider, raw: str, *, now: datetime) -> int:
    """End the sign-ins that the provider has ended (back-channel); return how many there were."""
    told = claims.logout_token(
        raw,
        provider.keys,
        issuer=provider.standing.issuer,
        client_id=provider.standing.client_id,
        now=now,
    )
    until = datetime.fromtimestamp(told["exp"] + 2 * claims.LEEWAY, now.tzinfo)
    try:
        with unit_of_work(engine) as session:
            session.add(SpentAssertion(client=told["iss"], jti=told["jti"], expires_at=until))
            session.flush()  # a second use of the same token ends here
            return _end(session, provider, told)
    except IntegrityError as error:
        raise OutsideRefused("jti") from error


def _end(session: Session, provider: Provider, told: claims.Claims) -> int:
    ended = update(LoginSession).where(
        col(LoginSession.provider) == provider.standing.name, col(LoginSession.revoked).is_(False)
    )
    if "sid" in told:
        ended = ended.where(col(LoginSession.outside_session) == str(told["sid"]))
    if "sub" in told:
        known = select(OutsideIdentity.person).where(
            OutsideIdentity.issuer == told["iss"], OutsideIdentity.subject == told["sub"]
        )
        ended = ended.where(col(LoginSession.person).in_(known))
    return int(session.exec(ended.values(revoked=True)).rowcount)


def _proven(
    provider: Provider, attempt: OutsideAttempt, said: Mapping[str, str], now: datetime
) -> Proven:
    _from_this_issuer(provider, said)
    if "error" in said:
        raise OutsideRefused(f"error: {said['error'][:LONGEST_TEXT]}")
    if not said.get("code"):
        raise OutsideRefused("no code")
    token = provider.redeem(said["code"], attempt.verifier)
    standing = provider.standing
    told = claims.id_token(
        token.get("id_token"),
        provider.keys,
        issuer=standing.issuer,
        client_id=standing.client_id,
        nonce=attempt.nonce,
        now=now,
    )
    claims.same_access_token(told, token.get("access_token"))
    return _person(provider, _with_roles(provider, told, token))


def _from_this_issuer(provider: Provider, said: Mapping[str, str]) -> None:
    """RFC 9207: an answer that says whose it is must be this provider's; one that should say, must."""
    issuer, named = provider.standing.issuer, said.get("iss")
    if named is None and provider.document().get("authorization_response_iss_parameter_supported"):
        raise OutsideRefused("iss is missing in the answer")
    if named is not None and not hmac.compare_digest(named.encode(), issuer.encode()):
        raise OutsideRefused("iss of the answer")


def _with_roles(provider: Provider, told: claims.Claims, token: Mapping[str, Any]) -> claims.Claims:
    """Keycloak tells roles in the ID token only when asked to; userinfo is asked where it does not."""
    if claims.roles_at(told, provider.standing.roles_claim) is not None:
        return told
    access_token = token.get("access_token")
    if not isinstance(access_token, str):
        return told
    more = provider.userinfo(access_token)
    if more and more.get("sub") != told["sub"]:
        raise OutsideRefused("sub of userinfo")
    return {**more, **told}


def _person(provider: Provider, told: claims.Claims) -> Proven:
    standing = provider.standing
    username = _text(told, "preferred_username") or told["sub"]
    return Proven(
        provider=standing.name,
        issuer=standing.issuer,
        subject=told["sub"],
        username=username,
        name=_text(told, "name") or username,
        email=_text(told, "email") if told.get("email_verified") is True else "",
        roles=claims.roles_at(told, standing.roles_claim) or frozenset(),
        session=_text(told, "sid"),
    )


def _text(told: claims.Claims, name: str) -> str:
    value = told.get(name)
    return value.strip()[:LONGEST_TEXT] if isinstance(value, str) and value.isprintable() else ""
