"""The index over HTTP and on its pages: who sees it, what leads where, what one is told to do."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.models import Dataset
from hub.db import unit_of_work
from hub.openness import keeping, reports
from hub.openness.deps import measure_of
from hub.openness.months import Month
from tests.hub.openness.conftest import PRODUCER, Move, at, in_time

NOW = at("2025-11-03 09:00")


@pytest.fixture
def app(hub: TestClient) -> FastAPI:
    assert isinstance(hub.app, FastAPI)
    return hub.app


@pytest.fixture
def october(
    app: FastAPI, make_request: Callable[..., str], make_dataset: Callable[..., str]
) -> None:
    """Four requests to dinkes, one of them overdue, and the index of October measured."""
    secret = make_dataset("DIKECUALIKAN", slug="rahasia", agency="dinkes")
    with unit_of_work(app.state.engine) as session:
        session.get_one(Dataset, secret).created_at = at("2025-01-01 00:00")
    for number in range(1, 4):
        make_request(number, *in_time(f"2025-10-{10 + number:02}"))
    make_request(
        4,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 09:00", PRODUCER, "2025-10-09 16:00", agency="dkisp"),
        Move("2025-10-09 16:00", "terlambat", "2025-10-13 16:00", clock=True),
        Move("2025-10-10 10:00", "ditolak", ground="T04", agency="dinkes"),
    )
    by = measure_of(app.state.engine, app.state.settings, app.state.clock)
    with unit_of_work(app.state.engine) as session:
        for month in (Month(2025, 9), Month(2025, 10)):
            keeping.take(session, app.state.ledger, by, month, now=NOW)
        reports.keep(session, app.state.ledger, by, 2025, now=NOW)


@pytest.fixture
def member(make_client: Callable[..., TestClient], october: None) -> TestClient:
    return make_client("analyst", "bappeda")


def test_members_see_every_agency_and_visitors_none(
    hub: TestClient, member: TestClient, make_client: Callable[..., TestClient]
) -> None:
    answer = member.get("/api/v1/scorecards")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["month"] == "2025-10"
    lines = {line["agency"]: line for line in body["items"]}
    # A 0 of 1, B 3 of 4, C 3 of 3: (25·0 + 25·75 + 15·100) / 65
    assert (lines["dinkes"]["score"], lines["dinkes"]["band"]) == (51.92, "D")
    assert lines["bappeda"]["score"] is None
    assert lines["dinkes"]["trend"][-1] == 51.92
    assert hub.get("/api/v1/scorecards").status_code == 401
    assert make_client().get("/api/v1/scorecards").status_code == 403


def test_every_figure_opens_its_list(member: TestClient) -> None:
    card = member.get("/api/v1/scorecards/dinkes").json()
    values = {one["letter"]: one["value"] for one in card["components"]}
    assert values == {"A": 0, "B": 75, "C": 100, "D": None, "E": None, "F": None}
    assert sum(one["points"] for one in card["components"]) == pytest.approx(
        card["score"], abs=0.005
    )
    for one in card["components"]:
        listed = member.get(f"/api/v1/scorecards/dinkes/{one['letter']}").json()
        counted = [case for case in listed["items"] if case["value"] is not None]
        assert len(counted) == one["cases"]
        if one["value"] is not None:
            mean = 100 * sum(case["value"] for case in counted) / len(counted)
            assert mean == pytest.approx(one["value"])
    assert member.get("/api/v1/scorecards/dinkes/B").json()["items"][0]["id"] == "PD-2025-000004"


def test_a_dataset_that_may_not_be_known_counts_without_its_name(
    member: TestClient, make_client: Callable[..., TestClient]
) -> None:
    seen = member.get("/api/v1/scorecards/dinkes/A").json()["items"]
    assert [(case["id"], case["label"], case["value"]) for case in seen] == [(None, "", 0.0)]
    own = make_client("head", "dinkes").get("/api/v1/scorecards/dinkes/A").json()["items"]
    assert own[0]["id"] == "dinkes/rahasia"


def test_only_the_agency_and_the_walidata_are_told_what_to_do(
    member: TestClient, make_client: Callable[..., TestClient]
) -> None:
    assert member.get("/api/v1/scorecards/dinkes").json()["actions"] == []
    for role, agency in (("steward", "dinkes"), ("walidata", "dkisp")):
        told = make_client(role, agency).get("/api/v1/scorecards/dinkes").json()["actions"]
        assert [(one["what"], one["id"]) for one in told] == [("publish", "dinkes/rahasia")]
        assert told[0]["points"] > 0


def test_the_walidata_measures_on_demand_and_nobody_else(
    member: TestClient, make_client: Callable[..., TestClient]
) -> None:
    assert member.post("/api/v1/scorecards", json={}).status_code == 403
    answer = make_client("walidata", "dkisp").post("/api/v1/scorecards", json={"month": "2025-08"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["new_versions"] >= 2
    assert member.get("/api/v1/scorecards?month=2025-08").json()["month"] == "2025-08"


def test_the_report_says_the_same_as_a_page_and_as_a_workbook(
    member: TestClient, sign_in: Callable[..., TestClient], make_person: Callable[..., Any]
) -> None:
    body = member.get("/api/v1/reports/openness/2025").json()["body"]
    assert body["whole"]["outcomes"]["approved"] == 3
    assert body["whole"]["overdue"] == 1
    assert [line["ground"] for line in body["grounds"]] == [f"T{n:02}" for n in range(1, 14)]
    refused = next(line for line in body["grounds"] if line["ground"] == "T04")
    assert (refused["refusals"], refused["last_hour"], refused["annulled"]) == (1, 0, 0)
    assert "nota kesepahaman" in refused["title_id"]
    answer = member.get("/api/v1/reports/openness/2025?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [
        "Ringkasan", "Indeks", "Permintaan", "Waktu", "Penolakan", "Tangga", "Daftar permintaan",
    ]  # fmt: skip
    rows = list(book["Permintaan"].values)
    told = next(dict(zip(rows[0], row, strict=True)) for row in rows if row[0] == "dinkes")
    assert (told["Permintaan"], told["Disetujui"], told["Ditolak dengan dasar hukum"]) == (4, 3, 1)
    assert len(list(book["Daftar permintaan"].values)) == 1 + body["whole"]["requests"]
    browser = sign_in(make_person("analyst", "bappeda", password="sandi-panjang-sekali"))
    page = browser.get("/skor/laporan/2025")
    assert page.status_code == 200
    assert "T04" in page.text
    assert browser.get("/skor/laporan/2025/xlsx").content[:2] == b"PK"


def test_the_pages_lead_from_the_list_to_the_case(
    hub: TestClient,
    october: None,
    sign_in: Callable[..., TestClient],
    make_person: Callable[..., Any],
) -> None:
    visitor = hub.get("/skor", headers={"Accept": "text/html"}, follow_redirects=False)
    assert visitor.headers["Location"].startswith("/masuk")
    browser = sign_in(make_person("head", "dinkes", password="sandi-panjang-sekali"))
    listed = browser.get("/skor").text
    assert 'href="/skor/dinkes?bulan=2025-10"' in listed
    assert "51,92" in listed
    one = browser.get("/skor/dinkes?bulan=2025-10").text
    assert 'href="/skor/dinkes/B?bulan=2025-10&amp;versi=1"' in one
    assert "Terbitkan Kontrak nontender" in one
    cases = browser.get("/skor/dinkes/B?bulan=2025-10&versi=1").text
    assert 'href="/permintaan/PD-2025-000004"' in cases
    assert browser.get("/skor/tidak-ada").status_code == 404
    assert "Index of openness" in browser.get("/skor?lang=en").text
