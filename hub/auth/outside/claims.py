"""What a provider's signed word must say before it is believed (OpenID Connect Core §3.1.3.7).

Authlib's own client leaves gaps here (security study §1, "OIDC login"): it takes `none` where the
provider's document lists it, an `azp` in place of the audience, and an answer without an ID token.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeGuard

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from hub.auth.errors import OutsideRefused

ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "Ed25519": "OKP", "EdDSA": "OKP"}
"""The algorithms that are believed, whatever the provider's document says, and their keys."""
LONGEST = 16 * 1024
LEEWAY = 60
OLDEST = 600
"""Seconds since an ID token was made; it came straight from the provider a moment ago."""
LONGEST_SUBJECT = 255
MOST_ROLES = 500
SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"

Claims = Mapping[str, Any]
Key = RSAKey | ECKey | OKPKey
FindKeys = Callable[[str | None], Sequence[Key]]
"""The provider's keys of this name; all of them for no name."""


def id_token(
    raw: Any, keys: FindKeys, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Claims:
    """The claims of a good ID token; raise OutsideRefused, whose `why` is for the log."""
    claims = _signed(raw, keys, {None, "JWT"})
    _made_for_us(claims, issuer, client_id)
    _in_time(claims, now)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise OutsideRefused("nonce")
    _subject(claims)
    return claims


def logout_token(raw: Any, keys: FindKeys, *, issuer: str, client_id: str, now: datetime) -> Claims:
    """The claims of a good logout token (OpenID Connect Back-Channel Logout §2.6)."""
    claims = _signed(raw, keys, {None, "JWT", "logout+jwt"})
    _made_for_us(claims, issuer, client_id)
    _in_time(claims, now)
    events = claims.get("events")
    if not isinstance(events, dict) or SIGNED_OUT not in events or "nonce" in claims:
        raise OutsideRefused("events")
    if not isinstance(claims.get("jti"), str) or not 0 < len(claims["jti"]) <= LONGEST_SUBJECT:
        raise OutsideRefused("jti")
    if "sub" in claims or "sid" not in claims:
        _subject(claims)
    return claims


def same_access_token(claims: Claims, access_token: Any) -> None:
    """`at_hash` binds the two together when the provider sends it (§3.1.3.6)."""
    said = claims.get("at_hash")
    if said is None:
        return
    half = hashlib.sha256(str(access_token).encode()).digest()[:16]
    if not hmac.compare_digest(str(said).encode(), urlsafe_b64encode(half).rstrip(b"=")):
        raise OutsideRefused("at_hash")


def roles_at(claims: Claims, path: str) -> frozenset[str] | None:
    """The words at a claim, a list or one word; dots lead into objects. None when it is not there."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    if found is None:
        return None
    words = [found] if isinstance(found, str) else found
    if not isinstance(words, list) or len(words) > MOST_ROLES:
        raise OutsideRefused("roles")
    return frozenset(word for word in words if isinstance(word, str))


def _signed(raw: Any, keys: FindKeys, types: set[str | None]) -> Claims:
    if not isinstance(raw, str) or not raw or len(raw) > LONGEST:
        raise OutsideRefused("no token")
    try:
        header = jws.extract_compact(raw.encode()).headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or header.get("typ") not in types:
            raise OutsideRefused(f"algorithm {algorithm}, type {header.get('typ')}")
        if kid is not None and not isinstance(kid, str):
            raise OutsideRefused("kid")
        fitting = [key for key in keys(kid) if key.key_type == ALGORITHMS[algorithm]]
        if len(fitting) != 1:  # with several and no name the token does not say whose it is
            raise OutsideRefused(f"{len(fitting)} keys fit")
        decoded = jwt.decode(raw, fitting[0], algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise OutsideRefused(f"signature: {type(error).__name__}") from error
    return dict(decoded)


def _made_for_us(claims: Claims, issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise OutsideRefused("iss")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise OutsideRefused("aud")
    # Several audiences are believed only where it is said that this one was meant.
    if ("azp" in claims or len(audiences) > 1) and claims.get("azp") != client_id:
        raise OutsideRefused("azp")


def _in_time(claims: Claims, now: datetime) -> None:
    at = now.timestamp()
    made, ends, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    if not _is_number(made) or not at - OLDEST - LEEWAY <= made <= at + LEEWAY:
        raise OutsideRefused("iat")
    if not _is_number(ends) or ends <= at - LEEWAY:
        raise OutsideRefused("exp")
    if begins is not None and (not _is_number(begins) or begins > at + LEEWAY):
        raise OutsideRefused("nbf")


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _subject(claims: Claims) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise OutsideRefused("sub")


def keys_of(document: Any) -> list[Key]:
    """The keys of a JWKS document that signatures are made with; others are passed over."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise OutsideRefused("jwks")
    fitting = [
        entry
        for entry in entries
        if isinstance(entry, dict)
        and entry.get("kty") in ALGORITHMS.values()
        and entry.get("use", "sig") == "sig"
    ]
    try:
        keys = KeySet.import_key_set({"keys": fitting}).keys if fitting else []
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise OutsideRefused("jwks") from error
    return [key for key in keys if isinstance(key, RSAKey | ECKey | OKPKey)]
