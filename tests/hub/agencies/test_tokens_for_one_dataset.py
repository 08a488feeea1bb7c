"""A personal token that was narrowed to one dataset opens nothing beside it, to read or to write."""

import pytest
from starlette.testclient import TestClient

from hub.auth import scopes
from tests.hub.conftest import BASE

MINE, OTHER = "bpbj/kontrak-nontender", "bpbj/paket-tender"
ROW = b"kd_nontender\n1\n"


@pytest.fixture
def narrowed(hub, make_person, sign_in, make_dataset):
    """Make a client with the token of a person with a role, good for `bpbj/kontrak-nontender`."""
    make_dataset("TERBATAS")
    make_dataset("TERBATAS", slug="paket-tender")

    def make(role, agency="bpbj", scope=None):
        person = make_person(role, agency, password="kata-sandi-panjang")
        browser = sign_in(person)
        scope = scope or " ".join(browser.get("/api/v1/me").json()["scopes"])
        wanted = {"name": "alat", "scope": scope, "days": 1, "dataset": MINE}
        answer = browser.post("/api/v1/tokens", json=wanted)
        assert answer.status_code == 201, answer.text
        client = TestClient(hub.app, base_url=BASE)
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    return make


def test_a_steward_writes_to_that_dataset_alone(narrowed):
    steward = narrowed("steward")
    for dataset, statuses in ((MINE, (201, 422)), (OTHER, (403,))):
        at = f"/api/v1/datasets/{dataset}"
        pushed = steward.post(f"{at}/batches", content=ROW, headers={"Content-Type": "text/csv"})
        assert pushed.status_code in statuses, pushed.text
        changed = steward.patch(at, json={"restriction_basis": "Pasal 17 UU 14/2008"})
        assert changed.status_code == (200 if dataset == MINE else 403)
    source = {"dataset": OTHER, "kind": "http-json", "stream": "x", "options": {}}
    assert steward.post("/api/v1/sources", json=source).status_code == 403
    register = {"agency": "bpbj", "slug": "baru", "title": "Baru"}
    register |= {"schema": "lkpp/nontender-kontrak/1.0.0"}
    assert steward.post("/api/v1/datasets", json=register).status_code == 403


def test_batches_and_jobs_of_another_dataset_do_not_exist_for_it(narrowed, make_client):
    program, steward = make_client("steward", "bpbj"), narrowed("steward")
    ids = {}
    for dataset in (MINE, OTHER):
        at = f"/api/v1/datasets/{dataset}/batches"
        pushed = program.post(at, content=ROW, headers={"Content-Type": "text/csv"})
        ids[dataset] = pushed.json()["batch"]
    for dataset, status in ((MINE, 200), (OTHER, 404)):
        at = f"/api/v1/datasets/{dataset}/batches"
        for path in (at, f"{at}/{ids[dataset]}", f"{at}/{ids[dataset]}/errors"):
            assert steward.get(path).status_code == status, path
        assert steward.get(f"/api/v1/jobs/{ids[dataset]}").status_code == status


def test_requests_grants_and_entries_are_those_of_that_dataset(narrowed, make_client):
    analyst, asking = make_client("analyst", "bappeda"), narrowed("analyst", "bappeda")
    wanted = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi pasal 4"}
    ids = {}
    for dataset in (MINE, OTHER):
        answer = analyst.post(f"/api/v1/datasets/{dataset}/requests", json=wanted)
        ids[dataset] = answer.json()["id"]
    head = narrowed("head")
    assert [r["id"] for r in head.get("/api/v1/requests").json()["items"]] == [ids[MINE]]
    approve = {"decision": "approve"}
    for dataset, status in ((OTHER, 404), (MINE, 200)):
        at = f"/api/v1/requests/{ids[dataset]}"
        assert head.get(at).status_code == status
        assert head.post(f"{at}/decision", json=approve).status_code == status
    make_client("head", "bpbj").post(f"/api/v1/requests/{ids[OTHER]}/decision", json=approve)
    assert len(analyst.get("/api/v1/grants").json()["items"]) == 2
    for who in (head, asking, narrowed("walidata", "dkisp")):
        assert {g["target"] for g in who.get("/api/v1/grants").json()["items"]} == {MINE}
        entries = who.get("/api/v1/ledger/entries").json()["items"]
        assert {e["entry"]["target"]["id"] for e in entries} <= {MINE}
    assert asking.post(f"/api/v1/datasets/{OTHER}/requests", json=wanted).status_code == 404


def test_it_carries_no_scope_of_the_whole_hub(narrowed):
    walidata = narrowed("walidata", "dkisp")
    assert not scopes.OF_THE_HUB & set(walidata.get("/api/v1/me").json()["scopes"])
    assert (
        walidata.post("/api/v1/people", json={"username": "baru", "name": "B"}).status_code == 403
    )
    assert walidata.get("/api/v1/people").status_code == 403


def test_the_ledger_of_others_needs_the_scope_as_well_as_the_role(make_client, make_dataset):
    dataset = make_dataset("BERBAGI")
    wanted = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi pasal 4"}
    asked = make_client("analyst", "bappeda").post(
        f"/api/v1/datasets/{dataset}/requests", json=wanted
    )
    assert asked.status_code == 201
    for given, seen in (("data:read", 0), ("data:read audit:read", 4)):
        auditor = make_client("auditor", "inspektorat", scopes=given)
        assert len(auditor.get("/api/v1/ledger/entries").json()["items"]) == seen
