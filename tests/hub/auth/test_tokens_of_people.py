"""Tokens in a program's hands for a person: how they are renewed, told of, and how they end."""

import base64
import json
import time
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey
from sqlmodel import select, update

from hub.auth import service
from hub.auth.authenticate import access_tokens
from hub.auth.keys import SigningKeys
from hub.auth.models import RefreshToken, TokenFamily
from hub.auth.tokens import OnBehalf
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from tests.hub.auth.conftest import ask, basic, bearer, decide, told


def alive(hub, token: dict) -> bool:
    status: int = hub.get("/api/v1/me", headers=bearer(token["access_token"])).status_code
    assert status in (200, 401)
    return status == 200


def test_a_refresh_token_opens_once_for_the_next(hub, analyst, authorize, public):
    first = authorize(public, analyst, scope="openid data:read catalog:read")
    second = public.refresh(first["refresh_token"])
    assert second.status_code == 200, second.text
    assert second.json()["scope"] == "catalog:read data:read openid"
    third = public.refresh(second.json()["refresh_token"], scope="data:read").json()
    assert third["scope"] == "data:read"
    me = hub.get("/api/v1/me", headers=bearer(third["access_token"])).json()
    assert (me["kind"], me["scopes"]) == ("person", ["data:read"])
    # Asking for too much does not cost the token; asking for less did not narrow the next.
    wide = public.refresh(third["refresh_token"], scope="data:write")
    assert (wide.status_code, wide.json()["error"]) == (400, "invalid_scope")
    fourth = public.refresh(third["refresh_token"]).json()
    assert fourth["scope"] == "catalog:read data:read openid"
    with reading(hub.app.state.engine) as session:
        stored = set(session.exec(select(RefreshToken.hash)))
    assert len(stored) == 4
    assert not stored & {first["refresh_token"], fourth["refresh_token"]}


def test_a_refresh_token_used_twice_ends_the_family(hub, analyst, authorize, public):
    first = authorize(public, analyst)
    second = public.refresh(first["refresh_token"]).json()
    other = authorize(public, analyst)
    assert alive(hub, second)
    again = public.refresh(first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not alive(hub, first)
    assert not alive(hub, second)
    assert public.refresh(second["refresh_token"]).status_code == 400
    assert alive(hub, other), "another authorization is another family"


def test_a_refresh_token_is_of_no_use_to_another_program(hub, analyst, authorize, public, register):
    token = authorize(public, analyst)
    other = register("lain", token_endpoint_auth_method="none")
    for junk in (token["refresh_token"], token["access_token"], token["id_token"], "x"):
        assert other.refresh(junk).json()["error"] == "invalid_grant"
    nobody = hub.post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": token["refresh_token"]},
    )
    assert nobody.status_code == 401
    assert public.refresh(token["refresh_token"]).status_code == 200


def test_a_family_ends_with_its_time_however_often_it_is_renewed(hub, analyst, authorize, public):
    token = authorize(public, analyst)
    with reading(hub.app.state.engine) as session:
        family = session.exec(select(TokenFamily)).one()
    assert family.expires_at - family.created_at == timedelta(days=30)
    renewed = public.refresh(token["refresh_token"]).json()
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(TokenFamily).values(expires_at=real_now()))
    assert not alive(hub, renewed)
    assert public.refresh(renewed["refresh_token"]).json()["error"] == "invalid_grant"


def test_tokens_end_with_the_person_her_password_and_the_program(
    hub, analyst, authorize, public, confidential, make_client
):
    engine, walidata = hub.app.state.engine, make_client("walidata", "dkisp")
    person = analyst.get("/api/v1/me").json()["id"]

    def ends(token: dict, program, path: str, off: dict, on: dict) -> None:
        assert alive(hub, token)
        assert walidata.patch(path, json=off).status_code == 200
        assert not alive(hub, token)
        assert walidata.patch(path, json=on).status_code == 200
        assert not alive(hub, token), "what has ended does not come back"
        assert program.refresh(token["refresh_token"]).json()["error"] == "invalid_grant"

    mine, other = authorize(public, analyst), authorize(confidential, analyst)
    ends(mine, public, "/api/v1/clients/publik", {"active": False}, {"active": True})
    assert alive(hub, other)
    with unit_of_work(engine) as session:
        service.sign_out_everywhere(session, person)
    assert not alive(hub, other)
    assert confidential.refresh(other["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_new_password_and_switching_a_person_off_end_her_tokens(
    hub, analyst, authorize, public, make_client
):
    walidata = make_client("walidata", "dkisp")
    path = f"/api/v1/people/{analyst.get('/api/v1/me').json()['id']}"
    first, second = authorize(public, analyst), authorize(public, analyst)
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(TokenFamily).values(ended=""))
    new = {"password": "kata sandi yang lain (sintetis)"}
    assert walidata.put(f"{path}/password", json=new).status_code == 204
    assert not alive(hub, first)
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(TokenFamily).values(ended=""))
    assert alive(hub, second)
    walidata.patch(path, json={"active": False})
    assert not alive(hub, second)


