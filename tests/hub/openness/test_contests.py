"""An agency contests a figure: who decides, what a ruling changes, and what silence does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.calendar import BusinessClock
from hub.db import reading, unit_of_work
from hub.openness import keeping
from hub.openness.contests import ContestSubject
from hub.openness.deps import measure_of
from hub.openness.measuring import CONTESTS, measure
from hub.openness.models import Snapshot
from hub.openness.months import Month, Window
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.ticking import tick
from hub.settings import Settings
from tests.hub.openness.conftest import PRODUCER, Move, at, in_time

OVERDUE = "PD-2025-000004"
REASON = "Putusan dikirim lewat surat pada 8 Oktober, tercatat di buku agenda."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"business_date": date(2025, 11, 4)})


@pytest.fixture
def app(hub: TestClient) -> FastAPI:
    assert isinstance(hub.app, FastAPI)
    return hub.app


@pytest.fixture
def measured(
    app: FastAPI, make_request: Callable[..., str], make_client: Callable[..., Any]
) -> None:
    """October, in which dinkes was overdue once; measured on Monday, 3 November, at nine."""
    make_client("walidata", "dkisp")
    for number in range(1, 4):
        make_request(number, *in_time(f"2025-10-{20 + number:02}"))
    make_request(
        4,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 16:00", PRODUCER, "2025-10-09 16:00", clock=True),
        Move("2025-10-09 16:00", "terlambat", "2025-10-13 16:00", clock=True),
    )
    by = measure_of(app.state.engine, app.state.settings, app.state.clock)
    with unit_of_work(app.state.engine) as session:
        keeping.take(session, app.state.ledger, by, Month(2025, 10), now=at("2025-11-03 09:00"))


@pytest.fixture
def head(make_client: Callable[..., TestClient], measured: None) -> TestClient:
    return make_client("head", "dinkes")


def contest(who: TestClient, agency: str = "dinkes", **said: Any) -> Any:
    body = {
        "month": "2025-10",
        "component": "B",
        "cases": [OVERDUE],
        "wanted": "counted_good",
        "reason": REASON,
    }
    return who.post(f"/api/v1/scorecards/{agency}/contests", json=body | said)


def value(app: FastAPI, version: int, letter: str = "B") -> float | None:
    with reading(app.state.engine) as session:
        one = session.get_one(Snapshot, ("dinkes", "2025-10", version))
        found: float | None = next(c["value"] for c in one.components if c["letter"] == letter)
        return found


def test_an_upheld_contest_makes_a_new_version_and_leaves_the_old_one(
    app: FastAPI, head: TestClient, make_client: Callable[..., TestClient]
) -> None:
    made = contest(head)
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["possible"][0]["event"]) == (
        "menunggu_walidata",
        "tarik",
    )
    walidata = make_client("walidata", "dkisp")
    move = f"/api/v1/contests/{made.json()['id']}/moves"
    assert head.post(move, json={"event": "terima", "reason": REASON}).status_code == 403
    done = walidata.post(move, json={"event": "terima", "reason": "Surat dan agendanya cocok."})
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["corrected_version"]) == ("diterima", 2)
    assert (value(app, 1), value(app, 2)) == (75.0, 100.0)
    card = head.get("/api/v1/scorecards/dinkes").json()
    assert [(v["version"], v["why"], v["contest"]) for v in card["versions"]] == [
        (2, "corrected", made.json()["id"]),
        (1, "scheduled", None),
    ]


def test_a_ruling_holds_for_later_months_as_long_as_the_case_is_looked_at(
    app: FastAPI, head: TestClient, make_client: Callable[..., TestClient]
) -> None:
    number = contest(head, wanted="left_out").json()["id"]
    make_client("walidata", "dkisp").post(
        f"/api/v1/contests/{number}/moves", json={"event": "terima", "reason": REASON}
    )
    by = measure_of(app.state.engine, app.state.settings, app.state.clock)
    window = Window.of(Month(2025, 12), 3, by.settings.zone, now=at("2026-01-05 09:00"))
    with reading(app.state.engine) as session:
        cases = measure(session, by, window, ["dinkes"])["dinkes"].cases["B"]
    assert [(c.value, c.why) for c in cases if c.id == OVERDUE] == [(None, "contested_left_out")]


def test_only_the_agency_contests_only_what_is_there_and_only_once(
    head: TestClient, make_client: Callable[..., TestClient]
) -> None:
    assert contest(make_client("head", "bappeda")).status_code == 403
    assert contest(make_client("analyst", "dinkes")).status_code == 403
    assert contest(head, cases=["PD-2025-999999"]).status_code == 422
    assert contest(head).status_code == 201
    assert contest(head).status_code == 409
    stranger = make_client("analyst", "bappeda")
    assert stranger.get("/api/v1/contests").json()["items"] == []
    assert stranger.get("/api/v1/contests/BI-2025-000001").status_code == 404


def test_after_five_working_days_it_is_too_late(app: FastAPI, head: TestClient) -> None:
    card = head.get("/api/v1/scorecards/dinkes").json()
    assert datetime.fromisoformat(card["contest_until"]) == at("2025-11-10 16:00")
    app.state.clock = replace(app.state.clock, day=date(2025, 11, 11))
    assert contest(head).status_code == 409


def test_the_walidata_does_not_decide_on_its_own_figure(
    app: FastAPI, head: TestClient, make_client: Callable[..., TestClient]
) -> None:
    walidata, steward = make_client("walidata", "dkisp"), make_client("steward", "dkisp")
    own = contest(steward, "dkisp", cases=[f"{OVERDUE}/2"])
    assert own.status_code == 201, own.text
    assert own.json()["state"] == "menunggu_forum"
    move = f"/api/v1/contests/{own.json()['id']}/moves"
    assert walidata.post(move, json={"event": "terima", "reason": REASON}).status_code == 403


def test_silence_changes_no_figure_and_stays_visible(
    app: FastAPI, head: TestClient, settings: Settings
) -> None:
    number = contest(head).json()["id"]
    clock = BusinessClock(settings.zone, settings.business_date)
    later = clock.now() + timedelta(days=60)
    office = Office(app.state.ledger, clock)
    tick(app.state.engine, office, {CONTESTS: ContestSubject()}, now=later)
    with reading(app.state.engine) as session:
        assert session.get_one(Proceeding, number).state == "tetap_bertanda"
        assert session.get(Snapshot, ("dinkes", "2025-10", 2)) is None
    card = head.get("/api/v1/scorecards/dinkes").json()
    assert [(c["id"], c["state"]) for c in card["contests"]] == [(number, "tetap_bertanda")]
    assert card["score"] == head.get("/api/v1/scorecards/dinkes?version=1").json()["score"]


def test_the_form_under_the_list_leads_to_the_contest_and_its_decision(
    head: TestClient, make_person: Callable[..., Any], sign_in: Callable[..., TestClient]
) -> None:
    walidata = sign_in(make_person("walidata", "dkisp", password="sandi-panjang-sekali"))
    browser = sign_in(make_person("steward", "dinkes", password="sandi-panjang-sekali"))
    listed = browser.get("/skor/dinkes/B?bulan=2025-10").text
    assert 'name="kasus"' in listed
    form = {"bulan": "2025-10", "kasus": OVERDUE, "reason": REASON, "key": "k1"}
    wrong = browser.post("/skor/dinkes/B", data=form)
    assert wrong.status_code == 422
    assert 'href="#wanted"' in wrong.text
    assert REASON in wrong.text  # nothing typed is lost
    sent = browser.post(
        "/skor/dinkes/B", data=form | {"wanted": "left_out", "key": "k2"}, follow_redirects=False
    )
    page = sent.headers["Location"]
    assert "Menunggu walidata" in browser.get(page).text
    assert "Terima dan koreksi" in walidata.get(page).text
    assert f'href="{page}"' in walidata.get("/kelola").text
    assert "Bantahan atas indeks keterbukaan" in walidata.get("/pesan").text
    short = walidata.post(page, data={"event": "terima", "reason": "ya", "key": "k3"})
    assert short.status_code == 422
    walidata.post(page, data={"event": "terima", "reason": REASON, "key": "k4"})
    assert "Diterima, angka dikoreksi" in browser.get(page).text
    assert page in browser.get("/skor/dinkes?bulan=2025-10").text
    stranger = sign_in(make_person("analyst", "bappeda", password="sandi-panjang-sekali"))
    assert stranger.get(page).status_code == 404
    assert 'name="kasus"' not in stranger.get("/skor/dinkes/B?bulan=2025-10").text
