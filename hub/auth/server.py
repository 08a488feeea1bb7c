"""The OAuth 2 and OpenID server: Authlib's core over this hub's tables. Synchronous; in the threadpool.

Pitfalls P1 to P17 of the security study are met here and in the modules beside; `tests/hub/auth`
proves each.
"""

import base64
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from sqlalchemy import Engine
from starlette.responses import JSONResponse, Response

from hub.auth import assertions, families, registration, scopes
from hub.auth.core import Core, Party
from hub.auth.endpoints import Introspection, Revocation
from hub.auth.families import Delegation
from hub.auth.flows import register_flows
from hub.auth.form import FormRequest, RawForm
from hub.auth.secret import new_secret
from hub.auth.tokens import AccessTokens, OnBehalf
from hub.calendar import real_now
from hub.db import unit_of_work


class Server(Core):
    """One hub's authorization server; opens short sessions of its own on the engine."""

    def __init__(self, engine: Engine, tokens: AccessTokens, family_life: timedelta) -> None:
        super().__init__(engine, tokens, family_life)
        # At DEBUG Authlib writes whole tokens into the log.
        logging.getLogger("authlib").setLevel(logging.INFO)
        generator: Any = self._new_token
        self.register_token_generator("default", generator)
        self.register_client_auth_method(registration.SECRET, _by_secret)
        self.register_client_auth_method(
            registration.KEYS, assertions.ClientAssertion(engine, tokens.issuer)
        )
        self.register_client_auth_method(registration.NONE, _by_name)
        register_flows(self)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)

    def token(self, raw: RawForm) -> Response:
        return _answer(raw, self.create_token_response)

    def introspect(self, raw: RawForm) -> Response:
        return _answer(raw, partial(_endpoint(self), Introspection.ENDPOINT_NAME))

    def revoke(self, raw: RawForm) -> Response:
        return _answer(raw, partial(_endpoint(self), Revocation.ENDPOINT_NAME))

    def authenticate_client(self, request: Any, methods: Any, endpoint: str = "token") -> Any:
        """One client, one proof: a second one beside it is a mistake or a trick (RFC 6749 §2.3)."""
        if request.authorization and "client_assertion" in request.form:
            raise InvalidRequestError("The client proves itself in two ways.")
        party: Any = super().authenticate_client(request, methods, endpoint)
        if request.form.get("client_id", party.client_id) != party.client_id:
            raise InvalidRequestError("client_id names another client than the proof.")
        return party

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """An access token says all by itself; a refresh token is kept, hashed."""
        if "refresh_token" not in token:
            return
        delegation: Any = request.user
        with unit_of_work(self.engine) as session:
            families.lengthen(session, delegation.family.id, token["refresh_token"], now=real_now())

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """A way back always says whose answer it is (RFC 9207); 303 drops the form (RFC 9700 §4.12)."""
        told = dict(headers)
        if "Location" not in told:
            return JSONResponse(body, status, headers=told)
        to = add_params_to_uri(told["Location"], [("iss", self.tokens.issuer)])
        return Response(
            status_code=303,
            headers={"Location": to, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    def _new_token(
        self,
        grant_type: str,
        client: Party,
        user: Delegation | None = None,
        scope: str | None = None,
        include_refresh_token: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        granted = scopes.join(scopes.split(scope) if scope else client.scope)
        on_behalf = (
            None
            if user is None
            else OnBehalf(user.person.id, user.family.id, user.family.signed_in_at)
        )
        token = {
            "token_type": "Bearer",
            "access_token": self.tokens.issue(
                client.client_id, granted, now=real_now(), on_behalf=on_behalf
            ),
            "expires_in": self.tokens.seconds,
            "scope": granted,
        }
        if user is not None and include_refresh_token:
            token["refresh_token"] = new_secret()
        return token


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


def _by_name(query_client: Callable[[str], Party | None], request: FormRequest) -> Party | None:
    """`none`: the id alone, for a public client; Authlib's own tells unknown ids from known ones."""
    client_id = request.form.get("client_id")
    return query_client(client_id) if client_id and not request.authorization else None


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