def test_a_scope_taken_from_the_program_and_a_post_taken_from_her_are_gone_at_once(
    hub, analyst, authorize, register, make_client
):
    walidata = make_client("walidata", "dkisp")
    program = register("satu", scope="data:read request:write")
    header = bearer(
        authorize(program, analyst, scope="openid data:read request:write")["access_token"]
    )

    def scopes() -> list[str]:
        return hub.get("/api/v1/me", headers=header).json()["scopes"]

    assert scopes() == ["data:read", "request:write"]
    walidata.patch("/api/v1/clients/satu", json={"scope": "request:write"})
    assert scopes() == ["request:write"]
    post = analyst.get("/api/v1/me").json()["posts"][0]["id"]
    (holding,) = walidata.get(f"/api/v1/posts/{post}/holdings").json()["items"]
    walidata.delete(f"/api/v1/holdings/{holding['id']}")
    assert scopes() == []


def test_introspection_and_revocation_know_both_kinds(hub, analyst, authorize, register):
    mine, other = register("satu"), register("dua")
    token = authorize(mine, analyst)
    person = analyst.get("/api/v1/me").json()["id"]
    access, chain = token["access_token"], token["refresh_token"]
    for value in (access, chain):
        for hint in ("access_token", "refresh_token"):
            said = mine.post("/oauth/introspect", token=value, token_type_hint=hint).json()
            assert said["active"] is True
            assert (said["sub"], said["client_id"]) == (person, "satu")
            assert said["scope"] == "data:read openid profile"
        assert other.post("/oauth/introspect", token=value).json() == {"active": False}
        assert other.post("/oauth/revoke", token=value).status_code == 400
    assert mine.post("/oauth/revoke", token=access).status_code == 200
    assert not alive(hub, token)
    assert mine.post("/oauth/introspect", token=access).json() == {"active": False}
    renewed = mine.refresh(chain).json()
    assert alive(hub, renewed), "the chain goes on after one access token was revoked"
    assert mine.post("/oauth/introspect", token=chain).json() == {"active": False}
    assert mine.post("/oauth/revoke", token=renewed["refresh_token"]).status_code == 200
    assert not alive(hub, renewed)
    assert mine.refresh(renewed["refresh_token"]).status_code == 400


def test_a_public_program_revokes_but_asks_nothing(hub, analyst, authorize, public):
    token = authorize(public, analyst)
    assert public.post("/oauth/introspect", token=token["access_token"]).status_code == 401
    assert public.post("/oauth/revoke", token=token["refresh_token"]).status_code == 200
    assert not alive(hub, token)


def test_a_program_proves_itself_in_one_way_and_a_public_one_not_at_all(
    hub, analyst, public, confidential
):
    def code(program) -> dict[str, str]:
        back = told(decide(analyst, ask(analyst, program.asks(prompt="consent"))))
        return {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": program.redirect_uri,
            "code_verifier": program.verifier,
        }

    def send(form: dict[str, str], headers: dict[str, str] | None = None) -> int:
        return int(hub.post("/oauth/token", data=form, headers=headers or {}).status_code)

    assert send(code(confidential) | {"client_id": "rahasia"}) == 401
    in_body = {"client_id": "rahasia", "client_secret": confidential.secret}
    assert send(code(confidential) | in_body) == 401
    proof = basic("rahasia", confidential.secret)
    assert send(code(confidential) | {"client_id": "publik"}, proof) == 400
    assert send(code(confidential) | {"client_assertion": "a.b.c"}, proof) == 400
    assert send(code(public), basic("publik", "")) == 401
    assert send(code(public) | {"client_id": "publik"}, basic("publik", "x")) == 401
    assert send({"grant_type": "client_credentials", "client_id": "publik"}) == 401
    assert send(code(public) | {"client_id": "publik"}) == 200


def by_hand(key: ECKey, header: dict, body: dict) -> str:
    """A signature that is right over a header that no library would write."""
    parts = (json.dumps(part).encode() for part in (header, body))
    start = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    r, s = decode_dss_signature(key.private_key.sign(start, ec.ECDSA(hashes.SHA256())))
    end = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    return (start + b"." + end).decode()


