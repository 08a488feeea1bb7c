"""A code on paper lets one person choose a password, once; and says nothing to anybody else."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.auth import one_time, sealing
from hub.auth.entry_codes import EntryCode
from hub.calendar import real_now
from hub.db import reading, unit_of_work

PASSWORD = "empat kata tanpa hubungan"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


@pytest.fixture
def browser(hub):
    return TestClient(
        hub.app,
        base_url="http://testserver",
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
        follow_redirects=False,
    )


def handed_out(walidata, person, **body):
    answer = walidata.post(f"/api/v1/people/{person.id}/entry-code", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


def choose(browser, code, new=PASSWORD, again=None):
    said = {"code": code, "new": new, "again": new if again is None else again}
    return browser.post("/masuk/kode/sandi", data=said)


def test_somebody_without_a_password_comes_in_by_a_code_and_chooses_one(
    walidata, make_person, browser
):
    head = make_person("rw", "dkisp")
    code = handed_out(walidata, head)
    assert CODE.fullmatch(code)

    shown = browser.post("/masuk/kode", data={"code": code.lower().replace("-", " ")})
    assert "Nama " + head.username in shown.text
    assert shown.headers["cache-control"] == "no-store"

    entered = choose(browser, code)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert browser.get("/akun").status_code == 200
    signed_in = browser.post("/masuk", data={"username": head.username, "password": PASSWORD})
    assert signed_in.status_code == 303
    told = walidata.get(f"/api/v1/people/{head.id}").json()
    assert told["has_password"] is True
    assert told["code_until"] is None
    assert told["sessions"] >= 1
    assert told["last_sign_in"] is not None


def test_a_code_opens_once(walidata, make_person, browser):
    code = handed_out(walidata, make_person("rw", "dkisp"))
    assert choose(browser, code).status_code == 303
    again = choose(browser, code)
    assert again.status_code == 401
    assert "sudah dipakai" in again.text


def test_of_many_at_once_one_spends_it(walidata, make_person, hub):
    code = handed_out(walidata, make_person("rw", "dkisp"))

    def spend(number):
        client = TestClient(hub.app, base_url="http://testserver", follow_redirects=False)
        client.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
        return choose(client, code, f"{PASSWORD} {number}").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(spend, range(4))) == [303, 401, 401, 401]


def test_a_newer_code_ends_the_one_before_it(walidata, make_person, browser):
    head = make_person("rw", "dkisp")
    first, second = handed_out(walidata, head), handed_out(walidata, head)
    assert choose(browser, first).status_code == 401
    assert choose(browser, second).status_code == 303


def test_letters_that_look_like_digits_are_read_as_digits():
    assert one_time.plain("o1il-abcde") == "0111ABCDE"


def test_a_code_ends_with_its_days(walidata, make_person, browser, hub):
    head = make_person("rw", "dkisp")
    code = handed_out(walidata, head)
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(select(EntryCode)).one().expires_at = real_now() - timedelta(seconds=1)
    assert choose(browser, code).status_code == 401


def test_a_code_of_an_account_that_was_switched_off_opens_nothing(walidata, make_person, browser):
    head = make_person("rw", "dkisp")
    code = handed_out(walidata, head)
    assert walidata.patch(f"/api/v1/people/{head.id}", json={"active": False}).status_code == 200
    assert choose(browser, code).status_code == 401
    refused = walidata.post(f"/api/v1/people/{head.id}/entry-code", json={})
    assert refused.status_code == 409


def test_a_password_that_is_too_short_spends_nothing(walidata, make_person, browser):
    code = handed_out(walidata, make_person("rw", "dkisp"))
    assert choose(browser, code, "pendek").status_code == 422
    assert choose(browser, code, again="yang lain sekali").status_code == 422
    assert choose(browser, code).status_code == 303


def test_one_code_may_be_tried_ten_times_only(browser):
    tried = [browser.post("/masuk/kode", data={"code": "ABCDE-12345"}) for _ in range(11)]
    assert [answer.status_code for answer in tried] == [401] * 10 + [429]


def test_a_reset_ends_the_old_password_and_every_sign_in(walidata, make_person, sign_in, browser):
    person = make_person("steward", "bpbj", password=PASSWORD)
    signed_in = sign_in(person)
    assert signed_in.get("/api/v1/me").status_code == 200
    code = handed_out(walidata, person, reset=True)
    assert signed_in.get("/api/v1/me").status_code == 401
    said = {"username": person.username, "password": PASSWORD}
    assert browser.post("/masuk", data=said).status_code == 401
    assert choose(browser, code, "kata sandi yang baru").status_code == 303


def test_without_a_reset_the_old_password_stays_until_the_code_is_used(
    walidata, make_person, browser
):
    person = make_person("steward", "bpbj", password=PASSWORD)
    handed_out(walidata, person)
    said = {"username": person.username, "password": PASSWORD}
    assert browser.post("/masuk", data=said).status_code == 303


def test_the_table_of_codes_holds_no_code(walidata, make_person, hub):
    code = handed_out(walidata, make_person("rw", "dkisp"))
    with reading(hub.app.state.engine) as session:
        row = session.exec(select(EntryCode)).one()
    letters = code.replace("-", "")
    settings = hub.app.state.settings
    assert letters not in str(row.model_dump())
    assert row.hash == one_time._hash(sealing.key_from(settings.secret_key, settings.keys), letters)


def test_only_the_walidata_hands_out_codes_and_looks_at_people(make_client, make_person):
    person = make_person("rw", "bpbj")
    for other in (make_client("steward", "bpbj"), make_client("head", "bpbj"), make_client()):
        assert other.get(f"/api/v1/people/{person.id}").status_code == 403
        answer = other.post(f"/api/v1/people/{person.id}/entry-code", json={})
        assert answer.status_code == 403


def test_every_code_is_in_the_ledger_without_its_letters(walidata, make_person, browser):
    head = make_person("rw", "dkisp")
    code = handed_out(walidata, head, reset=True)
    choose(browser, code)
    told = walidata.get(f"/api/v1/ledger/entries?target={head.id}").json()["items"]
    kinds = sorted(entry["entry"]["kind"] for entry in told)
    assert kinds == ["person.code", "person.password", "person.password"]
    assert code not in str(told)
