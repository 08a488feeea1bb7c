"""Where a person is signed in, how she ends that, and how she changes her password."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.auth.models import LoginSession, TokenFamily
from hub.db import reading
from hub.ledger.models import LedgerEntry

PASSWORD = "kata sandi panjang (sintetis)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def enter(hub, make_person):
    """Sign one person in, in a browser at an address."""
    person = make_person("analyst", "bappeda", username="ada", password=PASSWORD)

    def make(agent: str = FIREFOX, address: str = "203.0.113.77", password: str = PASSWORD):
        browser = TestClient(
            hub.app, base_url="http://testserver", client=(address, 5), follow_redirects=False
        )
        browser.headers.update({"User-Agent": agent, "Sec-Fetch-Site": "same-origin"})
        said = {"username": person.username, "password": password}
        browser.signed_in = browser.post("/masuk", data=said).status_code == 303
        return browser

    return make


def listed(browser):
    return browser.get("/api/v1/sessions").json()["items"]


def test_a_person_sees_where_she_is_signed_in(enter, make_person, sign_in):
    enter(), enter(EDGE, "2001:db8:7:8::9")
    browser = enter(SAFARI, "198.51.100.4")
    sign_in(make_person(password=PASSWORD))  # somebody else's is not among them
    found = [(one["browser"], one["network"], one["current"]) for one in listed(browser)]
    assert found == [
        ("Safari, iPhone", "198.51.100.0/24", True),
        ("Edge, Windows", "2001:db8:7::/48", False),
        ("Firefox, Linux", "203.0.113.0/24", False),
    ]
    page = browser.get("/akun").text
    assert "Edge, Windows" in page
    assert "203.0.113.77" not in page
    first = browser.get("/api/v1/sessions?limit=1").json()
    second = browser.get(f"/api/v1/sessions?limit=1&cursor={first['next']}").json()
    assert [first["items"][0]["browser"], second["items"][0]["browser"]] == [
        "Safari, iPhone",
        "Edge, Windows",
    ]


def test_she_ends_one_or_all_others(hub, enter, make_person, sign_in):
    one, two, three = enter(), enter(), enter()
    stranger = sign_in(make_person(password=PASSWORD))
    target = next(row["id"] for row in listed(one) if row["current"])
    assert stranger.delete(f"/api/v1/sessions/{target}").status_code == 404
    assert two.delete(f"/api/v1/sessions/{target}").status_code == 204
    assert two.delete(f"/api/v1/sessions/{target}").status_code == 404
    assert one.get("/api/v1/me").status_code == 401
    assert two.post("/akun/sesi/akhiri-lainnya").status_code == 303
    assert three.get("/api/v1/me").status_code == 401
    assert two.get("/api/v1/me").status_code == 200
    assert stranger.get("/api/v1/me").status_code == 200
    four = enter()
    target = next(row["id"] for row in listed(four) if row["current"])
    assert two.post(f"/akun/sesi/{target}/akhiri").status_code == 303
    assert four.get("/api/v1/me").status_code == 401
    with reading(hub.app.state.engine) as session:
        kinds = session.exec(select(LedgerEntry.kind)).all()
    assert kinds.count("session.ended") == 2
    assert kinds.count("session.others_ended") == 1


def test_ending_all_others_ends_what_programs_hold(hub, enter, public, authorize):
    browser = enter()
    token = authorize(public, browser)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert hub.get("/api/v1/me", headers=bearer).status_code == 200
    assert browser.delete("/api/v1/sessions").status_code == 204
    assert hub.get("/api/v1/me", headers=bearer).status_code == 401
    with reading(hub.app.state.engine) as session:
        assert session.exec(select(TokenFamily.ended)).all() == ["signed out"]


def test_a_token_neither_sees_nor_ends_sign_ins(hub, enter):
    browser = enter()
    made = browser.post("/api/v1/tokens", json={"name": "alat"}).json()["token"]
    bearer = {"Authorization": f"Bearer {made}", "Accept": "text/html"}
    for method, path in (
        ("GET", "/api/v1/sessions"),
        ("DELETE", "/api/v1/sessions"),
        ("DELETE", f"/api/v1/sessions/{listed(browser)[0]['id']}"),
        ("GET", "/akun"),
        ("POST", "/akun/sesi/akhiri-lainnya"),
        ("POST", "/akun/dua-langkah/mulai"),
        ("POST", "/akun/sandi"),
    ):
        assert hub.request(method, path, headers=bearer).status_code == 403, path
    assert hub.get("/api/v1/sessions").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200


def test_a_new_password_puts_everybody_else_out_and_gives_a_new_cookie(hub, enter):
    one, two = enter(), enter()
    before = two.cookies["simpul"]

    def change(**said: str):
        return two.post("/akun/sandi", data=said)

    new = "empat kata lain lagi"
    for bad in (
        {"current": "salah", "new": new, "again": new},
        {"current": PASSWORD, "new": new, "again": "empat kata lain"},
        {"current": PASSWORD, "new": "pendek", "again": "pendek"},
        {"current": PASSWORD, "new": "password12345", "again": "password12345"},
    ):
        answer = change(**bad)
        assert answer.status_code == 422
        assert "error-summary" in answer.text
    assert one.get("/api/v1/me").status_code == 200
    assert change(current=PASSWORD, new=new, again=new).status_code == 303
    assert two.cookies["simpul"] != before
    assert two.get("/api/v1/me").status_code == 200
    assert one.get("/api/v1/me").status_code == 401
    assert not enter().signed_in
    assert enter(password=new).signed_in
    with reading(hub.app.state.engine) as session:
        assert "person.password" in session.exec(select(LedgerEntry.kind)).all()


def test_a_planted_cookie_is_worth_nothing_after_signing_in(hub, enter):
    browser = TestClient(hub.app, base_url="http://testserver", follow_redirects=False)
    browser.headers["Sec-Fetch-Site"] = "same-origin"
    browser.cookies.set("simpul", "dipasang-penyerang")
    enter()
    browser.post("/masuk", data={"username": "ada", "password": PASSWORD})
    assert "dipasang-penyerang" not in browser.headers.get("cookie", "")
    planted = TestClient(hub.app, base_url="http://testserver")
    planted.cookies.set("simpul", "dipasang-penyerang")
    assert planted.get("/api/v1/me").status_code == 401
    with reading(hub.app.state.engine) as session:
        assert len({one.hash for one in session.exec(select(LoginSession))}) == 2


def test_no_page_elsewhere_signs_somebody_in(hub, enter):
    enter()
    said = {"username": "ada", "password": PASSWORD}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://lain.example.org"},
        {"Origin": "null"},
    ):
        assert hub.post("/masuk", data=said, headers=headers).status_code == 403, headers
    own = {"Origin": "http://testserver"}
    assert hub.post("/masuk", data=said, headers=own, follow_redirects=False).status_code == 303
