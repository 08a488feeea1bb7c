"""Closing data further is in force at once, needs a ground and a confirmation, and falls back without."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.calendar import StoppedClock
from hub.outbox import delivery
from hub.proceedings import ticking
from hub.proceedings.office import Office
from hub.subjects import subjects
from hub.subscribers import subscribers

BODY = {
    "slug": "kontrak",
    "title": "Kontrak (sintetis)",
    "schema": {"name": "lkpp/nontender-kontrak", "version": "1.0.0"},
}
Make = Callable[..., TestClient]


@pytest.fixture
def deliver(hub: TestClient) -> Callable[[], None]:
    """Let the hub's own listeners hear of what happened."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def run() -> None:
        delivery.deliver(state.engine, subscribers(state.engine, state.settings))

    return run


@pytest.fixture
def later(hub: TestClient) -> Callable[[int], None]:
    """Let so many days pass, and the clock do what is due."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def run(days: int) -> None:
        now: datetime = state.clock.now() + timedelta(days=days)
        office = Office(state.ledger, StoppedClock(state.settings.zone, moment=now))
        ticking.tick(state.engine, office, subjects(), now=now)

    return run


@pytest.fixture
def steward(make_client: Make, make_agency: Callable[..., str]) -> TestClient:
    make_agency("bpbj")
    return make_client("steward", "bpbj")


def registered(steward: TestClient, **more: Any) -> str:
    answer = steward.post("/api/v1/datasets", json={"agency": "bpbj", **BODY, **more})
    assert answer.status_code == 201, answer.text
    return "bpbj/kontrak"


def class_of(who: TestClient, dataset: str) -> str:
    return str(who.get(f"/api/v1/datasets/{dataset}").json()["access"]["class"])


def only(who: TestClient) -> dict[str, Any]:
    (item,) = who.get("/api/v1/classifications").json()["items"]
    return dict(item)


def test_a_coded_ground_waits_for_the_forum_which_confirms(
    steward: TestClient,
    make_client: Make,
    deliver: Callable[[], None],
    later: Callable[[int], None],
) -> None:
    dataset = registered(
        steward, access_class="TERBATAS", restriction_basis="T09: pemeriksaan sedang berjalan"
    )
    deliver()
    item = only(steward)
    assert (item["state"], item["ground"]) == ("menunggu_konfirmasi", "T09")
    walidata = make_client("walidata", "dkisp")
    path = f"/api/v1/classifications/{item['id']}/moves"
    assert steward.post(path, json={"event": "sahkan"}).status_code == 403
    assert walidata.post(path, json={"event": "sahkan"}).json()["state"] == "sah"
    later(60)
    assert class_of(steward, dataset) == "TERBATAS"


def test_without_a_ground_it_falls_back_and_the_ground_must_carry_the_class(
    steward: TestClient,
    make_client: Make,
    deliver: Callable[[], None],
    later: Callable[[int], None],
) -> None:
    dataset = registered(steward, access_class="TERBATAS", restriction_basis="untuk internal")
    deliver()
    item = only(steward)
    assert (item["state"], item["fallback"]) == ("menunggu_dasar", "BERBAGI")
    path = f"/api/v1/classifications/{item['id']}/moves"
    reason = "Rekam medis tidak ada di sini (sintetis)"
    said = {"event": "beri_dasar", "reason": reason, "said": {"ground": "T05"}}
    refused = steward.post(path, json=said)
    assert refused.status_code == 422
    assert refused.json()["grounds"] == ["T07", "T09", "T10", "T11", "T12"]
    later(20)
    assert only(steward)["state"] == "turun"
    assert class_of(steward, dataset) == "BERBAGI"


def test_the_forums_silence_lets_it_fall_back_but_never_opens_personal_data(
    steward: TestClient, deliver: Callable[[], None], later: Callable[[int], None]
) -> None:
    personal = {"name": "e-musrenbang/usulan-musrenbang", "version": "1.0.0"}
    dataset = registered(
        steward,
        schema=personal,
        access_class="DIKECUALIKAN",
        restriction_basis="T11: undang-undang (sintetis)",
        personal_data="umum",
    )
    deliver()
    assert only(steward)["fallback"] == "PRIBADI"
    later(60)
    assert only(steward)["state"] == "turun"
    assert class_of(steward, dataset) == "PRIBADI"
    deliver()
    assert (
        only(steward)["state"] == "turun"
    )  # a class that its schema asks for needs no confirmation


def test_a_consequence_test_has_a_number_and_a_date(
    steward: TestClient, make_client: Make, deliver: Callable[[], None]
) -> None:
    registered(steward, access_class="DIKECUALIKAN", restriction_basis="uji konsekuensi")
    deliver()
    item = only(steward)
    path = f"/api/v1/classifications/{item['id']}/moves"
    said: dict[str, Any] = {"ground": "T08", "article": "UU 14/2008 pasal 17 huruf a"}
    body = {"event": "beri_dasar", "reason": "Sudah diuji dan dicatat", "said": said}
    assert steward.post(path, json=body).json()["member"] == "test_number"
    body["said"] = said | {"test_number": "7/UK/2026", "test_on": "2026-02-03"}
    assert steward.post(path, json=body).json()["state"] == "menunggu_konfirmasi"
    stranger = make_client("analyst", "bappeda")
    assert stranger.get(f"/api/v1/classifications/{item['id']}").status_code == 404
    assert stranger.get("/api/v1/classifications").json()["items"] == []


def test_the_steward_lowers_it_and_a_newer_change_replaces_it(
    steward: TestClient, deliver: Callable[[], None]
) -> None:
    dataset = registered(steward, access_class="TERBATAS", restriction_basis="T10: sistem")
    deliver()
    first = only(steward)["id"]
    etag = steward.get(f"/api/v1/datasets/{dataset}").headers.get("etag", "*")
    change = {"access_class": "DIKECUALIKAN", "restriction_basis": "T10: sistem"}
    headers = {"If-Match": etag}
    answer = steward.patch(f"/api/v1/datasets/{dataset}", json=change, headers=headers)
    assert answer.status_code == 200, answer.text
    deliver()
    newest, oldest = steward.get("/api/v1/classifications").json()["items"]
    assert (oldest["id"], oldest["state"]) == (first, "digantikan")
    path = f"/api/v1/classifications/{newest['id']}/moves"
    assert steward.post(path, json={"event": "turunkan"}).json()["state"] == "turun"
    assert class_of(steward, dataset) == "TERBATAS"
