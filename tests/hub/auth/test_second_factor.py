"""Sign-ins in two steps: codes of an app, codes on paper, and what a guesser or a thief meets."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from hub.agencies.roles import Role
from hub.auth import entering, sealing, second_factor, signing_in, totp
from hub.auth.errors import NotHalfWay, WrongCode
from hub.auth.factors import Authenticator, HalfSignIn, RecoveryCode
from hub.auth.models import LoginSession
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import Unavailable
from hub.ledger.models import LedgerEntry
from hub.settings import Settings

PASSWORD = "kata sandi panjang (sintetis)"
SECOND = "/masuk/dua-langkah"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # appendix B: 12345678901234567890
    now = datetime.fromtimestamp(at, UTC)
    assert totp.code_at(secret, totp.step_of(now)) == code[-6:]
    assert totp.step_that_matches(secret, code[-6:], now=now) == totp.step_of(now)


def test_one_step_around_counts_and_no_more() -> None:
    secret, now = totp.new_secret(), real_now()
    here = totp.step_of(now)
    counts = [
        totp.step_that_matches(secret, totp.code_at(secret, here + d), now=now)
        for d in range(-2, 3)
    ]
    assert [found is not None for found in counts] == [False, True, True, True, False]
    assert totp.step_that_matches(secret, "１２３４５６", now=now) is None


@pytest.fixture
def key(settings: Settings) -> bytes:
    return sealing.key_from(settings.secret_key, settings.keys)


@pytest.fixture
def engine(hub):
    return hub.app.state.engine


def fresh(hub) -> TestClient:
    browser = TestClient(hub.app, base_url="http://testserver", follow_redirects=False)
    browser.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
    return browser


def first_step(hub, username: str, password: str = PASSWORD) -> tuple[TestClient, object]:
    browser = fresh(hub)
    said = {"username": username, "password": password, "next": "/katalog"}
    return browser, browser.post("/masuk", data=said)


def is_in(browser: TestClient) -> bool:
    return browser.get("/api/v1/me").status_code == 200


def secret_on(page: str) -> str:
    found = re.search(r'<span class="mono">([A-Z2-7 ]{39})</span>', page)
    assert found, page
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r'<li class="mono">([a-z2-7-]{19})</li>', page)


@pytest.fixture
def set_up(hub, make_person, sign_in, engine) -> Callable[..., tuple[str, str, list[str]]]:
    """Somebody with an app: her user name, its secret and the codes for paper."""

    def make(username: str = "ada") -> tuple[str, str, list[str]]:
        browser = sign_in(make_person("analyst", "bappeda", username=username, password=PASSWORD))
        page = browser.post("/akun/dua-langkah/mulai", data={"password": PASSWORD}).text
        secret = secret_on(page)
        done = browser.post("/akun/dua-langkah", data={"code": now_code(secret)})
        assert done.status_code == 200, done.text
        _before(engine)
        return username, secret, codes_on(done.text)

    return make


def now_code(secret: str, after: int = 0) -> str:
    return totp.code_at(secret, totp.step_of(real_now()) + after)


def _before(engine) -> None:
    """As if the app had been set up an hour ago, so that the code of this moment is a new one."""
    with unit_of_work(engine) as session:
        session.exec(update(Authenticator).values(last_step=totp.step_of(real_now()) - 120))


def test_setting_up_shows_a_secret_and_ten_codes_once_and_renews_the_cookie(
    hub, engine, make_person
):
    make_person("analyst", "bappeda", username="ada", password=PASSWORD)
    browser, other = first_step(hub, "ada")[0], first_step(hub, "ada")[0]
    before = browser.cookies["simpul"]
    wrong = browser.post("/akun/dua-langkah/mulai", data={"password": "bukan kata sandinya"})
    assert wrong.status_code == 422
    page = browser.post("/akun/dua-langkah/mulai", data={"password": PASSWORD})
    assert page.headers["cache-control"] == "no-store"
    assert "<svg" in page.text
    secret = secret_on(page.text)
    bad = browser.post("/akun/dua-langkah", data={"code": "000000"})
    assert bad.status_code == 422
    assert secret_on(bad.text) == secret  # the picture that was scanned still counts
    done = browser.post("/akun/dua-langkah", data={"code": now_code(secret)})
    codes = codes_on(done.text)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert browser.cookies["simpul"] != before
    assert is_in(browser)
    assert is_in(other)
    old = fresh(hub)
    old.cookies.set("simpul", before)
    assert not is_in(old)
    again = browser.post("/akun/dua-langkah/mulai", data={"password": PASSWORD})
    assert again.status_code == 409
    with reading(engine) as session:
        row = session.exec(select(Authenticator)).one()
        stored = session.exec(select(RecoveryCode.hash)).all()
        assert session.exec(
            select(LedgerEntry.kind).where(col(LedgerEntry.kind).startswith("factor."))
        ).all() == ["factor.added"]
    assert secret.encode() not in row.sealed
    assert not set(codes) & set(stored)


def test_a_password_leads_halfway_and_a_code_in(hub, engine, set_up):
    username, secret, _ = set_up()
    browser, half = first_step(hub, username)
    assert half.headers["location"] == f"{SECOND}?next=/katalog"
    assert "simpul-separuh" in browser.cookies
    assert "simpul" not in browser.cookies
    assert not is_in(browser)
    assert browser.get("/akun").headers["location"].startswith("/masuk")
    page = browser.get(half.headers["location"])
    assert page.headers["cache-control"] == "no-store"
    wrong = browser.post(SECOND, data={"code": "000000"})
    assert wrong.status_code == 401
    assert not is_in(browser)
    code = now_code(secret)
    done = browser.post(SECOND, data={"code": f"{code[:3]} {code[3:]}", "next": "/katalog"})
    assert (done.status_code, done.headers["location"]) == (303, "/katalog")
    assert is_in(browser)
    assert "simpul-separuh" not in browser.cookies
    with reading(engine) as session:
        assert session.exec(select(HalfSignIn)).all() == []
        assert [one.second_factor for one in session.exec(select(LoginSession)) if not one.revoked][
            -1
        ]

    # The same code opens nothing a second time, nor does the one before it.
    for again in (code, now_code(secret, -1)):
        thief, _ = first_step(hub, username)
        assert thief.post(SECOND, data={"code": again}).status_code == 401
        assert not is_in(thief)


def test_a_code_on_paper_opens_once_however_it_is_typed(hub, set_up):
    username, _, codes = set_up()
    browser, _ = first_step(hub, username)
    typed = codes[3].upper().replace("-", " ")
    assert browser.post(SECOND, data={"code": typed}).status_code == 303
    assert "tersisa 9 kode cadangan" in browser.get("/akun").text
    thief, _ = first_step(hub, username)
    assert thief.post(SECOND, data={"code": codes[3]}).status_code == 401
    assert thief.post(SECOND, data={"code": codes[4]}).status_code == 303


def test_of_many_at_once_one_code_opens_one_door(engine, key, set_up, hub):
    username, secret, _ = set_up()
    code, now = now_code(secret), real_now()
    halves = [signing_in.sign_in(engine, username, PASSWORD, now=now).secret for _ in range(4)]

    def finish(half: str) -> bool:
        try:
            with unit_of_work(engine) as session:
                entering.finish(session, key, half, code, caller=entering.UNKNOWN, now=now)
        except WrongCode:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(finish, halves)) == [False, False, False, True]


def test_a_half_is_good_for_ten_minutes_and_ends_with_the_password(
    engine, key, set_up, make_person
):
    username, secret, _ = set_up()
    now = real_now()
    half = signing_in.sign_in(engine, username, PASSWORD, now=now)
    assert isinstance(half, entering.HalfWay)
    with unit_of_work(engine) as session, pytest.raises(NotHalfWay):
        entering.half_of(session, half.secret, now=now + timedelta(minutes=10))
    with unit_of_work(engine) as session:
        signing_in.replace_password(session, half.person, "hash", now=now)
    with unit_of_work(engine) as session, pytest.raises(NotHalfWay):
        entering.finish(
            session, key, half.secret, now_code(secret), caller=entering.UNKNOWN, now=now
        )


def test_codes_are_closed_after_ten_and_say_nothing_of_the_right_one(hub, set_up):
    username, secret, codes = set_up()
    browser, _ = first_step(hub, username)
    said = {browser.post(SECOND, data={"code": f"{n:06}"}).status_code for n in range(10)}
    assert said == {401}
    closed = browser.post(SECOND, data={"code": now_code(secret)})
    assert closed.status_code == 429
    other, _ = first_step(hub, username)  # the first step does not open the second again
    assert other.post(SECOND, data={"code": codes[0]}).status_code == 429


def test_the_second_step_without_the_first_leads_to_the_beginning(hub):
    browser = fresh(hub)
    assert browser.get(f"{SECOND}?next=/katalog").headers["location"] == "/masuk?next=/katalog"
    assert browser.post(SECOND, data={"code": "123456"}).headers["location"] == "/masuk"
    browser.cookies.set("simpul-separuh", "tebakan")
    assert browser.post(SECOND, data={"code": "123456"}).headers["location"] == "/masuk"
    foreign = browser.post(SECOND, data={"code": "1"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


def test_wrong_passwords_look_alike_with_and_without_a_second_factor(hub, set_up, make_person):
    username, _, _ = set_up()
    make_person(username="biasa", password=PASSWORD)
    answers, took = [], []
    for name in (username, "biasa", "tiada"):
        began = time.thread_time()
        _, answer = first_step(hub, name, "kata sandi yang salah")
        took.append(time.thread_time() - began)
        answers.append((answer.status_code, answer.text.replace(name, "")))
    assert len(set(answers)) == 1
    assert max(took) < 10 * min(took) + 0.05


def test_new_codes_and_taking_the_app_off_need_a_code(hub, engine, set_up):
    username, _, codes = set_up()
    browser, _ = first_step(hub, username)
    browser.post(SECOND, data={"code": codes[0]})
    for path in ("/akun/dua-langkah/kode-baru", "/akun/dua-langkah/lepas"):
        assert browser.post(path, data={"code": "000000"}).status_code == 422
    renewed = codes_on(browser.post("/akun/dua-langkah/kode-baru", data={"code": codes[1]}).text)
    assert len(renewed) == 10
    assert browser.post("/akun/dua-langkah/lepas", data={"code": codes[2]}).status_code == 422
    assert browser.post("/akun/dua-langkah/lepas", data={"code": renewed[0]}).status_code == 303
    _, back = first_step(hub, username)
    assert back.headers["location"] == "/katalog"
    with reading(engine) as session:
        assert session.exec(select(RecoveryCode)).all() == []


def test_a_walidata_takes_a_lost_app_away(hub, set_up, make_client, engine):
    username, _, _ = set_up()
    with reading(engine) as session:
        person = session.exec(select(Authenticator.person)).one()
    path = f"/api/v1/people/{person}/second-factor"
    assert make_client("head", "bappeda").delete(path).status_code == 403
    walidata = make_client("walidata", "dkisp")
    assert walidata.delete(path).status_code == 204
    assert walidata.delete(path).status_code == 404
    _, back = first_step(hub, username)
    assert back.headers["location"] == "/katalog"


def test_a_secret_moved_to_another_row_does_not_open(engine, key, set_up):
    for name in ("ada", "budi"):
        set_up(name)
    with unit_of_work(engine) as session:
        one, two = session.exec(select(Authenticator)).all()
        one.sealed, person = two.sealed, one.person
    with unit_of_work(engine) as session, pytest.raises(Unavailable):
        second_factor.check(session, key, person, "123456", now=real_now())


class TestRolesThatMust:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"second_factor_roles": frozenset({"walidata"})})

    def test_a_walidata_sets_up_an_app_on_the_way_in(self, hub, engine, make_person):
        make_person("walidata", "dkisp", username="wali", password=PASSWORD)
        make_person("analyst", "bappeda", username="ana", password=PASSWORD)
        assert first_step(hub, "ana")[1].headers["location"] == "/katalog"
        browser, half = first_step(hub, "wali")
        assert half.headers["location"].startswith(SECOND)
        page = browser.get(SECOND)
        assert page.headers["cache-control"] == "no-store"
        secret = secret_on(page.text)
        assert browser.post(SECOND, data={"code": "000000"}).status_code == 401
        assert not is_in(browser)
        done = browser.post(SECOND, data={"code": now_code(secret), "next": "/katalog"})
        assert len(codes_on(done.text)) == 10
        assert 'href="/katalog"' in done.text
        assert is_in(browser)
        _before(engine)
        again, _ = first_step(hub, "wali")
        assert "<svg" not in again.get(SECOND).text.split("<main")[1]
        assert again.post(SECOND, data={"code": now_code(secret)}).status_code == 303


def test_the_roles_of_the_setting_are_the_roles_there_are():
    named = Settings.model_fields["second_factor_roles"].annotation.__args__[0].__args__
    assert set(named) == {role.value for role in Role}
