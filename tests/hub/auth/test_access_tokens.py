"""Access tokens: what is issued, and every confusion that must not pass (P2, P3, T22)."""

import base64
import hashlib
import hmac
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from hub.auth.errors import InvalidToken
from hub.auth.keys import SigningKeys, make_key
from hub.auth.tokens import AccessTokens

ISSUER = "https://hub.invalid"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def tokens(tmp_path: Path) -> AccessTokens:
    return AccessTokens(SigningKeys(tmp_path / "keys"), ISSUER, 300)


def forged(tokens: AccessTokens, header: dict, **claims) -> str:
    """A token signed with the hub's own key, with a header and claims that are not right."""
    key = tokens.keys.newest()
    seconds = int(NOW.timestamp())
    body = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "a",
        "client_id": "a",
        "scope": "data:read",
        "jti": "j",
        "iat": seconds,
        "exp": seconds + 60,
    }
    body = {name: value for name, value in (body | claims).items() if value is not None}
    right = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    whole = {name: value for name, value in (right | header).items() if value is not None}
    return jwt.encode(whole, body, key, algorithms=["ES256"])


def part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_says_who_for_whom_and_for_how_long(tokens):
    raw = tokens.issue("analyst", "catalog:read data:read", now=NOW)
    header = jws.extract_compact(raw.encode()).headers()
    assert header["typ"] == "at+jwt"
    assert header["alg"] == "ES256"
    assert header["kid"] == tokens.keys.newest().kid
    token = tokens.read(raw, now=NOW + timedelta(seconds=299))
    assert token.client_id == token.subject == "analyst"
    assert token.scopes == {"catalog:read", "data:read"}
    assert token.expires_at == NOW + timedelta(minutes=5)
    assert tokens.read(tokens.issue("analyst", "", now=NOW), now=NOW).jti != token.jti


def test_a_token_ends_with_its_time(tokens):
    raw = tokens.issue("analyst", "", now=NOW)
    with pytest.raises(InvalidToken):
        tokens.read(raw, now=NOW + timedelta(seconds=311))


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": None}, {}),
        ({"typ": "JWT"}, {}),
        ({"kid": None}, {}),
        ({"kid": "../oauth-x"}, {}),
        ({}, {"aud": "analyst"}),
        ({}, {"aud": None}),
        ({}, {"iss": "https://other.invalid"}),
        ({}, {"exp": None}),
        ({}, {"jti": None}),
        ({}, {"sub": None}),
        ({}, {"client_id": None}),
        ({}, {"scope": None}),
        ({}, {"scope": ["data:read"]}),
        ({}, {"iat": int(NOW.timestamp()) + 3600}),
    ],
)
def test_a_token_with_one_thing_wrong_is_refused(tokens, header, claims):
    assert tokens.read(forged(tokens, {}), now=NOW).subject == "a"
    with pytest.raises(InvalidToken):
        tokens.read(forged(tokens, header, **claims), now=NOW)


def test_algorithm_tricks_are_refused(tokens):
    key = tokens.keys.newest()
    body = forged(tokens, {}).split(".")[1]
    unsigned = f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': key.kid})}.{body}."
    start = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key.kid})}.{body}"
    mac = hmac.new(key.as_pem(private=False), start.encode(), hashlib.sha256).digest()
    by_public_key = f"{start}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    own = ECKey.generate_key("P-256")
    embedded = jwt.encode(
        {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, "jwk": own.as_dict(private=False)},
        {"iss": ISSUER, "aud": ISSUER, "sub": "a"},
        own,
        algorithms=["ES256"],
    )
    for bad in (unsigned, by_public_key, embedded, "", "a.b", "a.b.c", "x" * 9000, "é.ü.ß"):
        with pytest.raises(InvalidToken):
            tokens.read(bad, now=NOW)


def test_with_two_keys_the_newest_signs_and_both_verify(tokens, tmp_path):
    old = tokens.issue("analyst", "", now=NOW)
    first = tokens.keys.newest().kid
    second = tokens.keys.rotate()
    assert first != second == tokens.keys.newest().kid
    assert jws.extract_compact(tokens.issue("a", "", now=NOW).encode()).headers()["kid"] == second
    assert tokens.read(old, now=NOW).client_id == "analyst"
    assert [key["kid"] for key in tokens.keys.public()] == [first, second]
    assert all("d" not in key for key in tokens.keys.public())


def test_a_key_that_another_process_made_is_found(tokens, tmp_path):
    tokens.keys.newest()
    other = AccessTokens(SigningKeys(tmp_path / "keys"), ISSUER, 300)
    other.keys.rotate()
    assert tokens.read(other.issue("analyst", "", now=NOW), now=NOW).client_id == "analyst"


def test_keys_are_files_for_their_owner_alone(tmp_path):
    folder = tmp_path / "keys"
    make_key(folder)
    (path,) = folder.glob("*.pem")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_hubs_that_start_together_agree_on_one_first_key(tmp_path):
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: SigningKeys(folder).newest().kid, range(8)))
    assert len(set(made)) == 1
    assert len(list(folder.glob("*.pem"))) == 1
