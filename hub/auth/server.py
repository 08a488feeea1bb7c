"""The OAuth 2 server: Authlib's core over this hub's tables. Synchronous; runs in the threadpool.

Pitfalls P1 to P17 of the security study are met here one by one; `tests/hub/auth` proves each.
"""

import base64
import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidScopeError,
    OAuth2Error,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from starlette.responses import JSONResponse, Response

from hub.auth import assertions, scopes
from hub.auth.errors import InvalidToken
from hub.auth.form import FormRequest, RawForm
from hub.auth.models import Client, RevokedToken
from hub.auth.secret import matches
from hub.auth.tokens import LEEWAY, AccessToken, AccessTokens
from hub.calendar import real_now
from hub.db import reading, unit_of_work

SECRET = "client_secret_basic"  # noqa: S105 - the name of a method
METHODS = [SECRET, assertions.METHOD]


class Party(ClientMixin):
    """A client as Authlib asks about it. One client has one method, on every endpoint."""

    def __init__(self, client: Client) -> None:
        self.client_id = client.client_id
        self.jwks = client.jwks
        self.scope = scopes.split(client.scope)
        self._secret_hash = client.secret_hash

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        asked = scopes.split(scope) if isinstance(scope, str) else frozenset(scope)
        return scopes.join(asked & self.scope)

    def check_client_secret(self, client_secret: str) -> bool:
        return matches(client_secret, self._secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == (assertions.METHOD if self.jwks else SECRET)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == ClientCredentials.GRANT_TYPE


class Token(TokenMixin):
    """An access token that was just verified and is not revoked."""

    def __init__(self, token: AccessToken) -> None:
        self.read = token

    def check_client(self, client: Party) -> bool:
        return self.read.client_id == client.client_id

    def is_expired(self) -> bool:
        return False  # checked when it was read

    def is_revoked(self) -> bool:
        return False  # checked when it was read


class ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        """Refuse what the client does not have; narrowing it silently would surprise later."""
        request: Any = self.request
        if not scopes.split(request.payload.scope or "") <= request.client.scope:
            raise InvalidScopeError


class Server(AuthorizationServer):
    """One hub's authorization server; opens short sessions of its own on the engine."""

    def __init__(self, engine: Engine, tokens: AccessTokens) -> None:
        super().__init__(scopes_supported=sorted(scopes.ALL))
        # At DEBUG Authlib writes whole tokens into the log.
        logging.getLogger("authlib").setLevel(logging.INFO)
        self.engine = engine
        self.tokens = tokens
        generator: Any = self._new_token
        self.register_token_generator("default", generator)
        self.register_client_auth_method(SECRET, _by_secret)
        self.register_client_auth_method(
            assertions.METHOD, assertions.ClientAssertion(engine, tokens.issuer)
        )
        self.register_grant(ClientCredentials)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)

    def token(self, raw: RawForm) -> Response:
        return _answer(raw, self.create_token_response)

    def introspect(self, raw: RawForm) -> Response:
        return _answer(raw, partial(_endpoint(self), Introspection.ENDPOINT_NAME))

    def revoke(self, raw: RawForm) -> Response:
        return _answer(raw, partial(_endpoint(self), Revocation.ENDPOINT_NAME))

    def read_token(self, raw: str) -> Token | None:
        """The token when it is good at this moment."""
        try:
            token = self.tokens.read(raw, now=real_now())
        except InvalidToken:
            return None
        with reading(self.engine) as session:
            client = session.get(Client, token.client_id)
            revoked = session.get(RevokedToken, token.jti) is not None
        return None if revoked or client is None or not client.active else Token(token)

    def query_client(self, client_id: str) -> Party | None:  # type: ignore[override]  # None is meant
        with reading(self.engine) as session:
            client = session.get(Client, client_id)
        return Party(client) if client is not None and client.active else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing to keep: the token says all, and revocation is by its `jti`."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return JSONResponse(body, status, headers=dict(headers))

    def _new_token(
        self, grant_type: str, client: Party, scope: str | None = None, **_: Any
    ) -> dict[str, Any]:
        granted = scopes.join(scopes.split(scope) if scope else client.scope)
        return {
            "token_type": "Bearer",
            "access_token": self.tokens.issue(client.client_id, granted, now=real_now()),
            "expires_in": self.tokens.seconds,
            "scope": granted,
        }


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = METHODS
    server: Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return self.server.read_token(token_string)

    def check_permission(self, token: Token, client: Party, request: FormRequest) -> bool:
        """A client asks about its own tokens; one with `agency:admin` about any."""
        return token.check_client(client) or scopes.AGENCY_ADMIN in client.scope

    def introspect_token(self, token: Token) -> dict[str, Any]:
        read = token.read
        return {
            "active": True,
            "token_type": "Bearer",
            "client_id": read.client_id,
            "sub": read.subject,
            "scope": scopes.join(read.scopes),
            "iss": self.server.tokens.issuer,
            "aud": self.server.tokens.issuer,
            "iat": int(read.issued_at.timestamp()),
            "exp": int(read.expires_at.timestamp()),
            "jti": read.jti,
        }


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS
    server: Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return self.server.read_token(token_string)

    def revoke_token(self, token: Token, request: FormRequest) -> None:
        until = token.read.expires_at + timedelta(seconds=LEEWAY)
        try:
            with unit_of_work(self.server.engine) as session:
                session.add(RevokedToken(jti=token.read.jti, expires_at=until))
        except IntegrityError:
            pass  # somebody revoked it a moment ago


def _by_secret(query_client: Callable[[str], Party | None], request: FormRequest) -> Party | None:
    """client_secret_basic; Authlib's own fails on a header that is not text."""
    kind, _, value = request.authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except ValueError as error:
        raise InvalidClientError(status_code=401) from error
    client_id, _, secret = (unquote_plus(part) for part in pair.partition(":"))
    party = query_client(client_id)
    if party is None or not party.check_client_secret(secret):
        raise InvalidClientError(status_code=401)
    return party


def _endpoint(server: Server) -> Callable[[str, FormRequest], Any]:
    respond: Callable[[str, FormRequest], Any] = server.create_endpoint_response
    return respond


def _answer(raw: RawForm, respond: Callable[[FormRequest], Any]) -> Response:
    """Run one endpoint; Authlib's answer is None when every endpoint of a name declines."""
    try:
        answer = respond(FormRequest(raw))
    except OAuth2Error as error:
        status, body, headers = error()
        return JSONResponse(body, status, headers=dict(headers))
    return answer if isinstance(answer, Response) else JSONResponse({"active": False})


def metadata(issuer: str) -> dict[str, Any]:
    """What this server can do (RFC 8414); only what exists is stated."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": sorted(scopes.ALL),
        "response_types_supported": [],
        "grant_types_supported": [ClientCredentials.GRANT_TYPE],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
        "ui_locales_supported": ["id", "en"],
    }
