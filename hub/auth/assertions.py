"""Clients that sign their own proof: private_key_jwt (RFC 7523, OpenID Connect Core §9)."""

import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from hub.auth.models import SpentAssertion
from hub.auth.registration import KEYS
from hub.db import unit_of_work
from hub.errors import InvalidInput

ALGORITHMS = ["ES256", "PS256", "Ed25519", "EdDSA"]
KEY_TYPES = frozenset({"EC", "RSA", "OKP"})
LONGEST = 8192
FARTHEST = 600
"""An assertion may be good for this many seconds; longer ones would be passwords."""
LEEWAY = 60


class ClientAssertion(JWTBearerClientAssertion):
    """Each assertion opens once, for this hub, for ten minutes at most."""

    def __init__(self, engine: Engine, issuer: str) -> None:
        super().__init__(leeway=LEEWAY)
        self._engine = engine
        self._issuer = issuer

    def get_audiences(self) -> list[str]:
        return [self._issuer, f"{self._issuer}/oauth/token"]

    def authenticate_client(self, client: Any) -> Any:
        # Authlib asks for "client_assertion_jwt", a name that no client's metadata bears.
        if not client.check_endpoint_auth_method(KEYS, "token"):
            raise InvalidClientError(description="The client does not sign its own proof.")
        return client

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], Any]:
        if len(assertion) > LONGEST:
            raise InvalidClientError(description="The assertion is too long.")
        extracted: tuple[dict[str, Any], Any] = super().extract_assertion(assertion)
        return extracted

    def resolve_client_public_key(self, client: Any) -> KeySet:
        if not client.jwks:
            raise InvalidClientError(description="The client has no keys.")
        return KeySet.import_key_set(client.jwks)

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> dict[str, Any]:
        try:
            with warnings.catch_warnings():
                # The old name of Ed25519 goes on being sent by partners' libraries (RFC 9864).
                warnings.simplefilter("ignore", SecurityWarning)
                claims = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise InvalidClientError(description="The assertion is not valid.") from error
        if not isinstance(claims.get("exp"), int) or claims["exp"] > time.time() + FARTHEST:
            raise InvalidClientError(description="The assertion must end within ten minutes.")
        self.verify_claims(claims)
        return dict(claims)

    def validate_jti(self, claims: Any, jti: Any) -> bool:
        """Spend the assertion now; False when it was spent before, in any process."""
        if not isinstance(jti, str) or not 0 < len(jti) <= 128:
            return False
        until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=2 * LEEWAY)
        try:
            with unit_of_work(self._engine) as session:
                session.add(SpentAssertion(client=claims["sub"], jti=jti, expires_at=until))
        except IntegrityError:
            return False
        return True


def checked_jwks(jwks: dict[str, Any]) -> dict[str, Any]:
    """A client's key set as it may be stored: public keys we can verify with, nothing secret."""
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]  # judged right here
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad_keys() from error
    if not keys or any(key.key_type not in KEY_TYPES or key.is_private for key in keys):
        raise _bad_keys()
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def _bad_keys() -> InvalidInput:
    return InvalidInput(
        "jwks harus berisi kunci publik EC, RSA, atau OKP.",
        "jwks must hold public keys of the kinds EC, RSA or OKP.",
    )
