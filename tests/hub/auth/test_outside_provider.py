"""People sign in at the regency's own OpenID provider; a hostile one gets nobody in.

The provider is a real server on 127.0.0.1 that answers whatever a test tells it to.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from sqlmodel import select, update
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from hub.agencies.models import Holding, Post
from hub.app import create_app
from hub.auth.factors import OutsideAttempt, OutsideIdentity
from hub.auth.models import LoginSession, Person
from hub.auth.outside.provider import provider_of
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from hub.settings import Settings

PASSWORD = "kata sandi panjang (sintetis)"
EC = ECKey.generate_key("P-256", {"kid": "k1"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1"})
NEW = ECKey.generate_key("P-256", {"kid": "k2"})
RSA = RSAKey.generate_key(2048, {"kid": "r1"})
BACK = "/masuk/lewat/sso/kembali"
ABSENT = object()


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}."


def hmac_signed(secret: bytes, claims: dict[str, Any]) -> str:
    """By hand: no library of ours would make such a token."""
    text = unsigned({"alg": "HS256", "kid": "k1"}, claims).rpartition(".")[0]
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"


@dataclass
class Provider:
    """A provider that plays by the rules until a test changes what it says."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: EC)
    algorithm: str = "ES256"
    published: list[Any] = field(default_factory=lambda: [EC])
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    raw: Callable[[dict[str, Any]], str] | None = None
    status: int = 200
    nonces: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def answer(self, path: str, form: dict[str, str], proof: str) -> tuple[int, Any]:
        self.asked.append((path, form, proof))
        match path:
            case "/.well-known/openid-configuration":
                return self.status, self.own_document()
            case "/certs":
                return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
            case "/token":
                return self.redeemed(form)
            case "/userinfo":
                return 200, self.said
        return 404, {}

    def own_document(self) -> dict[str, Any]:
        made = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "jwks_uri": f"{self.issuer}/certs",
            "id_token_signing_alg_values_supported": ["ES256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {k: v for k, v in (made | self.document).items() if v is not ABSENT}

    def redeemed(self, form: dict[str, str]) -> tuple[int, Any]:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if self.challenges.pop(form.get("code", ""), None) != b64(digest):
            return 400, {"error": "invalid_grant"}
        made = {
            "access_token": "at",
            "token_type": "Bearer",
            "id_token": self.id_token(form["code"]),
        }
        return 200, {k: v for k, v in (made | self.token).items() if v is not ABSENT}

    def id_token(self, code: str) -> str:
        now = int(time.time())
        made = {
            "iss": self.issuer,
            "sub": "f:1:siti",
            "aud": "simpul",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonces[code],
            "sid": "sesi-1",
            "preferred_username": "siti",
            "name": "Siti (sintetis)",
            "realm_access": {"roles": ["analis-bappeda"]},
        }
        claims = {k: v for k, v in (made | self.claims).items() if v is not ABSENT}
        return self.raw(claims) if self.raw else self.signed(claims)

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid} | self.header
        header = {k: v for k, v in header.items() if v is not ABSENT}
        return str(jwt.encode(header, claims, self.key, algorithms=[self.algorithm]))

    def hands_out(self, address: str) -> dict[str, str]:
        """Somebody signed in: the parameters that her browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["code_challenge_method"] == "S256"
        code = f"kode-{len(self.nonces)}"
        self.nonces[code], self.challenges[code] = asked["nonce"], asked["code_challenge"]
        return {"code": code, "state": asked["state"], "iss": self.issuer}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.tell({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self.tell({name: values[0] for name, values in parse_qs(body).items()})

        def tell(self, form: dict[str, str]) -> None:
            status, body = made.answer(
                urlsplit(self.path).path, form, self.headers.get("authorization", "")
            )
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "http://127.0.0.1:9/")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(database_url, tmp_path, provider) -> Settings:
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        public_url="http://testserver",
        oidc_issuer=provider.issuer,
        oidc_client_id="simpul",
        oidc_client_secret="rahasia-klien",
        oidc_newcomers=True,
    )


def fresh(hub) -> TestClient:
    browser = TestClient(hub.app, base_url="http://testserver", follow_redirects=False)
    browser.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
    return browser


def go(browser: TestClient, path: str = "/masuk/lewat/sso") -> str:
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def enter(browser: TestClient, provider: Provider, path: str = "/masuk/lewat/sso", **changes: Any):
    """There and back; the answer to coming back."""
    said = {**provider.hands_out(go(browser, path)), **changes}
    return browser.get(BACK, params={k: v for k, v in said.items() if v is not ABSENT})


def is_in(browser: TestClient) -> bool:
    return browser.get("/api/v1/me").status_code == 200


def test_a_newcomer_comes_in_on_the_posts_that_her_roles_give(
    hub, provider, make_client, make_person
):
    make_person("analyst", "bappeda", username="lain")
    walidata = make_client("walidata", "dkisp")
    post = hub.get("/api/v1/agencies/bappeda/posts", headers=walidata.headers).json()["items"][0]
    mapping = {"provider": "sso", "value": "analis-bappeda", "post": post["id"]}
    role = walidata.post("/api/v1/outside-roles", json=mapping)
    assert role.status_code == 201, role.text
    assert walidata.post("/api/v1/outside-roles", json=mapping).status_code == 409

    browser = fresh(hub)
    assert '"/masuk/lewat/sso?next=/permintaan"' in browser.get("/masuk?next=/permintaan").text
    back = enter(browser, provider, "/masuk/lewat/sso?next=/permintaan")
    assert (back.status_code, back.headers["location"]) == (303, "/permintaan")
    me = browser.get("/api/v1/me").json()
    assert (me["name"], me["agency"], me["roles"]) == ("Siti (sintetis)", "bappeda", ["analyst"])
    (_, form, proof), *_ = [one for one in provider.asked if one[0] == "/token"]
    assert form["redirect_uri"] == f"http://testserver{BACK}"
    assert proof == "Basic " + base64.b64encode(b"simpul:rahasia-klien").decode()

    # The same person again without the role: the seat is gone, and so is its authority.
    provider.claims = {"realm_access": {"roles": []}}
    assert enter(fresh(hub), provider).status_code == 303
    assert browser.get("/api/v1/me").json()["roles"] == []
    provider.claims = {}
    enter(fresh(hub), provider)
    assert browser.get("/api/v1/me").json()["roles"] == ["analyst"]
    gone = walidata.delete(f"/api/v1/outside-roles/{role.json()['id']}")
    assert gone.status_code == 204
    assert browser.get("/api/v1/me").json()["roles"] == []
    with reading(hub.app.state.engine) as session:
        assert len(session.exec(select(OutsideIdentity)).all()) == 1
        kinds = set(session.exec(select(LedgerEntry.kind)).all())
        seats = session.exec(select(Holding).where(Holding.post == post["id"])).all()
    assert len(seats) == 3  # hers twice, and that of `lain`, who keeps it
    assert {"person.created", "identity.joined", "post.taken", "post.left"} <= kinds


HOSTILE: dict[str, dict[str, Any]] = {
    "another issuer": {"why": "iss", "claims": {"iss": "https://lain.example.org"}},
    "no issuer": {"why": "iss", "claims": {"iss": ABSENT}},
    "another audience": {"why": "aud", "claims": {"aud": "lain"}},
    "another audience, azp is the hub": {"why": "aud", "claims": {"aud": "lain", "azp": "simpul"}},
    "two audiences without azp": {"why": "azp", "claims": {"aud": ["simpul", "lain"]}},
    "azp is another": {"why": "azp", "claims": {"azp": "lain"}},
    "no audience": {"why": "aud", "claims": {"aud": ABSENT}},
    "another nonce": {"why": "nonce", "claims": {"nonce": "lain"}},
    "no nonce": {"why": "nonce", "claims": {"nonce": ABSENT}},
    "no subject": {"why": "sub", "claims": {"sub": ABSENT}},
    "an empty subject": {"why": "sub", "claims": {"sub": ""}},
    "a subject that is a number": {"why": "sub", "claims": {"sub": 7}},
    "a subject without end": {"why": "sub", "claims": {"sub": "x" * 256}},
    "expired": {"why": "exp", "claims": {"exp": int(time.time()) - 3600}},
    "no expiry": {"why": "exp", "claims": {"exp": ABSENT}},
    "expiry that is a text": {"why": "exp", "claims": {"exp": "2099"}},
    "made an hour ago": {"why": "iat", "claims": {"iat": int(time.time()) - 3600}},
    "made in the future": {"why": "iat", "claims": {"iat": int(time.time()) + 3600}},
    "not yet valid": {"why": "nbf", "claims": {"nbf": int(time.time()) + 3600}},
    "an at_hash of another token": {
        "why": "at_hash",
        "claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    },
    "no ID token": {"why": "no token", "token": {"id_token": ABSENT}},
    "an ID token that is none": {"why": "signature", "token": {"id_token": "a.b.c"}},
    "alg none": {"why": "algorithm none", "raw": lambda claims: unsigned({"alg": "none"}, claims)},
    "alg none with a kid": {
        "why": "algorithm none",
        "raw": lambda claims: unsigned({"alg": "none", "kid": "k1"}, claims),
    },
    "HMAC with the public key": {
        "why": "algorithm HS256",
        "raw": lambda claims: hmac_signed(EC.as_pem(private=False), claims),
    },
    "HMAC with the client's secret": {
        "why": "algorithm HS256",
        "raw": lambda claims: hmac_signed(b"rahasia-klien", claims),
    },
    "another key under the same name": {"why": "signature", "key": OTHER},
    "an embedded key": {
        "why": "signature",
        "key": OTHER,
        "header": {"jwk": OTHER.as_dict(private=False)},
    },
    "a key by address": {
        "why": "signature",
        "key": OTHER,
        "header": {"jku": "http://127.0.0.1:9/certs"},
    },
    "an unknown key": {"why": "0 keys", "key": NEW},
    "two keys and no name": {"why": "2 keys", "published": [EC, NEW], "header": {"kid": ABSENT}},
    "an access token in its place": {
        "why": "algorithm ES256, type at+jwt",
        "header": {"typ": "at+jwt"},
    },
    "a logout token in its place": {
        "why": "algorithm ES256, type logout+jwt",
        "header": {"typ": "logout+jwt"},
    },
    "iss of the answer is another's": {
        "why": "iss of the answer",
        "changes": {"iss": "https://lain.example.org"},
    },
    "iss of the answer is missing": {"why": "iss is missing", "changes": {"iss": ABSENT}},
    "a forged state": {"why": "AttemptGone", "changes": {"state": "tebakan"}},
    "no state": {"why": "AttemptGone", "changes": {"state": ABSENT}},
    "no code": {"why": "no code", "changes": {"code": ABSENT}},
    "another code": {"why": "token: invalid_grant", "changes": {"code": "kode-lain"}},
    "an error": {
        "why": "error: access_denied",
        "changes": {"error": "access_denied", "code": ABSENT},
    },
    "userinfo of another person": {
        "why": "sub of userinfo",
        "claims": {"realm_access": ABSENT},
        "said": {"sub": "lain", "realm_access": {"roles": ["analis-bappeda"]}},
    },
    "the token endpoint fails": {"why": "ProviderSilent"},
}


GONE, SILENT = 401, 503
"""Statuses of refusals that need no word in the log."""


def test_a_hostile_provider_gets_nobody_in(hub, provider, monkeypatch):
    assert enter(fresh(hub), provider).status_code == 303
    good = Provider(issuer=provider.issuer)
    came_in, otherwise, without_words = [], [], []
    for name, changes in HOSTILE.items():
        for what in ("key", "claims", "header", "token", "said", "raw", "published"):
            setattr(provider, what, changes.get(what, getattr(good, what)))
        hub.app.state.outside._keys, hub.app.state.outside._keys_asked = (), -9.0
        if "fails" in name:
            monkeypatch.setattr(provider, "redeemed", lambda _form: (500, {}))
        browser = fresh(hub)
        with capture_logs() as logged:
            answer = enter(browser, provider, **changes.get("changes", {}))
        monkeypatch.undo()
        if answer.status_code < 400 or is_in(browser):
            came_in.append(name)
        words = {GONE: "AttemptGone", SILENT: "ProviderSilent"}.get(answer.status_code)
        why = words or "; ".join(one["why"] for one in logged if "why" in one)
        if not why.startswith(changes["why"]):
            otherwise.append((name, why))
        if "Mulai lagi" not in answer.text or 'href="/masuk"' not in answer.text:
            without_words.append(name)
    assert came_in == []
    assert otherwise == [], "refused for another reason than the one that is tried"
    assert without_words == []
    with reading(hub.app.state.engine) as session:
        assert len(session.exec(select(LoginSession)).all()) == 1
        assert session.exec(select(Person.username)).all() == ["siti"]


def test_two_tabs_both_come_in_and_no_answer_opens_twice_or_elsewhere(hub, provider):
    browser, other = fresh(hub), fresh(hub)
    first, second = go(browser), go(browser, "/masuk/lewat/sso?next=/katalog")
    said = provider.hands_out(first)
    assert other.get(BACK, params=said).status_code == 401  # not the browser that began it
    assert browser.get(BACK, params=said).status_code == 303
    assert browser.get(BACK, params=said).status_code == 401  # spent
    last = browser.get(BACK, params=provider.hands_out(second))
    assert (last.status_code, last.headers["location"]) == (303, "/katalog")
    assert not is_in(other)
    late = fresh(hub)
    said = provider.hands_out(go(late))
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(OutsideAttempt).values(expires_at=real_now() - timedelta(seconds=1)))
    assert late.get(BACK, params=said).status_code == 401
    twice = fresh(hub)
    said = provider.hands_out(go(twice))
    pairs = [*said.items(), ("state", "lain")]
    assert twice.get(BACK, params=pairs).status_code == 403


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_new_key_is_found_and_unknown_ones_are_passed_over(hub, provider, algorithm):
    assert enter(fresh(hub), provider).status_code == 303
    strange = {"kty": "oct", "k": b64(b"x" * 32), "kid": "r1"}
    provider.key, provider.algorithm = RSA, algorithm
    provider.published = [NEW, RSA, type("Foreign", (), {"as_dict": lambda _s, **_: strange})()]
    hub.app.state.outside._keys_asked = -9.0  # a second has passed
    before = len([one for one in provider.asked if one[0] == "/certs"])
    assert enter(fresh(hub), provider).status_code == 303
    assert enter(fresh(hub), provider).status_code == 303
    assert len([one for one in provider.asked if one[0] == "/certs"]) == before + 1


def test_roles_come_from_userinfo_where_the_id_token_has_none(hub, provider):
    provider.claims = {"realm_access": ABSENT}
    provider.said = {"sub": "f:1:siti", "realm_access": {"roles": ["analis-bappeda"]}}
    browser = fresh(hub)
    assert enter(browser, provider).status_code == 303
    assert [proof for path, _, proof in provider.asked if path == "/userinfo"] == ["Bearer at"]


DOWN: dict[str, Callable[[Provider], None]] = {
    "500": lambda p: setattr(p, "status", 500),
    "a redirect": lambda p: setattr(p, "status", 302),
    "another issuer": lambda p: p.document.update(issuer="https://lain.example.org"),
    "keys at an address of the machine": lambda p: p.document.update(jwks_uri="file:///etc/passwd"),
    "a token endpoint without encryption elsewhere": lambda p: p.document.update(
        token_endpoint=ABSENT
    ),
}


def test_a_provider_that_is_down_or_odd_leaves_the_password(hub, provider, make_person):
    make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    outside = hub.app.state.outside
    for name, breaking in DOWN.items():
        provider.status, provider.document = 200, {}
        breaking(provider)
        outside._document, outside._silent_until = None, 0.0
        answer = fresh(hub).get("/masuk/lewat/sso")
        assert answer.status_code in (403, 503), name
        assert "Mulai lagi" in answer.text
    said = {"username": "ana", "password": PASSWORD}
    assert fresh(hub).post("/masuk", data=said).status_code == 303
    # Silence is remembered for a while: a slow provider must not hold up everybody.
    provider.status, provider.document = 500, {}
    outside._document, outside._silent_until = None, 0.0
    asked = len(provider.asked)
    assert [fresh(hub).get("/masuk/lewat/sso").status_code for _ in range(3)] == [503] * 3
    assert len(provider.asked) == asked + 1


def test_the_keys_of_a_document_may_not_lead_into_the_local_network(hub, provider):
    provider.document = {"jwks_uri": "http://127.0.0.1:9/certs"}
    answer = enter(fresh(hub), provider)
    assert answer.status_code == 503
    provider.document = {"token_endpoint": "http://169.254.169.254/token"}
    hub.app.state.outside._document, hub.app.state.outside._silent_until = None, 0.0
    assert enter(fresh(hub), provider).status_code == 503


def test_a_provider_that_hangs_takes_few_threads_along(hub, provider, monkeypatch):
    """Of twenty at once four wait for it, and the hub goes on answering everybody else."""
    browsers = [fresh(hub) for _ in range(20)]
    said = [provider.hands_out(go(browser)) for browser in browsers]
    over = threading.Event()

    def hang(_form: dict[str, str]) -> tuple[int, Any]:
        over.wait(4)
        return 500, {}

    monkeypatch.setattr(provider, "redeemed", hang)
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        pairs = zip(browsers, said, strict=True)
        back = [pool.submit(lambda b, s: b.get(BACK, params=s).status_code, *one) for one in pairs]
        assert hub.get("/healthz").status_code == 200
        assert {one.result() for one in back} == {503}
    over.set()
    assert time.monotonic() - began < 12
    assert len([one for one in provider.asked if one[0] == "/token"]) <= 8


def test_newcomers_get_names_that_are_names_here(hub, provider, make_person):
    make_person(username="siti")
    made = ("siti@pemda.example.org", "Siti", "../../x", "ŝ", "a" * 300, "siti\u202e")
    for number, name in enumerate(made):
        provider.claims = {"sub": f"orang {number}", "preferred_username": name}
        assert enter(fresh(hub), provider).status_code == 303, name
    with reading(hub.app.state.engine) as session:
        names = set(session.exec(select(Person.username)).all())
    assert names == {"siti", "siti-2", "siti-3", "orang", "orang-2", "a" * 56, "orang-5"}


ELSEWHERE = [
    "//lain.example.org",
    "/\\lain.example.org",
    "/\t/lain.example.org",
    "https://lain.example.org",
    "https:lain.example.org",
    "javascript:alert(1)",
    "\\\\lain.example.org",
    " //lain.example.org",
    "/\r\n//lain.example.org",
    "",
]


def test_nobody_is_led_elsewhere_after_signing_in(hub, provider):
    led = {}
    for path in ELSEWHERE:
        browser = fresh(hub)
        asked = browser.get("/masuk/lewat/sso", params={"next": path})
        back = browser.get(BACK, params=provider.hands_out(asked.headers["location"]))
        led[path] = back.headers["location"]
    assert set(led.values()) == {"/"}, led


def test_an_answer_without_end_is_cut(hub, provider):
    provider.document = {"padding": "x" * 300_000}
    assert fresh(hub).get("/masuk/lewat/sso").status_code == 503


class TestKnownPeopleAlone:
    @pytest.fixture
    def settings(self, settings) -> Settings:
        return settings.model_copy(update={"oidc_newcomers": False})

    def test_nobody_comes_in_by_her_name_or_mail_until_she_joined_her_account(
        self, hub, provider, make_person, sign_in
    ):
        siti = make_person("analyst", "bappeda", username="siti", password=PASSWORD)
        provider.claims = {"email": "siti@example.org", "email_verified": True}
        stranger = fresh(hub)
        assert enter(stranger, provider).status_code == 403
        assert not is_in(stranger)

        own = sign_in(siti)
        own.follow_redirects = False
        own.headers["Accept"] = "text/html"
        assert own.post("/akun/luar", data={"password": "salah sandinya"}).status_code == 422
        page = own.post("/akun/luar", data={"password": PASSWORD}).text
        address = page.split('<a class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
        said = provider.hands_out(address)
        # A page elsewhere cannot make her browser finish what she did not begin.
        assert stranger.get(BACK, params=said).status_code == 401
        assert own.get(BACK, params=said).headers["location"] == "/akun#luar"
        again = fresh(hub)
        assert enter(again, provider).status_code == 303
        assert again.get("/api/v1/me").json()["id"] == siti.id

    def test_a_walidata_joins_and_parts_and_a_switched_off_person_stays_out(
        self, hub, provider, make_client, make_person
    ):
        siti, walidata = make_person("analyst", "bappeda"), make_client("walidata", "dkisp")
        other = make_person("analyst", "bappeda")
        who = {"issuer": provider.issuer, "subject": "f:1:siti"}
        at = f"/api/v1/people/{siti.id}/identities"
        assert walidata.post(at, json=who).status_code == 201
        elsewhere = walidata.post(f"/api/v1/people/{other.id}/identities", json=who)
        assert elsewhere.status_code == 409
        assert [one["subject"] for one in walidata.get(at).json()] == ["f:1:siti"]
        assert enter(fresh(hub), provider).status_code == 303
        walidata.patch(f"/api/v1/people/{siti.id}", json={"active": False})
        assert enter(fresh(hub), provider).status_code == 403
        walidata.patch(f"/api/v1/people/{siti.id}", json={"active": True})
        assert walidata.delete(at, params=who).status_code == 204
        assert enter(fresh(hub), provider).status_code == 403
        assert walidata.delete(at, params=who).status_code == 404
        analyst = make_client("analyst", "bappeda")
        assert analyst.get(at).status_code == 403


def logout_token(provider: Provider, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": "simpul",
        "iat": now,
        "exp": now + 120,
        "jti": "sekali",
        "sub": "f:1:siti",
        "sid": "sesi-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    return provider.signed({k: v for k, v in (claims | changes).items() if v is not ABSENT})


def test_signing_out_at_the_provider_signs_out_here(hub, provider, make_person, sign_in):
    browser, other = fresh(hub), sign_in(make_person(password=PASSWORD))
    assert enter(browser, provider).status_code == 303
    program = TestClient(hub.app, base_url="http://testserver")

    def tell(**changes: Any) -> int:
        token = logout_token(provider, **changes)
        return program.post("/masuk/lewat/sso/keluar", data={"logout_token": token}).status_code

    for bad in (
        {"nonce": "ada"},
        {"events": {}},
        {"jti": ABSENT},
        {"aud": "lain"},
        {"iss": "https://lain.example.org"},
        {"sub": ABSENT, "sid": ABSENT},
    ):
        assert tell(**bad) == 400, bad
    assert tell(jti="lain", sid="sesi-lain") == 200
    assert is_in(browser)
    assert tell() == 200
    assert not is_in(browser)
    assert is_in(other)
    assert tell() == 400  # the same token again


def test_signing_out_here_offers_to_sign_out_there(hub, provider):
    browser = fresh(hub)
    enter(browser, provider)
    out = browser.post("/keluar")
    assert out.headers["location"] == "/keluar/di-sana"
    page = browser.get("/keluar/di-sana").text
    assert f'href="{provider.issuer}/logout?client_id=simpul&amp;post_logout' in page


def test_settings_that_do_not_fit_are_told_at_the_start(tmp_path, provider):
    good = {"oidc_issuer": provider.issuer, "oidc_client_id": "simpul", "oidc_client_secret": "x"}
    for change, named in (
        ({"oidc_issuer": "http://sso.example.org"}, "SIMPUL_OIDC_ISSUER"),
        ({"oidc_client_id": ""}, "SIMPUL_OIDC_CLIENT_ID"),
        ({"oidc_client_secret": None}, "SIMPUL_OIDC_CLIENT_SECRET_FILE"),
    ):
        with pytest.raises(ValueError, match=named):
            create_app(Settings(home=tmp_path, **(good | change)))
    pem = tmp_path / "key.pem"
    pem.write_bytes(EC.as_pem(private=True))
    with pytest.raises(ValueError, match="one of"):
        provider_of(Settings(home=tmp_path, oidc_client_key_file=pem, **good))


class TestAKeyInsteadOfASecret:
    @pytest.fixture
    def settings(self, settings, tmp_path) -> Settings:
        pem = tmp_path / "klien.pem"
        pem.write_bytes(NEW.as_pem(private=True))
        return settings.model_copy(update={"oidc_client_secret": None, "oidc_client_key_file": pem})

    def test_the_hub_proves_itself_with_a_new_assertion_every_time(self, hub, provider):
        for _ in range(2):
            assert enter(fresh(hub), provider).status_code == 303
        forms = [form for path, form, _ in provider.asked if path == "/token"]
        told = [
            jwt.decode(form["client_assertion"], NEW, algorithms=["ES256"]).claims for form in forms
        ]
        assert [one["aud"] for one in told] == [f"{provider.issuer}/token"] * 2
        assert {one["sub"] for one in told} == {"simpul"}
        assert told[0]["jti"] != told[1]["jti"]
        assert all(one["exp"] - time.time() <= 60 for one in told)
        assert all("client_secret" not in form for form in forms)


def test_posts_given_by_hand_stay(hub, provider, make_client):
    walidata = make_client("walidata", "dkisp")
    make_client("analyst", "bappeda")
    assert enter(fresh(hub), provider).status_code == 303
    engine = hub.app.state.engine
    with reading(engine) as session:
        siti = session.exec(select(Person)).one()
        post = session.exec(select(Post).where(Post.agency == "bappeda")).one()
    seat = {"holder_kind": "person", "holder": siti.id}
    assert walidata.post(f"/api/v1/posts/{post.id}/holdings", json=seat).status_code == 201
    provider.claims = {"realm_access": {"roles": []}}
    browser = fresh(hub)
    assert enter(browser, provider).status_code == 303
    assert browser.get("/api/v1/me").json()["roles"] == ["analyst"]
