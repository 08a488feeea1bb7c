"""Asking for access: what is given at once, what waits, and what is refused at the door."""

from datetime import datetime

import pytest
from sqlmodel import select

from hub.calendar import due_at
from hub.db import reading
from hub.ledger.models import LedgerEntry
from hub.outbox.models import OutboxEvent

PURPOSE = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi Bappeda pasal 4"}


def ask(who, dataset, **more):
    return who.post(f"/api/v1/datasets/{dataset}/requests", json=PURPOSE | more)


def test_berbagi_is_granted_to_an_agency_once_the_purpose_is_stated(make_dataset, make_client):
    dataset = make_dataset("BERBAGI")
    analyst, colleague = make_client("analyst", "bappeda"), make_client("analyst", "bappeda")

    answer = ask(analyst, dataset, basis="")
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert given["state"] == "aktif"
    assert given["due_at"] is None

    (grant,) = colleague.get("/api/v1/grants").json()["items"]
    assert grant["id"] == given["grant"]
    assert (grant["grantee_agency"], grant["grantee"]) == ("bappeda", None)
    days = datetime.fromisoformat(grant["expires_at"]) - datetime.fromisoformat(grant["starts_at"])
    assert days.days == 365


def test_terbatas_is_looked_through_within_a_day_and_then_waits_five_for_the_producer(
    hub, make_dataset, make_client
):
    dataset = make_dataset("TERBATAS")
    answer = ask(make_client("analyst", "bappeda"), dataset).json()
    assert answer["state"] == "diajukan"
    assert answer["grant"] is None
    assert answer["id"] == f"PD-{hub.app.state.clock.today().year}-000001"
    due = datetime.fromisoformat(answer["due_at"])
    assert due == due_at(hub.app.state.clock.now(), 1)
    walidata = make_client("walidata", "dkisp")
    path = f"/api/v1/requests/{answer['id']}/moves"
    complete = walidata.post(path, json={"event": "lengkap"}).json()
    assert complete["state"] == "menunggu_produsen"
    due = datetime.fromisoformat(complete["due_at"])
    assert due == due_at(hub.app.state.clock.now(), 5)


def test_numbers_run_on_within_the_year(make_dataset, make_client):
    dataset, analyst = make_dataset("TERBATAS"), make_client("analyst", "bappeda")
    numbers = [ask(analyst, dataset).json()["id"][-6:] for _ in range(3)]
    assert numbers == ["000001", "000002", "000003"]


def test_a_party_outside_the_regency_always_waits_for_a_person(make_dataset, make_client):
    outsider = make_client()
    answer = ask(outsider, make_dataset("BERBAGI"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "diajukan"


@pytest.mark.parametrize(
    ("access_class", "role", "agency", "status"),
    [
        ("TERBUKA", "analyst", "bappeda", 409),
        ("TERBATAS", "analyst", "bpbj", 409),
        ("DIKECUALIKAN", "analyst", "bappeda", 403),
        ("TERBATAS", "rw", "kec-x", 403),
        ("TERBATAS", "executive", "setda", 403),
        ("TERBATAS", "auditor", "inspektorat", 403),
    ],
)
def test_there_are_requests_that_nobody_needs_or_may_make(
    access_class, role, agency, status, make_dataset, make_client
):
    answer = ask(make_client(role, agency), make_dataset(access_class))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"basis": ""}, 422),
        ({"purpose": "x"}, 422),
        ({"columns": ["nomor_rahasia"]}, 422),
        ({"columns": []}, 422),
        ({"filter": {"drop": "table"}}, 422),
        ({"filter": {"eq": ["nomor_rahasia", 1]}}, 422),
        ({"filter": {"eq": ["tahun_anggaran", 2**70]}}, 422),
        ({"until": "2001-01-01"}, 422),
        ({"recipient": "dinkes"}, 422),
        ({"granted_by": "saya"}, 422),
    ],
)
def test_an_incomplete_request_says_what_is_wrong(fault, status, make_dataset, make_client):
    answer = ask(make_client("analyst", "bappeda"), make_dataset("TERBATAS"), **fault)
    assert answer.status_code == status, answer.text


def test_personal_data_is_asked_for_field_by_field(make_dataset, make_client):
    dataset, analyst = make_dataset("PRIBADI"), make_client("analyst", "bappeda")
    assert ask(analyst, dataset).status_code == 422
    assert ask(analyst, dataset, columns=["no_kontrak"], basis="").status_code == 422
    answer = ask(analyst, dataset, columns=["no_kontrak"])
    assert answer.status_code == 201


def test_excluded_data_is_asked_for_by_the_walidata_on_behalf_of_a_lawful_recipient(
    make_dataset, make_client, make_agency
):
    make_agency("inspektorat")
    dataset, walidata = make_dataset("DIKECUALIKAN"), make_client("walidata", "dkisp")
    assert ask(walidata, dataset).status_code == 422
    assert ask(walidata, dataset, recipient="tiada").status_code == 422
    asked = ask(walidata, dataset, recipient="inspektorat").json()
    assert asked["state"] == "diajukan"
    path = f"/api/v1/requests/{asked['id']}/decision"
    assert walidata.post(path, json={"decision": "approve"}).status_code == 403
    head = make_client("head", "bpbj")
    assert head.post(path, json={"decision": "approve"}).json()["state"] == "aktif"


def test_an_unknown_dataset_and_a_stranger_get_nowhere(hub, make_dataset, make_client):
    make_dataset("TERBATAS")
    assert ask(make_client("analyst", "bappeda"), "bpbj/tiada").status_code == 404
    assert ask(hub, "bpbj/kontrak-nontender").status_code == 401
    reader = make_client("analyst", "bappeda", scopes="data:read")
    assert ask(reader, "bpbj/kontrak-nontender").status_code == 403


def test_the_same_request_sent_twice_under_one_key_counts_once(hub, make_dataset, make_client):
    dataset, analyst = make_dataset("BERBAGI"), make_client("analyst", "bappeda")
    analyst.headers["Idempotency-Key"] = "sekali"
    first, second = ask(analyst, dataset), ask(analyst, dataset)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    with reading(hub.app.state.engine) as session:
        kinds = [entry.kind for entry in session.exec(select(LedgerEntry))]
        events = [event.type for event in session.exec(select(OutboxEvent))]
    assert kinds == ["request.submitted", "request.granted", "grant.issued", "request.active"]
    assert sorted(events) == ["grant.issued", "request.submitted"]
