"""Access tokens of RFC 9068: signed ES256, short-lived, for this hub alone."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError

from hub.auth.errors import InvalidToken
from hub.auth.keys import SigningKeys
from hub.auth.scopes import split

ALGORITHM = "ES256"
TYPE = "at+jwt"
FAMILY = "family"
"""A claim of our own; nobody else needs to understand it."""
LONGEST = 8192
LEEWAY = 10
"""Seconds that clocks of two machines of one hub may differ."""


@dataclass(frozen=True)
class AccessToken:
    """What a token that passed every check says.

    `family` is the authorization by which a person's token was given out; a program's own has none.
    """

    jti: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    family: str | None


@dataclass(frozen=True)
class OnBehalf:
    """The person for whom a token is issued, when she signed in, and the family it belongs to."""

    person: str
    family: str
    signed_in_at: datetime


@dataclass(frozen=True)
class AccessTokens:
    """Issues and reads the tokens of one hub; `issuer` is also their only audience."""

    keys: SigningKeys
    issuer: str
    seconds: int

    def issue(
        self, client_id: str, scope: str, *, now: datetime, on_behalf: OnBehalf | None = None
    ) -> str:
        key = self.keys.newest()
        claims: dict[str, str | int] = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "scope": scope,
            "jti": secrets.token_urlsafe(16),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self.seconds)).timestamp()),
        }
        if on_behalf is not None:
            claims |= {
                "sub": on_behalf.person,
                FAMILY: on_behalf.family,
                "auth_time": int(on_behalf.signed_in_at.timestamp()),
            }
        # With two keys published a token without `kid` could be verified by nobody.
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def read(self, token: str, *, now: datetime) -> AccessToken:
        """Check signature, `typ`, `alg`, issuer, audience and times; raise InvalidToken."""
        try:
            return self._read(token, now)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidToken from error

    def _read(self, token: str, now: datetime) -> AccessToken:
        if len(token) > LONGEST:
            raise InvalidToken
        header = jws.extract_compact(token.encode()).headers()
        # What we never write, nobody may add: `jwk`, `jku`, `crit` and whatever comes next.
        if header.keys() != {"alg", "typ", "kid"}:
            raise InvalidToken
        # A missing `typ` would let an ID token of ours pass for an access token.
        if header.get("typ") not in (TYPE, f"application/{TYPE}") or header.get("alg") != ALGORITHM:
            raise InvalidToken
        key = self.keys.find(str(header.get("kid")))
        if key is None:
            raise InvalidToken
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.issuer},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
        ).validate(claims)
        if not isinstance(claims.get(FAMILY, ""), str):
            raise InvalidToken
        return AccessToken(
            jti=claims["jti"],
            subject=claims["sub"],
            client_id=claims["client_id"],
            scopes=split(claims["scope"]),
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            family=claims.get(FAMILY),
        )
