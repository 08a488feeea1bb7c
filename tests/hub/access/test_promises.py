"""What gives readers less is announced first; whom a new version concerns is said to those who answer."""

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub.outbox.models import OutboxEvent
from hub.settings import Settings
from tests.hub.access.conftest import DOCUMENT

Make = Callable[..., Any]
AT = "/api/v1/datasets/bpbj/penerima"
TODAY = date.today()  # noqa: DTZ011 - grants live by the real clock
LATER = (TODAY + timedelta(days=91)).isoformat()


@pytest.fixture
def steward(make_client: Make) -> TestClient:
    client: TestClient = make_client("steward", "bpbj")
    return client


@pytest.fixture
def read(
    penerima: Make, publish_rows: Make, make_client: Make, give: Make, steward: TestClient
) -> str:
    """The dataset with a release, renewed daily, and a grant of bappeda on two columns."""
    name: str = penerima("BERBAGI")
    publish_rows(name)
    steward.patch(AT, json={"frequency": "harian", "update_schedule": "tiap pagi"})
    give(make_client("analyst", "bappeda"), name, columns=["kode", "nilai"])
    return name


def test_less_freshness_is_refused_while_somebody_reads(read: str, steward: TestClient) -> None:
    for change, code in (
        ({"frequency": "bulanan"}, "kesegaran-melonggar"),
        ({"update_schedule": "bila sempat"}, "jadwal-berubah"),
        ({"access_class": "TERBATAS", "restriction_basis": "T08"}, "kelas-naik"),
    ):
        refused = steward.patch(AT, json=change)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/promise-broken")
        assert [(r["code"], r["direction"]) for r in refused.json()["reasons"]] == [
            (code, "FORWARD")
        ]
        assert refused.json()["grants"] == 1
    assert steward.get(AT).json()["frequency"] == "harian"


def test_more_freshness_and_other_words_are_the_producers_own_affair(
    read: str, steward: TestClient
) -> None:
    assert steward.patch(AT, json={"frequency": "real_time"}).status_code == 200
    assert steward.patch(AT, json={"title": "Penerima", "priority": True}).status_code == 200


def test_nothing_is_broken_before_anybody_reads(penerima: Make, steward: TestClient) -> None:
    penerima("BERBAGI")
    steward.patch(AT, json={"frequency": "harian"})
    assert steward.patch(AT, json={"frequency": "tahunan"}).status_code == 200


def test_open_data_is_promised_to_everybody(
    penerima: Make, publish_rows: Make, steward: TestClient
) -> None:
    publish_rows(penerima("TERBUKA"))
    refused = steward.patch(AT, json={"access_class": "BERBAGI"})
    assert (refused.status_code, refused.json()["grants"]) == (409, 0)


def test_an_announced_change_is_made_on_its_day_and_no_other_change(
    hub: TestClient, read: str, steward: TestClient, settings: Settings
) -> None:
    change = {"frequency": "bulanan"}
    short = steward.patch(AT, json={**change, "notice_until": TODAY.isoformat()})
    assert short.status_code == 422
    told = steward.patch(AT, json={**change, "notice_until": LATER})
    assert told.status_code == 200, told.text
    assert told.json()["frequency"] == "harian"
    assert told.json()["announced"] == [{"changes": change, "until": LATER, "reason": ""}]
    assert steward.patch(AT, json=change).status_code == 409
    with Session(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        kinds = session.exec(select(OutboxEvent.type)).all()
        assert "dataset.announced" in kinds
    state = hub.app.state  # type: ignore[attr-defined]
    day = date.fromisoformat(LATER)
    state.clock = type(state.clock)(settings.zone, day)
    assert steward.patch(AT, json={"frequency": "tahunan"}).status_code == 409
    assert steward.patch(AT, json=change).json()["frequency"] == "bulanan"


def test_what_is_urgent_is_made_at_once_with_its_reason(read: str, steward: TestClient) -> None:
    closing = {"access_class": "TERBATAS", "restriction_basis": "T08"}
    assert steward.patch(AT, json={**closing, "urgent": "bocor"}).status_code == 422
    closed = steward.patch(AT, json={**closing, "urgent": "Kolom nama ternyata memuat NIK."})
    assert closed.status_code == 200, closed.text
    assert closed.json()["access"]["class"] == "TERBATAS"
    assert closed.json()["announced"][0]["reason"].startswith("Kolom nama")


def asked(client: TestClient, **columns: Any) -> Any:
    body = copy.deepcopy(DOCUMENT)
    body["$id"] = body["$id"].replace("1.0.0", "1.1.0")
    properties: dict[str, Any] = body["properties"]
    for name, schema in columns.items():
        properties[name] = schema
    return client.post("/api/v1/schemas/bpbj/penerima/compatibility", json=body).json()


def test_whom_a_change_concerns_is_named_to_those_who_answer(
    read: str, steward: TestClient, make_client: Make
) -> None:
    waiting = make_client("analyst", "bkad").post(
        f"{AT}/requests", json={"purpose": "Menyusun APBD", "basis": "Perbup", "columns": ["nama"]}
    )
    assert waiting.status_code == 201, waiting.text
    narrower = {"type": ["integer", "null"], "minimum": 5}
    told = asked(steward, nilai=narrower)
    assert told["compatible"] is False
    concerned = told["impact"]
    assert (concerned["columns"], concerned["datasets"]) == (["nilai"], 1)
    assert (concerned["grants"], concerned["requests"]) == (1, 0)
    assert [(i["kind"], i["agency"], i["columns"]) for i in concerned["items"]] == [
        ("grant", "bappeda", ["kode", "nilai"])
    ]
    assert asked(make_client("walidata", "dkisp"), nilai=narrower)["impact"] == concerned
    others = asked(make_client("analyst", "bappeda"), nilai=narrower)["impact"]
    assert (others["items"], others["others"], others["grants"]) == ([], 1, 1)


def test_a_column_that_nobody_uses_concerns_nobody(read: str, steward: TestClient) -> None:
    assert asked(steward, catatan={"type": "string"})["impact"]["grants"] == 0
    added = asked(steward, baru={"type": "string"})
    assert (added["compatible"], added["impact"]["columns"]) == (True, [])


def test_hidden_datasets_are_not_counted_for_others(
    penerima: Make, publish_rows: Make, make_client: Make, steward: TestClient
) -> None:
    publish_rows(penerima("DIKECUALIKAN"))
    changed = {"type": "string"}
    assert asked(steward, nilai=changed)["impact"]["datasets"] == 1
    assert asked(make_client("analyst", "bkad"), nilai=changed)["impact"]["datasets"] == 0
