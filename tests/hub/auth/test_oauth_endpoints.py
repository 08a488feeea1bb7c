"""The OAuth endpoints as a program meets them (P1, P7, P9, P10, P12 to P15)."""

import base64
import io
import logging

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from hub.agencies.actor import ActorDep
from hub.app import create_app
from hub.auth import service
from hub.auth.models import Client
from hub.calendar import real_now
from hub.db import reading, unit_of_work


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


@pytest.fixture
def register(hub):
    """Register a program with a secret; return its Basic header and the secret itself."""

    def make(client_id: str, scope: str = "catalog:read data:read") -> tuple[dict, str]:
        with unit_of_work(hub.app.state.engine) as session:
            made = service.create_client(
                session, name=client_id, scope=scope, client_id=client_id, now=real_now()
            )
        return basic(made.client_id, made.secret), made.secret

    return make


def ask(hub, headers, **more):
    return hub.post(
        "/oauth/token", data={"grant_type": "client_credentials", **more}, headers=headers
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_secret_buys_a_token_with_all_scopes_or_those_asked_for(hub, register):
    header, _ = register("satu")
    whole = ask(hub, header)
    assert whole.status_code == 200
    assert whole.headers["cache-control"] == "no-store"
    assert whole.json()["token_type"] == "Bearer"
    assert whole.json()["expires_in"] == 300
    assert whole.json()["scope"] == "catalog:read data:read"
    narrow = ask(hub, header, scope="data:read").json()
    assert narrow["scope"] == "data:read"
    me = hub.get("/api/v1/me", headers=bearer(narrow["access_token"])).json()
    assert (me["id"], me["scopes"], me["agency"]) == ("satu", ["data:read"], None)


def test_a_scope_the_client_lacks_is_an_error_not_a_narrower_token(hub, register):
    header, _ = register("satu")
    for scope in ("data:write", "data:read data:write", "nothing:known"):
        answer = ask(hub, header, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_wrong_proof_is_refused_alike_on_every_endpoint(hub, register):
    header, secret = register("satu")
    token = ask(hub, header).json()["access_token"]
    proofs = [
        {},
        basic("satu", "wrong"),
        basic("satu", ""),
        basic("nobody", secret),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
    ]
    for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
        for proof in proofs:
            # The name in the body is no proof either (the `none` method of public clients).
            form = {"grant_type": "client_credentials", "token": token, "client_id": "satu"}
            answer = hub.post(path, data=form, headers=proof)
            assert answer.status_code == 401, (path, proof)
            assert answer.json()["error"] == "invalid_client"
            assert answer.headers["www-authenticate"].startswith("Basic ")
    in_body = {"grant_type": "client_credentials", "client_id": "satu", "client_secret": secret}
    assert hub.post("/oauth/token", data=in_body).status_code == 401
    assert hub.get("/api/v1/me", headers=bearer(token)).status_code == 200


def test_introspection_tells_a_client_of_its_own_tokens_only(hub, register):
    mine, _ = register("satu")
    other, _ = register("dua")
    admin, _ = register("tiga", "agency:admin")
    token = ask(hub, mine).json()["access_token"]
    told = hub.post("/oauth/introspect", data={"token": token}, headers=mine).json()
    assert told["active"] is True
    assert told["client_id"] == told["sub"] == "satu"
    assert told["iss"] == told["aud"] == "http://testserver"
    assert hub.post("/oauth/introspect", data={"token": token}, headers=admin).json()["active"]
    for header, value in ((other, token), (mine, "junk"), (mine, "a.b.c")):
        answer = hub.post("/oauth/introspect", data={"token": value}, headers=header)
        assert answer.json() == {"active": False}


def test_a_revoked_token_stops_at_once_and_only_its_owner_revokes(hub, register):
    mine, _ = register("satu")
    other, _ = register("dua")
    token = ask(hub, mine).json()["access_token"]
    refused = hub.post("/oauth/revoke", data={"token": token}, headers=other)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert hub.get("/api/v1/me", headers=bearer(token)).status_code == 200
    for _ in range(2):  # a second time, and for what is no token at all, is no error (RFC 7009)
        assert hub.post("/oauth/revoke", data={"token": token}, headers=mine).status_code == 200
    assert hub.post("/oauth/revoke", data={"token": "junk"}, headers=mine).status_code == 200
    answer = hub.get("/api/v1/me", headers=bearer(token))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    told = hub.post("/oauth/introspect", data={"token": token}, headers=mine)
    assert told.json() == {"active": False}


def test_a_client_that_loses_a_scope_or_is_switched_off_feels_it_at_once(hub, register):
    header, _ = register("satu")
    token = ask(hub, header).json()["access_token"]
    with unit_of_work(hub.app.state.engine) as session:
        service.change_client(session, "satu", scope="catalog:read")
    assert hub.get("/api/v1/me", headers=bearer(token)).json()["scopes"] == ["catalog:read"]
    with unit_of_work(hub.app.state.engine) as session:
        service.change_client(session, "satu", active=False)
    assert hub.get("/api/v1/me", headers=bearer(token)).status_code == 401
    assert ask(hub, header).status_code == 401


def test_secrets_lie_in_the_database_hashed(hub, register):
    _, secret = register("satu")
    with reading(hub.app.state.engine) as session:
        stored = session.exec(select(Client.secret_hash)).one()
    assert secret not in stored
    assert len(stored) == 64


MALFORMED = [
    b"grant_type=client_credentials&grant_type=client_credentials",
    b"grant_type=client_credentials&scope=data:read&scope=data:write",
    b"grant_type=client_credentials&scope=%00",
    b"grant_type=client_credentials&scope=%FF",
    b"grant_type=client_credentials&scope=%22%C3%A9",
    b"grant_type=client_credentials&x=" + b"a" * 70_000,
    b"&".join(b"p%d=1" % n for n in range(60)),
    b"\xff\xfe",
]


def test_a_malformed_form_is_an_error_of_the_sender(hub, register):
    header, _ = register("satu")
    form = {"content-type": "application/x-www-form-urlencoded"}
    for body in MALFORMED:
        answer = hub.post("/oauth/token", content=body, headers=header | form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), body[:60]


def test_other_flows_and_other_bodies_are_refused(hub, register):
    header, _ = register("satu")
    for flow in ("password", 'a"b\\c', "implicit"):
        answer = hub.post("/oauth/token", data={"grant_type": flow}, headers=header)
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    for flow in ("authorization_code", "refresh_token"):
        answer = hub.post("/oauth/token", data={"grant_type": flow}, headers=header)
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    answer = hub.post("/oauth/token", json={"grant_type": "client_credentials"}, headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = hub.post("/oauth/introspect", data={"x": "y"}, headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_hub_behind_a_proxy_that_ends_tls_issues_tokens_under_its_public_name(settings):
    behind = settings.model_copy(update={"public_url": "https://simpul.invalid/"})
    with TestClient(create_app(behind), base_url="http://10.0.0.5") as inside:
        app = inside.app
        assert isinstance(app, FastAPI)

        @app.get("/probe")
        def probe(actor: ActorDep) -> dict[str, str]:
            return {"id": actor.id}

        with unit_of_work(app.state.engine) as session:
            made = service.create_client(
                session, name="satu", scope="data:read", client_id="satu", now=real_now()
            )
        token = ask(inside, basic("satu", made.secret)).json()["access_token"]
        assert inside.get("/probe", headers=bearer(token)).json() == {"id": "satu"}
        facts = inside.get("/.well-known/oauth-authorization-server").json()
        assert facts["issuer"] == "https://simpul.invalid"
        assert facts["token_endpoint"] == "https://simpul.invalid/oauth/token"


def test_discovery_states_only_what_exists(hub):
    facts = hub.get("/.well-known/openid-configuration").json()
    assert facts == hub.get("/.well-known/oauth-authorization-server").json()
    assert facts["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "client_credentials",
    ]
    assert facts["response_types_supported"] == ["code"]
    assert facts["code_challenge_methods_supported"] == ["S256"]
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        path = facts[name].removeprefix(facts["issuer"])
        assert hub.post(path, data={"a": "b"}).status_code in (400, 401)
    for name, status in (("authorization_endpoint", 400), ("userinfo_endpoint", 401)):
        assert hub.get(facts[name].removeprefix(facts["issuer"])).status_code == status
    answer = hub.get(facts["jwks_uri"].removeprefix(facts["issuer"]))
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert len(keys) == 1
    assert keys[0].keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_tokens_stay_out_of_the_log(hub, register):
    header, secret = register("satu")
    said = io.StringIO()
    watcher = logging.StreamHandler(said)
    root = logging.getLogger()
    root.addHandler(watcher)
    root.setLevel(logging.DEBUG)
    try:
        token = ask(hub, header).json()["access_token"]
    finally:
        root.removeHandler(watcher)
        root.setLevel(logging.WARNING)
    assert logging.getLogger("authlib").level == logging.INFO
    assert token not in said.getvalue()
    assert secret not in said.getvalue()
