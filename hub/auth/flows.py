"""The three flows of the token endpoint: a program for itself, a code, a refresh token.

Authlib keeps the order of the checks; what it leaves open (P4 to P6, P15) is decided here.
"""

from typing import Any

from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDToken
from joserfc.jwk import ECKey

from hub.auth import families, scopes
from hub.auth.core import METHODS, PROVEN, Core, Party
from hub.auth.families import Delegation, NewFamily
from hub.auth.identity import Identity
from hub.auth.models import AuthorizationCode, RefreshToken, TokenFamily
from hub.auth.tokens import ALGORITHM
from hub.auth.userinfo import claims_of
from hub.calendar import real_now
from hub.db import reading, unit_of_work


class ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = PROVEN

    def validate_requested_scope(self) -> None:
        """Refuse what the client does not have; narrowing it silently would surprise later."""
        request: Any = self.request
        if not scopes.split(request.payload.scope or "") <= request.client.scope:
            raise InvalidScopeError


class Redeemed(AuthorizationCodeMixin):
    """A code that was just spent, as Authlib asks about it."""

    code_challenge_method = "S256"

    def __init__(self, code: AuthorizationCode, delegation: Delegation) -> None:
        self.code_challenge = code.challenge
        self.delegation = delegation
        self._code = code

    def get_redirect_uri(self) -> str:
        return self._code.redirect_uri

    def get_scope(self) -> str:
        return self.delegation.family.scope

    def get_nonce(self) -> str:
        return self._code.nonce

    def get_auth_time(self) -> int:
        return int(self.delegation.family.signed_in_at.timestamp())

    def get_acr(self) -> str:
        """The hub states no level of assurance."""
        return ""

    def get_amr(self) -> list[str]:
        """Nor the means."""
        return []


class Code(AuthorizationCodeGrant):
    """`request.user` is the Identity of who allowed it here, the Delegation at the token endpoint."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Core

    def validate_requested_scope(self) -> None:
        request: Any = self.request
        if not request.client.may_ask(request.payload.scope):
            raise InvalidScopeError

    def save_authorization_code(self, code: str, request: Any) -> None:
        person: Identity = request.user
        asked = request.payload.data
        assert person.signed_in_at is not None  # noqa: S101 - only sessions come this far
        made = NewFamily(
            client=request.client.client_id,
            person=person.id,
            scope=request.scope,
            signed_in_at=person.signed_in_at,
            redirect_uri=request.payload.redirect_uri,
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce", ""),
            life=self.server.family_life,
        )
        with unit_of_work(self.server.engine) as session:
            families.begin(session, code, made, now=real_now())

    def query_authorization_code(self, code: str, client: Any) -> Redeemed | None:
        """Spends it: Authlib would only delete it after issuing, and two at once would both win."""
        with unit_of_work(self.server.engine) as session:
            spent = families.redeem(session, code, client.client_id, now=real_now())
        return None if spent is None else Redeemed(*spent)

    def delete_authorization_code(self, authorization_code: Redeemed) -> None:
        """It stays, spent, so that a second use is noticed."""

    def authenticate_user(self, authorization_code: Redeemed) -> Delegation:
        return authorization_code.delegation


class Challenge(CodeChallenge):
    """PKCE for every client, confidential ones too, and never `plain` (RFC 9700 §2.1.1)."""

    def __init__(self) -> None:
        super().__init__(required=True)
        self.DEFAULT_CODE_CHALLENGE_METHOD = "S256"
        self.SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Code, redirect_uri: str | None) -> None:
        request: Any = grant.request
        asked = request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: code_challenge with the method S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):
    """ES256, for the client alone, as short-lived as an access token."""

    def __init__(self, server: Core) -> None:
        self.DEFAULT_EXPIRES_IN = server.tokens.seconds
        self._server = server

    def resolve_client_private_key(self, client: Party) -> ECKey:
        return self._server.tokens.keys.newest()

    def get_client_algorithm(self, client: Party) -> str:
        return ALGORITHM

    def get_client_claims(self, client: Party) -> dict[str, str]:
        return {"iss": self._server.tokens.issuer}

    def get_encode_header(self, client: Party) -> dict[str, str | None]:
        kid = self._server.tokens.keys.newest().kid
        return {"alg": ALGORITHM, "typ": "JWT", "kid": kid}

    def generate_user_info(self, user: Delegation, scope: str) -> UserInfo:
        return UserInfo(claims_of(user.person, scopes.split(scope)))


class Presented(TokenMixin):
    """A refresh token that is not spent yet, of a family that lives."""

    def __init__(self, secret: str, token: RefreshToken, family: TokenFamily) -> None:
        self.secret = secret
        self.token = token
        self.family = family

    def check_client(self, client: Party) -> bool:
        return self.family.client == client.client_id

    def get_scope(self) -> str:
        return self.family.scope


class Refresh(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Core

    def authenticate_refresh_token(self, refresh_token: str) -> Presented | None:  # type: ignore[override]  # None is meant
        """Looks only, so that asking for too much scope does not cost the token."""
        with reading(self.server.engine) as session:
            found = families.of_refresh_token(session, refresh_token)
        return None if found is None else Presented(refresh_token, *found)

    def authenticate_user(self, refresh_token: Presented) -> Delegation:
        """Spends it; all that is left to go wrong after this is our own fault."""
        with unit_of_work(self.server.engine) as session:
            delegation = families.spend(
                session, refresh_token.secret, refresh_token.family.client, now=real_now()
            )
        if delegation is None:
            raise InvalidGrantError
        return delegation

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """Spent before the new one was made."""


def register_flows(server: Core) -> None:
    server.register_grant(ClientCredentials)
    server.register_grant(Code, [Challenge(), IdToken(server)])
    server.register_grant(Refresh)
