"""Data that does not exist yet: asked of an agency, promised, passed on, settled, and never lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.calendar import StoppedClock, real_now
from hub.proceedings import ticking
from hub.proceedings.office import Office
from hub.subjects import subjects

WISH = {
    "title": "Titik sumur bor per desa",
    "purpose": "Rencana air bersih",
    "basis": "Tugas pokok (sintetis)",
}
Make = Callable[..., TestClient]
Later = Callable[[int], None]


@pytest.fixture
def later(hub: TestClient) -> Later:
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def run(days: int) -> None:
        now: datetime = state.clock.now() + timedelta(days=days)
        office = Office(state.ledger, StoppedClock(state.settings.zone, moment=now))
        ticking.tick(state.engine, office, subjects(), now=now)

    return run


@pytest.fixture
def analyst(make_client: Make) -> TestClient:
    return make_client("analyst", "bappeda")


@pytest.fixture
def asked(analyst: TestClient, make_agency: Callable[..., str]) -> str:
    answer = analyst.post("/api/v1/data-debts", json={"agency": make_agency("dpupr"), **WISH})
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "diajukan"
    return str(answer.json()["id"])


def moved(who: TestClient, debt: str, event: str, status: int = 200, **more: Any) -> Any:
    answer = who.post(f"/api/v1/data-debts/{debt}/moves", json={"event": event, **more})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_owner_promises_a_day_and_settles_it_with_a_dataset(
    asked: str, analyst: TestClient, make_client: Make, make_dataset: Callable[..., str]
) -> None:
    head = make_client("head", "dpupr")
    assert moved(head, asked, "sanggupi", 422)["member"] == "promised_on"
    assert moved(head, asked, "sanggupi", 422, said={"promised_on": "2020-01-01"})
    day = (real_now() + timedelta(days=40)).date().isoformat()
    promised = moved(head, asked, "sanggupi", said={"promised_on": day})
    assert (promised["state"], promised["promised_on"]) == ("disanggupi", day)
    assert moved(head, asked, "lunasi", 422, said={"dataset": "dpupr/tiada"})
    dataset = make_dataset("BERBAGI")
    settled = moved(head, asked, "lunasi", said={"dataset": dataset})
    assert (settled["state"], settled["dataset"]) == ("lunas", dataset)
    assert moved(analyst, asked, "tarik", 409)["possible"] == []


def test_silence_makes_it_a_debt_and_then_arrears(
    asked: str, analyst: TestClient, later: Later
) -> None:
    later(30)
    path = f"/api/v1/data-debts/{asked}"
    assert analyst.get(path).json()["state"] == "disanggupi"
    later(200)
    assert analyst.get(path).json()["state"] == "menunggak"
    (owed,) = analyst.get("/api/v1/data-debts?agency=dpupr&open_only=true").json()
    assert owed["id"] == asked


def test_nobodys_data_is_given_an_owner_by_the_walidata_or_the_forum(
    asked: str, make_client: Make, make_agency: Callable[..., str], later: Later
) -> None:
    head, walidata = make_client("head", "dpupr"), make_client("walidata", "dkisp")
    make_agency("dinkes")
    reason = "Sumur bor bukan urusan kami (sintetis)"
    moved(head, asked, "bukan_milik", reason=reason)
    assert moved(walidata, asked, "tunjuk", 422, said={"holder": "tiada"})["member"] == "holder"
    passed = moved(walidata, asked, "tunjuk", said={"holder": "dinkes"})
    assert (passed["state"], passed["owner"]) == ("diajukan", "dinkes")
    assert moved(head, asked, "tolak", 403, reason=reason)
    other = make_client("head", "dinkes")
    moved(other, asked, "bukan_milik", reason=reason)
    later(60)
    owed = other.get(f"/api/v1/data-debts/{asked}").json()
    assert (owed["state"], owed["owner"]) == ("disanggupi", "dinkes")


def test_a_refusal_that_names_an_agency_goes_on_as_a_debt(
    analyst: TestClient,
    make_client: Make,
    make_agency: Callable[..., str],
    make_dataset: Callable[..., str],
) -> None:
    make_agency("dinkes")
    wish = {"purpose": "Rencana air bersih", "basis": "Tugas pokok (sintetis)"}
    request = analyst.post(f"/api/v1/datasets/{make_dataset('TERBATAS')}/requests", json=wish)
    body = {
        "decision": "refuse",
        "ground": "T01",
        "reason": "Datanya dipegang Dinas Kesehatan (sintetis)",
        "offer": {"holder": "dinkes"},
    }
    path = f"/api/v1/requests/{request.json()['id']}"
    head = make_client("head", "bpbj")
    bare = head.post(f"{path}/decision", json={**body, "offer": {}})
    assert (bare.status_code, bare.json()["needs"]) == (422, ["holder", "dataset"])
    refused = head.post(f"{path}/decision", json=body)
    assert refused.status_code == 200, refused.text
    (debt,) = analyst.get("/api/v1/data-debts?agency=dinkes").json()
    assert debt["from_request"] == request.json()["id"]
    assert refused.json()["forwarded_to"] == debt["id"]


def test_outsiders_neither_ask_nor_see(asked: str, make_client: Make) -> None:
    outsider = make_client()
    assert outsider.post("/api/v1/data-debts", json={"agency": "dpupr", **WISH}).status_code == 403
    assert outsider.get("/api/v1/data-debts").json() == []
    assert outsider.get(f"/api/v1/data-debts/{asked}").status_code == 404
