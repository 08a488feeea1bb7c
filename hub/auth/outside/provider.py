"""One outside provider: how the hub is known there, where its doors are, and its keys of the moment."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.transport import NetworkPolicy
from hub.auth.errors import OutsideRefused, ProviderSilent
from hub.auth.outside.calling import errand, fetched, is_safe_issuer, policy_for
from hub.auth.outside.claims import Key, keys_of
from hub.settings import Settings

SCOPE = "openid profile email"
KEEP_DOCUMENT = 3600.0
KEEP_SILENCE = 10.0
"""Seconds for which a provider that did not answer is not asked again: sign-ins must not pile up."""
AT_ONCE = 4
PATIENCE = 2.0
"""Seconds to wait for a turn: a provider that hangs must not take every thread of the hub along."""
ASK_KEYS_EVERY = 1.0
ASSERTION_LIFE = timedelta(seconds=60)
SIGNS_WITH = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
DOORS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OTHER_DOORS = ("userinfo_endpoint", "end_session_endpoint")


@dataclass(frozen=True)
class Standing:
    """How the hub is known at the provider. Exactly one of `secret` and `key` is set."""

    name: str
    label: str
    issuer: str
    client_id: str
    secret: str | None
    key: Key | None
    roles_claim: str
    back: str
    """The one address to which this provider sends people back."""


@dataclass
class Provider:
    """Its documents are fetched when needed and kept for a while; safe for many threads."""

    standing: Standing
    policy: NetworkPolicy
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE), repr=False
    )
    _document: Mapping[str, Any] | None = None
    _document_until: float = 0.0
    _keys: Sequence[Key] = ()
    _keys_asked: float = -ASK_KEYS_EVERY
    _silent_until: float = 0.0

    def document(self) -> Mapping[str, Any]:
        """Its discovery document, checked; raise ProviderSilent or OutsideRefused."""
        with _held(self._lock):
            if self._document is None or time.monotonic() >= self._document_until:
                address = f"{self.standing.issuer.rstrip('/')}/.well-known/openid-configuration"
                self._document = self._checked(self._fetched(address))
                self._document_until = time.monotonic() + KEEP_DOCUMENT
            return self._document

    def keys(self, kid: str | None) -> Sequence[Key]:
        """Its keys of this name, or all; a name that is new is asked for, once a second at most."""
        address = self.document()["jwks_uri"]
        with _held(self._lock):
            known = _named(self._keys, kid)
            if not known and time.monotonic() >= self._keys_asked + ASK_KEYS_EVERY:
                self._keys_asked = time.monotonic()
                self._keys = keys_of(self._fetched(address))
                known = _named(self._keys, kid)
            return known

    def address_to_ask(self, **asked: str) -> str:
        """Where a browser is sent to sign in."""
        with errand(self.policy, self.standing.client_id) as client:
            client.code_challenge_method = "S256"
            address, _ = client.create_authorization_url(
                self.document()["authorization_endpoint"],
                redirect_uri=self.standing.back,
                scope=SCOPE,
                response_type="code",
                **asked,
            )
        return str(address)

    def redeem(self, code: str, verifier: str) -> Mapping[str, Any]:
        """The token response for a code; raise OutsideRefused when it is not taken."""
        address = self.document()["token_endpoint"]
        with (
            self._asking(),
            errand(self.policy, self.standing.client_id, **self._proof()) as client,
        ):
            self._sign(client, address)
            token = client.fetch_token(
                address,
                grant_type="authorization_code",
                code=code,
                redirect_uri=self.standing.back,
                code_verifier=verifier,
            )
        return dict(token)

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What it says of the person beside the ID token; empty when it has no such door."""
        address = self.document().get("userinfo_endpoint")
        if address is None:
            return {}
        with self._asking():
            said = fetched(self.policy, address, Authorization=f"Bearer {access_token}")
        if not isinstance(said, dict):
            raise OutsideRefused("userinfo")
        return said

    def _fetched(self, address: str) -> Any:
        with self._asking():
            return fetched(self.policy, address)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Few at once, and nobody for a while after it was silent."""
        if time.monotonic() < self._silent_until:
            raise ProviderSilent("asked a moment ago")
        with _held(self._turns):
            try:
                yield
            except ProviderSilent:
                self._silent_until = time.monotonic() + KEEP_SILENCE
                raise

    def _checked(self, document: Any) -> Mapping[str, Any]:
        """A document of another issuer, or with doors that lead elsewhere than https, is none."""
        if not isinstance(document, dict) or document.get("issuer") != self.standing.issuer:
            raise OutsideRefused("document: issuer")
        scheme = urlsplit(self.standing.issuer).scheme
        for door in (*DOORS, *OTHER_DOORS):
            address = document.get(door)
            if address is None and door in OTHER_DOORS:
                continue
            if not isinstance(address, str) or urlsplit(address).scheme not in ("https", scheme):
                raise OutsideRefused(f"document: {door}")
        return document

    def _proof(self) -> dict[str, Any]:
        standing = self.standing
        if standing.key is None:
            return {"client_secret": standing.secret}
        return {"client_secret": standing.key, "token_endpoint_auth_method": PrivateKeyJWT.name}

    def _sign(self, client: OAuth2Client, address: str) -> None:
        """A fresh assertion every time: Authlib keeps the `jti` in the claims that it was given."""
        key = self.standing.key
        if key is not None:
            ends = datetime.now(UTC) + ASSERTION_LIFE
            claims = {"exp": int(ends.timestamp())}
            method = PrivateKeyJWT(address, claims=claims, alg=SIGNS_WITH[key.key_type])
            client.register_client_auth_method(method)


@contextmanager
def _held(turn: "threading.Lock | threading.BoundedSemaphore") -> Iterator[None]:
    if not turn.acquire(timeout=PATIENCE):
        raise ProviderSilent("others are waiting for it")
    try:
        yield
    finally:
        turn.release()


def provider_of(settings: Settings) -> Provider | None:
    """The provider of these settings; ValueError says which setting does not fit the others."""
    if settings.oidc_issuer is None:
        return None
    if not is_safe_issuer(settings.oidc_issuer):
        raise ValueError("SIMPUL_OIDC_ISSUER must be an https address (or http on 127.0.0.1).")
    if not settings.oidc_client_id:
        raise ValueError("SIMPUL_OIDC_CLIENT_ID is missing beside SIMPUL_OIDC_ISSUER.")
    standing = Standing(
        name=settings.oidc_name,
        label=settings.oidc_label,
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        secret=_secret(settings),
        key=None if settings.oidc_client_key_file is None else _key(settings.oidc_client_key_file),
        roles_claim=settings.oidc_roles_claim,
        back=f"{settings.public_url.rstrip('/')}/masuk/lewat/{settings.oidc_name}/kembali",
    )
    if (standing.secret is None) == (standing.key is None):
        raise ValueError(
            "Set one of SIMPUL_OIDC_CLIENT_SECRET_FILE, SIMPUL_OIDC_CLIENT_SECRET and"
            " SIMPUL_OIDC_CLIENT_KEY_FILE beside SIMPUL_OIDC_ISSUER."
        )
    return Provider(standing, policy_for(settings.oidc_issuer))


def _secret(settings: Settings) -> str | None:
    if settings.oidc_client_secret_file is not None:
        return settings.oidc_client_secret_file.read_text("utf-8").strip()
    secret = settings.oidc_client_secret
    return None if secret is None else secret.get_secret_value()


def _key(path: Path) -> Key:
    pem = path.read_bytes()
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError):
            continue
        if key.is_private:
            return key
    raise ValueError(f"SIMPUL_OIDC_CLIENT_KEY_FILE: {path} holds no private key in PEM form.")


def _named(keys: Sequence[Key], kid: str | None) -> list[Key]:
    return [key for key in keys if kid is None or key.kid == kid]
