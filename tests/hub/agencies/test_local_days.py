"""Days that the regency keeps differently count in every term, in every process, on somebody's word."""

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from hub.agencies.local_days import FRESH_SECONDS
from hub.app import create_app
from hub.calendar import due_at, is_working_day, national_days_off
from hub.settings import Settings
from hub.web.formats import long_day

ZONE = ZoneInfo("Asia/Makassar")
FRIDAY = datetime(2025, 10, 3, 9, tzinfo=ZONE)
MONDAY, SATURDAY = date(2025, 10, 6), date(2025, 10, 4)
DAY = {"day": "2025-10-06", "name": "Hari jadi (sintetis)", "basis": "SK 1/2025 (sintetis)"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"business_date": FRIDAY.date()})


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def test_a_day_off_moves_a_term_and_a_worked_saturday_shortens_it():
    assert due_at(FRIDAY, 1).date() == MONDAY
    assert due_at(FRIDAY, 1, {(MONDAY, ""): True}).date() == date(2025, 10, 7)
    assert due_at(FRIDAY, 1, {(SATURDAY, ""): False}).date() == SATURDAY


def test_an_agencys_own_day_is_over_the_regencys_and_counts_for_it_alone():
    local = {(MONDAY, ""): True, (MONDAY, "bpbj"): False}
    assert is_working_day(MONDAY, local, "bpbj")
    assert not is_working_day(MONDAY, local, "dkisp")


def test_dates_that_are_not_confirmed_are_told_as_estimated():
    by_name = {off.name: off for off in national_days_off(2027)}
    assert by_name["Hari Raya Idul Fitri"].estimated is True
    assert by_name["Hari Kemerdekaan Republik Indonesia"].estimated is False


def test_a_new_request_is_due_by_the_day_just_entered_in_another_process_too(
    hub, settings, walidata, make_client, make_dataset, judges, workers
):
    path = f"/api/v1/datasets/{make_dataset('TERBATAS')}/requests"
    said = {"purpose": "Evaluasi RKPD", "basis": "Tupoksi (sintetis)"}
    first_headers, then_headers = (
        dict(make_client("analyst", agency).headers) for agency in ("bappeda", "bkad")
    )
    other = create_app(settings, judges=judges, workers=workers)
    with TestClient(other, base_url="http://testserver") as elsewhere:
        before = elsewhere.post(path, json=said, headers=first_headers).json()
        assert walidata.post("/api/v1/calendar/days", json=DAY).status_code == 201
        time.sleep(FRESH_SECONDS + 0.1)
        after = elsewhere.post(path, json=said, headers=then_headers).json()
    now = hub.app.state.clock.now()
    first, then = (datetime.fromisoformat(one["due_at"]) for one in (before, after))
    assert (first, then) == (due_at(now, 1), due_at(now, 1, {(MONDAY, ""): True}))


def test_a_day_is_entered_once_with_its_basis_and_taken_away(hub, walidata):
    assert walidata.post("/api/v1/calendar/days", json=DAY).status_code == 201
    assert walidata.post("/api/v1/calendar/days", json=DAY).status_code == 409
    (told,) = hub.get("/api/v1/calendar?year=2025").json()["local"]
    assert told == DAY | {"kind": "libur", "applies_to": None}
    unfounded = walidata.post("/api/v1/calendar/days", json=DAY | {"basis": ""})
    assert unfounded.status_code == 422
    nowhere = walidata.post("/api/v1/calendar/days", json=DAY | {"applies_to": "antah"})
    assert nowhere.status_code == 404
    assert walidata.delete("/api/v1/calendar/days/2025-10-06").status_code == 204
    assert walidata.delete("/api/v1/calendar/days/2025-10-06").status_code == 404
    items = walidata.get("/api/v1/ledger/entries?limit=2").json()["items"]
    kinds = [item["entry"]["kind"] for item in items]
    assert kinds == ["calendar.removed", "calendar.added"]


def test_only_the_walidata_changes_days(make_client):
    head = make_client("head", "bpbj")
    assert head.post("/api/v1/calendar/days", json=DAY).status_code == 403
    assert head.delete("/api/v1/calendar/days/2025-10-06").status_code == 403


def test_the_page_shows_what_a_term_comes_to_at_once(hub, make_person, sign_in):
    now = hub.app.state.clock.now()
    browser = sign_in(make_person("walidata", "dkisp", password="empat kata tanpa hubungan"))
    browser.headers["Accept"], browser.follow_redirects = "text/html", False
    assert long_day(due_at(now, 5).date(), "id") in browser.get("/kelola/kalender").text
    said = {"kind": "libur", "key": "satu"} | DAY
    assert browser.post("/kelola/kalender", data=said).status_code == 303
    shown = browser.get("/kelola/kalender").text
    assert long_day(due_at(now, 5, {(MONDAY, ""): True}).date(), "id") in shown
    assert "SK 1/2025" in shown
    assert browser.post("/kelola/kalender", data=said | {"key": "dua"}).status_code == 409
    assert browser.post("/kelola/kalender/2025-10-06/hapus", data={}).status_code == 303
    assert "perkiraan" in browser.get("/kelola/kalender?year=2027").text
