"""Introspection (RFC 7662) and revocation (RFC 7009), for access tokens and refresh tokens."""

from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy.exc import IntegrityError

from hub.auth import credentials, families, scopes
from hub.auth.core import METHODS, PROVEN, Core, Party
from hub.auth.errors import InvalidToken
from hub.auth.form import FormRequest
from hub.auth.models import RevokedToken, TokenFamily
from hub.auth.tokens import LEEWAY, AccessToken
from hub.calendar import real_now
from hub.db import reading, unit_of_work


class Good(TokenMixin):
    """A token that was just found good, as Authlib asks about it."""

    client_id: str

    def check_client(self, client: Party) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        return False  # looked at when it was read

    def is_revoked(self) -> bool:
        return False  # looked at when it was read


class Access(Good):
    def __init__(self, token: AccessToken) -> None:
        self.read = token
        self.client_id = token.client_id


class Chain(Good):
    """A refresh token; with it goes its whole family."""

    def __init__(self, family: TokenFamily) -> None:
        self.family = family
        self.client_id = family.client


def find(server: Core, raw: str) -> Access | Chain | None:
    """The token when it is good at this moment; what it is shows by itself, whatever the hint."""
    now = real_now()
    with reading(server.engine) as session:
        try:
            return Access(credentials.standing(session, server.tokens, raw, now=now).token)
        except InvalidToken:
            found = families.of_refresh_token(session, raw)
        if found is None or found[0].used_at is not None:
            return None
        lives = families.living(session, found[1].id, found[1].client, now=now)
        return None if lives is None else Chain(lives.family)


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = PROVEN
    server: Core

    def query_token(self, token_string: str, token_type_hint: str | None) -> Access | Chain | None:
        return find(self.server, token_string)

    def check_permission(self, token: Good, client: Party, request: FormRequest) -> bool:
        """A client asks about its own tokens; one with `agency:admin` about any."""
        return token.check_client(client) or scopes.AGENCY_ADMIN in client.scope

    def introspect_token(self, token: Access | Chain) -> dict[str, Any]:
        issuer = self.server.tokens.issuer
        if isinstance(token, Chain):
            return {
                "active": True,
                "client_id": token.client_id,
                "sub": token.family.person,
                "scope": token.family.scope,
                "iss": issuer,
                "iat": int(token.family.created_at.timestamp()),
                "exp": int(token.family.expires_at.timestamp()),
            }
        read = token.read
        return {
            "active": True,
            "token_type": "Bearer",
            "client_id": read.client_id,
            "sub": read.subject,
            "scope": scopes.join(read.scopes),
            "iss": issuer,
            "aud": issuer,
            "iat": int(read.issued_at.timestamp()),
            "exp": int(read.expires_at.timestamp()),
            "jti": read.jti,
        }


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS
    server: Core

    def query_token(self, token_string: str, token_type_hint: str | None) -> Access | Chain | None:
        return find(self.server, token_string)

    def revoke_token(self, token: Access | Chain, request: FormRequest) -> None:
        if isinstance(token, Chain):
            with unit_of_work(self.server.engine) as session:
                families.end(session, token.family.id, "revoked")
            return
        until = token.read.expires_at + timedelta(seconds=LEEWAY)
        try:
            with unit_of_work(self.server.engine) as session:
                session.add(RevokedToken(jti=token.read.jti, expires_at=until))
        except IntegrityError:
            pass  # somebody revoked it a moment ago
