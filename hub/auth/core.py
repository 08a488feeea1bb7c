"""Authlib's core over this hub's tables, and a client as Authlib asks about it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin
from sqlalchemy import Engine

from hub.auth import registration, scopes
from hub.auth.models import Client
from hub.auth.secret import matches
from hub.auth.tokens import AccessTokens
from hub.db import reading

PROVEN = [registration.SECRET, registration.KEYS]
"""Methods by which a client proves who it is; a public one only says so (`none`)."""
METHODS = [*PROVEN, registration.NONE]


class Party(ClientMixin):
    """A client as Authlib asks about it. One client has one method, on every endpoint."""

    def __init__(self, client: Client) -> None:
        self.client_id = client.client_id
        self.name = client.name
        self.jwks = client.jwks
        self.method = client.method
        self.scope = scopes.split(client.scope) & scopes.ALL
        self.redirect_uris = client.redirect_uris
        self.grant_types = client.grant_types
        self._secret_hash = client.secret_hash

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """None at all: who asks says where the answer goes, however few addresses are registered."""
        return ""

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str:
        """What was asked for, or all that the client has; too much was refused before."""
        asked = scopes.split(scope) if isinstance(scope, str) else frozenset(scope or ())
        return scopes.join(asked or self.scope)

    def may_ask(self, scope: str | None) -> bool:
        """Of a person: the client's own scopes, and who she is."""
        return scopes.split(scope or "") <= self.scope | scopes.OF_A_PERSON.keys()

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return registration.leads_back(redirect_uri, self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        return matches(client_secret, self._secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and registration.CODE in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types


class Core(AuthorizationServer):
    """What every flow and endpoint needs of the hub; opens short sessions on the engine."""

    def __init__(self, engine: Engine, tokens: AccessTokens, family_life: timedelta) -> None:
        super().__init__(scopes_supported=sorted(scopes.OF_A_CLIENT))
        self.engine = engine
        self.tokens = tokens
        self.family_life = family_life

    def query_client(self, client_id: str) -> Party | None:  # type: ignore[override]  # None is meant
        with reading(self.engine) as session:
            client = session.get(Client, client_id)
        return Party(client) if client is not None and client.active else None

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""
