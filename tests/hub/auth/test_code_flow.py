"""A person lets a program act for her: the page, the way back, the code, the tokens."""

import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlmodel import select, update

from hub.auth import families
from hub.auth.models import AuthorizationCode, Client, TokenFamily
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from tests.hub.auth.conftest import BACK, PASSWORD, ask, bearer, decide, told

ISSUER = "http://testserver"


def claims(hub, token: str) -> dict:
    keys = KeySet.import_key_set(hub.get("/oauth/jwks").json())
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


def test_a_person_allows_and_the_program_acts_for_her(hub, analyst, confidential):
    page = ask(analyst, confidential.asks())
    assert page.status_code == 200
    assert "Aplikasi rahasia (sintetis)" in page.text
    assert "aplikasi.example.org" in page.text
    assert "Membaca data yang izinnya ada" in page.text
    back = decide(analyst, page)
    assert back.headers["location"].startswith(f"{BACK}?")
    said = told(back)
    assert (said["state"], said["iss"]) == ("keadaan", ISSUER)
    answer = confidential.redeem(said["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert token["scope"] == "data:read openid profile"
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
    me = hub.get("/api/v1/me", headers=bearer(token["access_token"])).json()
    assert (me["kind"], me["via"], me["agency"]) == ("person", "token", "bappeda")
    assert me["client"] == "rahasia"
    assert me["scopes"] == ["data:read"]
    access = claims(hub, token["access_token"])
    assert (access["sub"], access["client_id"]) == (me["id"], "rahasia")
    told_id = claims(hub, token["id_token"])
    assert told_id["iss"] == ISSUER
    assert told_id["aud"] == ["rahasia"]
    assert told_id["nonce"] == "sekali"
    assert (told_id["sub"], told_id["preferred_username"]) == (me["id"], "ana")
    assert told_id["exp"] - told_id["iat"] == 300
    assert abs(told_id["auth_time"] - real_now().timestamp()) < 60
    assert told_id["at_hash"]


def test_without_openid_there_is_no_id_token_and_no_userinfo(hub, analyst, authorize, public):
    token = authorize(public, analyst, scope="data:read")
    assert "id_token" not in token
    answer = hub.get("/oauth/userinfo", headers=bearer(token["access_token"]))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


def test_userinfo_says_what_was_allowed(hub, analyst, authorize, confidential, make_client):
    token = authorize(confidential, analyst)["access_token"]
    for send in (hub.get, hub.post):
        told = send("/oauth/userinfo", headers=bearer(token)).json()
        assert told.keys() == {"sub", "name", "preferred_username"}
    bare = authorize(confidential, analyst, scope="openid")["access_token"]
    assert hub.get("/oauth/userinfo", headers=bearer(bare)).json().keys() == {"sub"}
    assert hub.get("/oauth/userinfo").status_code == 401
    assert make_client().get("/oauth/userinfo").status_code == 403


def test_a_refusal_goes_back_as_one(analyst, public):
    back = told(decide(analyst, ask(analyst, public.asks()), "deny"))
    assert back["error"] == "access_denied"
    assert (back["state"], back["iss"]) == ("keadaan", ISSUER)
    assert "code" not in back


def test_what_was_allowed_is_remembered_for_that_program_and_those_scopes(analyst, register):
    one, other = register("satu"), register("dua")
    assert ask(analyst, one.asks()).status_code == 200
    decide(analyst, ask(analyst, one.asks()))
    assert "code" in told(ask(analyst, one.asks()))
    assert "code" in told(ask(analyst, one.asks(scope="openid")))
    assert ask(analyst, one.asks(scope="openid catalog:read")).status_code == 200
    assert ask(analyst, one.asks(prompt="consent")).status_code == 200
    assert ask(analyst, other.asks()).status_code == 200


def test_a_program_on_the_own_machine_is_asked_for_each_time(analyst, register):
    program = register(
        "meja", token_endpoint_auth_method="none", redirect_uris=["http://127.0.0.1/kembali"]
    )
    for port in ("", ":49152", ":8123"):
        asked = program.asks(redirect_uri=f"http://127.0.0.1{port}/kembali")
        back = decide(analyst, ask(analyst, asked))
        assert back.headers["location"].startswith(f"http://127.0.0.1{port}/kembali?")
        code = told(back)["code"]
        assert program.redeem(code, redirect_uri=asked["redirect_uri"]).status_code == 200


def test_who_has_not_signed_in_does_so_first_and_comes_back_to_the_question(
    hub, make_person, public
):
    person = make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    sent = ask(hub, public.asks(state="a&b=c%d e"))
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/masuk?next=/oauth/authorize")
    form = hub.get(sent.headers["location"])
    assert form.status_code == 200
    next_page = form.text.split('name="next" value="')[1].split('"')[0].replace("&amp;", "&")
    entered = hub.post(
        "/masuk",
        data={"username": person.username, "password": PASSWORD, "next": next_page},
        follow_redirects=False,
    )
    assert entered.headers["location"].startswith("/oauth/authorize?")
    page = hub.get(entered.headers["location"])
    hub.headers["Sec-Fetch-Site"] = "same-origin"
    back = told(decide(hub, page))
    assert back["state"] == "a&b=c%d e"
    assert public.redeem(back["code"]).status_code == 200


def test_a_token_or_a_form_of_another_site_is_nobodys_word(
    hub, analyst, authorize, confidential, make_client
):
    token = authorize(confidential, analyst)["access_token"]
    for header in (bearer(token), dict(make_client("analyst", "bappeda").headers)):
        sent = hub.get(
            "/oauth/authorize",
            params=confidential.asks(),
            headers={"Authorization": header.get("Authorization") or header["authorization"]},
            follow_redirects=False,
        )
        assert sent.headers["location"].startswith("/masuk")
    foreign = analyst.post(
        "/oauth/authorize",
        params=confidential.asks(),
        data={"decision": "allow"},
        headers={"Sec-Fetch-Site": "cross-site"},
        follow_redirects=False,
    )
    assert foreign.status_code == 403


def test_a_request_that_comes_as_a_form_is_asked_like_any_other(hub, public):
    sent = hub.post("/oauth/authorize", data=public.asks(), follow_redirects=False)
    assert sent.status_code == 303
    again = hub.get(sent.headers["location"], follow_redirects=False)
    assert again.headers["location"].startswith("/masuk?next=/oauth/authorize")
    assert hub.post("/oauth/authorize", content=b"x").status_code == 400


def test_prompt_and_max_age_are_kept(hub, analyst, public, register):
    asked = register("satu").asks
    assert told(ask(hub, asked(prompt="none")))["error"] == "login_required"
    assert told(ask(analyst, asked(prompt="none")))["error"] == "consent_required"
    decide(analyst, ask(analyst, asked()))
    assert "code" in told(ask(analyst, asked(prompt="none", max_age="3600")))
    for wanted in ({"prompt": "login"}, {"max_age": "0"}):
        page = ask(analyst, asked(**wanted))
        assert "Masuk lagi" in page.text
        assert "Masuk lagi" in decide(analyst, page, "allow").text, "no button leads around it"
        assert told(ask(analyst, asked(prompt="none", max_age="0")))["error"] == "login_required"
    out = decide(analyst, page, "sign-in")
    assert out.headers["location"].startswith("/masuk?next=/oauth/authorize")
    assert "prompt%3Dconsent" in out.headers["location"]
    assert analyst.get("/api/v1/me").status_code == 401


WRONG = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": 'a"b\\c'}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"scope": "data:write"}, "invalid_scope"),
    ({"scope": "openid tidak:ada"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "lain"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://aplikasi.example.org/r"}, "request_uri_not_supported"),
]


def test_what_is_asked_wrongly_goes_back_as_an_error(analyst, public):
    for changes, error in WRONG:
        back = told(ask(analyst, public.asks(**changes)))
        assert back["error"] == error, changes
        assert (back["state"], back["iss"]) == ("keadaan", ISSUER)
        assert "code" not in back
    twice = ask(analyst, [*public.asks().items(), ("scope", "openid")])
    assert told(twice)["error"] == "invalid_request"


def test_without_a_known_program_and_address_nobody_is_sent_anywhere(
    hub, analyst, public, register
):
    machine = register("mesin", redirect_uris=[])
    wrong = [
        public.asks(client_id="tiada"),
        public.asks(client_id=None),
        public.asks(redirect_uri=None),
        public.asks(redirect_uri=f"{BACK}/"),
        public.asks(redirect_uri=f"{BACK}?x=1"),
        public.asks(redirect_uri=f"{BACK}/../x"),
        public.asks(redirect_uri="https://aplikasi.example.org.evil.example.com/kembali"),
        public.asks(redirect_uri="https://aplikasi.example.org@evil.example.com/kembali"),
        public.asks(redirect_uri="HTTPS://aplikasi.example.org/kembali"),
        public.asks(redirect_uri="javascript:alert(1)"),
        public.asks(redirect_uri='https://x.example.com/"<>\\'),
        public.asks(state="\x00"),
        public.asks(state="é"),
        public.asks(state="x" * 9000),
        machine.asks(),
        [*public.asks().items(), ("redirect_uri", BACK)],
        [*public.asks().items(), ("client_id", "publik")],
    ]
    for asked in wrong:
        for browser in (hub, analyst):
            answer = ask(browser, asked)
            assert answer.status_code == 400, asked
            assert "location" not in answer.headers
            assert "Tidak ada yang diberikan" in answer.text
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(Client).values(active=False))
    assert ask(analyst, public.asks()).status_code == 400


def test_the_page_may_lead_to_the_program_and_nowhere_else(analyst, register):
    for number, (address, source) in enumerate(
        [
            (BACK, "https://aplikasi.example.org"),
            ("https://aplikasi.example.org:8443/x?y=z", "https://aplikasi.example.org:8443"),
            ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
            ("http://[::1]:3000/", "http:"),
            ("org.example.aplikasi:/kembali", "org.example.aplikasi:"),
        ]
    ):
        program = register(f"p{number}", token_endpoint_auth_method="none", redirect_uris=[address])
        page = ask(analyst, program.asks())
        assert f"form-action 'self' {source};" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        back = decide(analyst, page)
        assert back.headers["location"].startswith(address)
        assert back.headers["referrer-policy"] == "no-referrer"


def test_the_question_shows_text_of_strangers_as_text(analyst, register):
    program = register("x")
    page = ask(analyst, program.asks(state='"><script>alert(1)</script>'))
    assert "<script>alert" not in page.text
    assert told(decide(analyst, page))["state"] == '"><script>alert(1)</script>'


def test_what_her_posts_do_not_include_is_said_and_not_given(hub, analyst, authorize, register):
    program = register("luas", scope="data:read data:write agency:admin")
    page = ask(analyst, program.asks(scope="data:read data:write agency:admin"))
    assert "Diminta juga, tetapi jabatan Anda tidak mencakupnya" in page.text
    token = authorize(program, analyst, scope="data:read data:write agency:admin")
    header = bearer(token["access_token"])
    assert hub.get("/api/v1/me", headers=header).json()["scopes"] == ["data:read"]
    assert hub.get("/api/v1/clients", headers=header).status_code == 403


def test_the_page_speaks_the_language_that_was_chosen_or_that_the_program_knows(analyst, public):
    assert "Izinkan" in ask(analyst, public.asks()).text
    assert "Allow" in ask(analyst, public.asks(ui_locales="en-GB id")).text
    assert "Allow" in ask(analyst, public.asks(lang="en")).text


def test_a_code_is_bound_to_program_address_and_proof_and_ends_after_a_minute(
    hub, analyst, public, register
):
    other = register("lain", token_endpoint_auth_method="none", redirect_uris=[BACK, f"{BACK}2"])

    def code() -> str:
        return told(decide(analyst, ask(analyst, public.asks(prompt="consent"))))["code"]

    for changes in (
        {"code_verifier": "x" * 43},
        {"code_verifier": "x"},
        {"code_verifier": ""},
        {"code_verifier": public.challenge},
        {"redirect_uri": f"{BACK}2"},
        {"redirect_uri": ""},
    ):
        answer = public.redeem(code(), **changes)
        assert answer.status_code == 400, changes
        assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    mine = code()
    stolen = other.redeem(mine, code_verifier=public.verifier)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert public.redeem(mine).status_code == 200
    late = code()
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(AuthorizationCode).values(expires_at=real_now()))
    assert public.redeem(late).json()["error"] == "invalid_grant"
    for junk in ("", "x", "x" * 5000):
        assert public.redeem(junk).status_code == 400


def test_a_code_used_twice_ends_all_that_came_of_it(hub, analyst, confidential):
    code = told(decide(analyst, ask(analyst, confidential.asks())))["code"]
    token = confidential.redeem(code).json()
    assert hub.get("/api/v1/me", headers=bearer(token["access_token"])).status_code == 200
    assert confidential.redeem(code).json()["error"] == "invalid_grant"
    assert hub.get("/api/v1/me", headers=bearer(token["access_token"])).status_code == 401
    assert hub.get("/oauth/userinfo", headers=bearer(token["access_token"])).status_code == 401
    assert confidential.refresh(token["refresh_token"]).json()["error"] == "invalid_grant"
    with reading(hub.app.state.engine) as session:
        assert session.exec(select(TokenFamily.ended)).one() == "reused"
        assert code not in json.dumps(session.exec(select(AuthorizationCode.hash)).all())


def test_a_code_dies_with_the_sign_in_that_made_it(hub, analyst, public, make_client):
    code = told(decide(analyst, ask(analyst, public.asks())))["code"]
    person = analyst.get("/api/v1/me").json()["id"]
    walidata = make_client("walidata", "dkisp")
    walidata.patch(f"/api/v1/people/{person}", json={"active": False})
    walidata.patch(f"/api/v1/people/{person}", json={"active": True})
    assert public.redeem(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("flows", [["authorization_code"], None])
def test_a_refresh_token_is_for_programs_that_use_them(analyst, authorize, register, flows):
    token = authorize(register("satu", grant_types=flows), analyst)
    assert ("refresh_token" in token) == (flows is None)


def test_families_that_have_ended_are_forgotten(hub, analyst, authorize, public):
    authorize(public, analyst)
    engine = hub.app.state.engine
    for later, left in ((timedelta(days=29), 1), (timedelta(days=32), 0)):
        with unit_of_work(engine) as session:
            families.sweep(session, now=real_now() + later)
            assert len(session.exec(select(TokenFamily)).all()) == left
