"""Registering datasets and changing what is said of them, over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub.access import registering
from hub.agencies.models import Agency
from hub.db import unit_of_work
from hub.ledger.models import LedgerEntry
from hub.outbox.models import OutboxEvent
from schemas.registry import Registry

Make = Callable[..., Any]
SCHEMA = "lkpp/nontender-kontrak"
VERSION = Registry.packaged().latest(SCHEMA).version
PATH = "/api/v1/datasets/bpbj/kontrak"


def said(**more: Any) -> dict[str, Any]:
    return {
        "agency": "bpbj",
        "slug": "kontrak",
        "title": "Kontrak nontender",
        "schema": f"{SCHEMA}/{VERSION}",
        **more,
    }


@pytest.fixture
def steward(make_client: Make) -> TestClient:
    client: TestClient = make_client("steward", "bpbj")
    return client


def test_a_steward_registers_a_dataset_of_his_agency(steward: TestClient) -> None:
    answer = steward.post(
        "/api/v1/datasets",
        json=said(
            frequency="harian",
            keywords=["spk"],
            intake=[{"step": "trim", "columns": "*"}],
            data_date="2025-10-03",
        ),
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["id"], made["access"]["class"], made["frequency"]) == (
        "bpbj/kontrak",
        "BERBAGI",
        "harian",
    )
    assert made["schema"]["name"] == SCHEMA
    assert made["release"] is None
    assert steward.get(PATH).json() == made
    found = steward.get("/api/v1/datasets?q=spk").json()
    assert [item["id"] for item in found["items"]] == ["bpbj/kontrak"]
    with Session(steward.app.state.engine) as session:  # type: ignore[attr-defined]
        assert "dataset.created" in session.exec(select(LedgerEntry.kind)).all()
        assert session.exec(select(OutboxEvent.type)).all() == ["dataset.created"]


def test_only_its_steward_and_the_walidata_register(
    hub: TestClient, make_agency: Make, make_client: Make
) -> None:
    make_agency("bpbj")
    assert hub.post("/api/v1/datasets", json=said()).status_code == 401
    for role, agency in (("steward", "bkad"), ("analyst", "bpbj"), ("head", "bpbj")):
        refused = make_client(role, agency).post("/api/v1/datasets", json=said())
        assert refused.status_code == 403, refused.text
    assert make_client("walidata", "dkisp").post("/api/v1/datasets", json=said()).status_code == 201


def test_a_name_is_taken_once(steward: TestClient) -> None:
    assert steward.post("/api/v1/datasets", json=said()).status_code == 201
    assert steward.post("/api/v1/datasets", json=said()).status_code == 409


def test_what_breaks_a_rule_is_refused_with_its_place(steward: TestClient) -> None:
    for wrong, status, pointer in (
        ({"slug": "Kontrak Baru"}, 422, "/slug"),
        ({"slug": "1kontrak"}, 422, "/slug"),
        ({"title": " "}, 422, "/title"),
        ({"access_class": "TERBATAS"}, 422, "/restriction_basis"),
        ({"intake": [{"step": "tiada"}]}, 422, "/0/step"),
        ({"severities": {"pattern": "warning"}}, 422, "/severities/pattern"),
        ({"severities": {"rujukan": "kabur"}}, 422, "/severities/rujukan"),
    ):
        answer = steward.post("/api/v1/datasets", json=said(**wrong))
        assert answer.status_code == status, answer.text
        assert pointer in [fault["pointer"] for fault in answer.json()["faults"]]
    unknown = steward.post("/api/v1/datasets", json=said(schema=f"{SCHEMA}/9.9.9"))
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-schema")
    assert steward.post("/api/v1/datasets", json=said(judul="x")).status_code == 422
    assert steward.get("/api/v1/datasets").json()["total"] == 0


def test_a_change_touches_only_what_was_sent(steward: TestClient, make_client: Make) -> None:
    steward.post("/api/v1/datasets", json=said(summary="Kontrak yang ditandatangani"))
    changed = steward.patch(PATH, json={"title": "Perjanjian pengadaan", "priority": True})
    assert changed.status_code == 200, changed.text
    assert changed.json()["summary"] == "Kontrak yang ditandatangani"
    assert changed.json()["priority"] is True
    assert steward.get("/api/v1/datasets?q=perjanjian").json()["total"] == 1
    assert steward.get("/api/v1/datasets?q=nontender&schema=x").json()["total"] == 0
    closed = steward.patch(PATH, json={"access_class": "TERBATAS"})
    assert closed.status_code == 422
    closed = steward.patch(PATH, json={"access_class": "TERBATAS", "restriction_basis": "T08"})
    assert closed.json()["access"]["class"] == "TERBATAS"
    assert make_client("steward", "bkad").patch(PATH, json={"title": "x"}).status_code == 403
    assert steward.patch("/api/v1/datasets/bpbj/tiada", json={"title": "x"}).status_code == 404
    assert steward.patch(PATH, json={"slug": "lain"}).status_code == 422


def test_a_dataset_sets_how_grave_a_rule_is(steward: TestClient) -> None:
    made = steward.post("/api/v1/datasets", json=said(severities={"rujukan": "error"}))
    assert made.json()["severities"] == {"rujukan": "error"}
    steward.patch(PATH, json={"title": "Perjanjian"})
    assert steward.get(PATH).json()["severities"] == {"rujukan": "error"}
    steward.patch(PATH, json={"severities": {}})
    assert steward.get(PATH).json()["severities"] == {}


def test_the_same_key_registers_once(steward: TestClient) -> None:
    key = {"Idempotency-Key": "daftar-1"}
    first = steward.post("/api/v1/datasets", json=said(), headers=key)
    again = steward.post("/api/v1/datasets", json=said(), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = steward.post("/api/v1/datasets", json=said(title="Lain"), headers=key)
    assert other.json()["type"] == "/problems/idempotency-mismatch"


def test_a_dataset_moves_to_compatible_versions_only(steward: TestClient) -> None:
    def document(version: str, **harga: Any) -> dict[str, Any]:
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://simpul.invalid/schemas/bpbj/{'harga' if harga else 'lain'}/{version}.json",
            "title": "Harga",
            "type": "object",
            "x-kunci": ["kode"],
            "required": ["kode"],
            "properties": {"kode": {"type": "string"}, "harga": {"type": "integer", **harga}},
            "additionalProperties": False,
        }

    for version, minimum in (("1.0.0", 0), ("1.1.0", -5)):
        answer = steward.post(
            "/api/v1/schemas/bpbj/harga/versions", json=document(version, minimum=minimum)
        )
        assert answer.status_code == 201, answer.text
    steward.post("/api/v1/datasets", json=said(schema="bpbj/harga/1.0.0"))
    assert steward.patch(PATH, json={"schema": "bpbj/harga/1.1.0"}).status_code == 200
    back = steward.patch(PATH, json={"schema": "bpbj/harga/1.0.0"})
    assert (back.status_code, back.json()["type"]) == (409, "/problems/incompatible-schema")
    assert back.json()["reasons"]


def test_a_renamed_agency_is_found_by_its_new_name_after_reindexing(steward: TestClient) -> None:
    steward.post("/api/v1/datasets", json=said())
    engine = steward.app.state.engine  # type: ignore[attr-defined]
    with unit_of_work(engine) as session:
        session.get_one(Agency, "bpbj").name = "Unit Kerja Kenari"
    assert steward.get("/api/v1/datasets?q=kenari").json()["total"] == 0
    with unit_of_work(engine) as session:
        assert registering.reindex(session, agency="bpbj") == 1
        assert registering.reindex(session, agency="bkad") == 0
    assert steward.get("/api/v1/datasets?q=kenari").json()["total"] == 1


def test_of_two_at_the_same_moment_one_takes_the_name(make_client: Make) -> None:
    stewards = [make_client("steward", "bpbj") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda steward: steward.post("/api/v1/datasets", json=said()), stewards)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
