"""Programs that sign their own proof (P8, P16, T21, T22)."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from hub.auth import service
from hub.auth.assertions import checked_jwks
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.errors import InvalidInput
from tests.hub.auth import conftest as consent

EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def signer(hub):
    """A program with three public keys, and another that has a secret."""
    keys = {"keys": [key.as_dict(private=False) for key in (EC, ED, RSA)]}
    with unit_of_work(hub.app.state.engine) as session:
        for client_id, jwks in (("signer", keys), ("holder", None)):
            service.create_client(
                session,
                name=client_id,
                client_id=client_id,
                scope="data:read",
                jwks=jwks,
                now=real_now(),
            )
    return hub


def assertion(key=EC, algorithm="ES256", **changes) -> str:
    seconds = int(time.time())
    claims = {
        "iss": "signer",
        "sub": "signer",
        "aud": "http://testserver/oauth/token",
        "iat": seconds,
        "exp": seconds + 60,
        "jti": secrets.token_hex(8),
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        header = {"alg": algorithm, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def ask(hub, proof: str, path: str = "/oauth/token", **more):
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
    return hub.post(path, data=form | {"client_assertion": proof} | more)


def test_every_usual_algorithm_opens(signer):
    for key, algorithm in ((EC, "ES256"), (ED, "Ed25519"), (ED, "EdDSA"), (RSA, "PS256")):
        answer = ask(signer, assertion(key, algorithm))
        assert answer.status_code == 200, (algorithm, answer.text)
    by_issuer = ask(signer, assertion(aud="http://testserver"))
    token = by_issuer.json()["access_token"]
    told = ask(signer, assertion(), "/oauth/introspect", token=token).json()
    assert told["client_id"] == "signer"
    assert ask(signer, assertion(), "/oauth/revoke", token=token).status_code == 200
    told = ask(signer, assertion(), "/oauth/introspect", token=token).json()
    assert told == {"active": False}


def test_an_assertion_opens_once_even_when_sent_eight_times_at_once(signer):
    proof = assertion()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(signer, proof).status_code, range(8)))
    assert sorted(answers) == [200] + [400] * 7
    assert ask(signer, proof, "/oauth/introspect", token="x").status_code == 400


def test_an_assertion_with_one_thing_wrong_is_refused(signer):
    seconds = int(time.time())
    wrong = [
        {"aud": "https://other.invalid"},
        {"aud": None},
        {"iss": "holder"},
        {"sub": ["signer"]},
        {"sub": None},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": "holder", "iss": "holder"},
        {"exp": seconds - 120},
        {"exp": seconds + 3600},
        {"exp": "tomorrow"},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "j" * 200},
    ]
    for changes in wrong:
        answer = ask(signer, assertion(**changes))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client") or (
            answer.status_code == 401
        ), changes
    for proof in ("", "a", "a.b.c", "x" * 9000, "e30.e30.e30"):
        assert ask(signer, proof).status_code in (400, 401), proof[:20]


def test_algorithm_tricks_are_refused(signer):
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    body = assertion().split(".")[1]
    start = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{body}"
    mac = hmac.new(RSA.as_pem(private=False), start.encode(), hashlib.sha256).digest()
    stranger = ECKey.generate_key("P-256", {"kid": "ec"})
    for proof in (
        f"{part({'alg': 'none'})}.{body}.",
        f"{start}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        assertion(stranger),
        assertion(RSA, "RS256"),
    ):
        assert ask(signer, proof).status_code in (400, 401)


def test_a_client_with_keys_has_no_secret_and_one_with_a_secret_no_keys(signer):
    for secret in ("", "x"):
        header = base64.b64encode(f"signer:{secret}".encode()).decode()
        answer = signer.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {header}"},
        )
        assert answer.status_code == 401
    assert ask(signer, assertion(sub="holder", iss="holder")).status_code in (400, 401)


def test_a_program_with_keys_redeems_codes_and_renews(hub, analyst, register):
    keys = {"keys": [EC.as_dict(private=False)]}
    program = register("signer", jwks=keys)
    proof = {"client_assertion_type": TYPE}
    page = consent.ask(analyst, program.asks())
    code = consent.told(consent.decide(analyst, page))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": program.redirect_uri,
        "code_verifier": program.verifier,
    }
    said = assertion()
    token = hub.post("/oauth/token", data=form | proof | {"client_assertion": said})
    assert token.status_code == 200, token.text
    assert token.json()["id_token"]
    renew = {"grant_type": "refresh_token", "refresh_token": token.json()["refresh_token"]}
    for sent, status in ((said, 400), (assertion(), 200)):
        answer = hub.post("/oauth/token", data=renew | proof | {"client_assertion": sent})
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": [EC.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
        {"keys": ["x"]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
    ],
)
def test_only_public_keys_are_kept(jwks):
    with pytest.raises(InvalidInput):
        checked_jwks(jwks)