def test_tokens_that_are_none_or_somebody_elses_open_nothing(hub, analyst, authorize, public):
    """T22 for people: an ID token, and claims that do not belong together under a good signature."""
    token = authorize(public, analyst)
    person = analyst.get("/api/v1/me").json()["id"]
    tokens = access_tokens(hub.app.state.settings)
    with reading(hub.app.state.engine) as session:
        family = session.exec(select(TokenFamily.id)).one()
    now = real_now()

    def issued(client: str, who: str, of: str) -> str:
        return tokens.issue(client, "data:read", now=now, on_behalf=OnBehalf(who, of, now))

    assert hub.get("/api/v1/me", headers=bearer(issued("publik", person, family))).is_success
    key = tokens.keys.newest()
    seconds = int(time.time())
    claims = {"iss": tokens.issuer, "aud": tokens.issuer, "sub": person, "client_id": "publik"}
    claims |= {"scope": "data:read", "jti": "j", "iat": seconds, "exp": seconds + 60}

    def signed(header: dict, **changes) -> str:
        whole = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | header
        body = {"family": family} | claims | changes
        return by_hand(key, whole, body)

    assert hub.get("/api/v1/me", headers=bearer(signed({}))).is_success
    for bad in (
        token["id_token"],
        token["refresh_token"],
        issued("lain", person, family),
        issued("publik", "publik", family),
        issued("publik", person, "0" * 32),
        tokens.issue(person, "data:read", now=now),
        signed({"typ": "JWT"}),
        signed({"typ": "dpop+jwt"}),
        signed({"crit": ["b64"], "b64": True}),
        signed({"crit": ["exp"]}),
        signed({"crit": ["lain"], "lain": 1}),
        signed({"alg": "none"}),
        signed({"alg": "ES384"}),
        signed({"kid": "../oauth-x"}),
        signed({"kid": ["x"]}),
        signed({"typ": ["at+jwt"]}),
        signed({}, family=["x"]),
        signed({}, family=None),
        signed({}, family=7),
        signed({}, aud=["https://lain.invalid"]),
        signed({}, nbf=seconds + 600),
        signed({}, exp=seconds - 60),
        signed({}, iss="http://testserver/"),
    ):
        for path in ("/api/v1/me", "/oauth/userinfo"):
            assert hub.get(path, headers=bearer(bad)).status_code == 401, bad


def test_a_person_sees_and_takes_back_what_she_allowed(
    hub, analyst, authorize, register, make_client
):
    one, other = register("satu"), register("dua")
    first, second = authorize(one, analyst), authorize(other, analyst)
    listed = analyst.get("/api/v1/consents").json()["items"]
    assert [(item["client_id"], item["scope"]) for item in listed] == [
        ("dua", "data:read openid profile"),
        ("satu", "data:read openid profile"),
    ]
    page = analyst.get("/akun")
    assert "Aplikasi satu (sintetis)" in page.text
    assert analyst.delete("/api/v1/consents/satu").status_code == 204
    assert analyst.delete("/api/v1/consents/satu").status_code == 404
    assert not alive(hub, first)
    assert one.refresh(first["refresh_token"]).status_code == 400
    assert ask(analyst, one.asks()).status_code == 200, "she is asked again"
    assert alive(hub, second)
    taken = analyst.post("/akun/aplikasi/dua/cabut", follow_redirects=False)
    assert taken.status_code == 303
    assert not alive(hub, second)
    kinds = [
        (item["entry"]["kind"], item["entry"]["target"]["id"])
        for item in make_client("auditor", "inspektorat", "audit:read")
        .get("/api/v1/ledger/entries", params={"limit": 100})
        .json()["items"]
        if item["entry"]["kind"].startswith("client.")
    ]
    assert kinds == [
        ("client.disallowed", "dua"),
        ("client.disallowed", "satu"),
        ("client.allowed", "dua"),
        ("client.allowed", "satu"),
    ]


def test_a_running_hub_takes_up_new_keys_and_drops_removed_ones(hub, analyst, authorize, public):
    keys = SigningKeys(hub.app.state.settings.keys)  # another process's view of the same folder
    old = authorize(public, analyst)
    first = keys.newest().kid
    second = keys.rotate()
    new = public.refresh(old["refresh_token"]).json()
    assert alive(hub, old)
    assert alive(hub, new)
    listed = [key["kid"] for key in hub.get("/oauth/jwks").json()["keys"]]
    assert listed == [first, second]
    keys.remove(first)
    assert not alive(hub, old)
    assert alive(hub, new)
    assert [key["kid"] for key in hub.get("/oauth/jwks").json()["keys"]] == [second]
