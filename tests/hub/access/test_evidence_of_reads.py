"""Every read leaves evidence before its first byte, and stops when the leave ends."""

import hashlib
import json
import threading
import time

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub.access import downloads
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.grants.models import Grant
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import CANARY, sign_anew

PATHS = ("rows", "rows?format=csv", "rows?format=parquet&limit=3", "sample", "profile")


def entries(hub):
    with reading(hub.app.state.engine) as session:
        return {entry.id: json.loads(entry.body) for entry in session.exec(select(LedgerEntry))}


def test_every_read_has_a_receipt_whose_entry_is_in_the_ledger(
    hub, penerima, publish_rows, make_client, give
):
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    grant = give(analyst, dataset)
    digest = analyst.get("/api/v1/grants").json()["items"][0]["digest"]
    for path in PATHS:
        answer = analyst.get(f"/api/v1/datasets/{dataset}/{path}")
        receipt = json.loads(answer.headers["simpul-receipt"])
        with reading(hub.app.state.engine) as session:
            row = session.get_one(LedgerEntry, receipt["entry_id"])
        assert hashlib.sha256(b"\0" + row.body).hexdigest() == receipt["entry_hash"]
        entry = json.loads(row.body)
        assert entry["actor"]["client"] == analyst.client_id
        assert entry["target"] == {"type": "dataset", "id": dataset, "release": 1}
        assert entry["grant"] == digest
        assert set(entry["decision"]) == {"id", "policy"}
        if path == "rows?format=csv":
            file = hashlib.sha256(answer.content).hexdigest()
            assert entry["digests"]["file"] == f"sha256:{file}"
            assert entry["counts"] == {"rows": 10}
    sql = {"sql": "SELECT count(*) FROM bpbj.penerima"}
    answer = analyst.post("/api/v1/query", json=sql)
    receipt = json.loads(answer.headers["simpul-receipt"])
    assert answer.json()["receipt"] == receipt
    found = entries(hub)
    whole = found[receipt["entry_id"]]
    assert whole["kind"] == "query.answered"
    (part,) = [e for e in found.values() if e["kind"] == "query.read"]
    assert part["trace_id"] == whole["trace_id"]
    assert (part["target"]["id"], part["grant"]) == (dataset, digest)
    assert CANARY not in json.dumps(found)
    assert grant not in json.dumps([whole, part])


def test_a_query_that_failed_on_a_row_is_in_the_ledger_too(
    hub, penerima, publish_rows, make_client, give
):
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    give(analyst, dataset)
    digest = analyst.get("/api/v1/grants").json()["items"][0]["digest"]
    probe = {"sql": "SELECT CAST(kecamatan AS INTEGER) FROM bpbj.penerima WHERE kode = '0001'"}
    assert analyst.post("/api/v1/query", json=probe).status_code == 422
    found = [e for e in entries(hub).values() if e["kind"].startswith("query.")]
    part, whole = sorted(found, key=lambda entry: entry["kind"], reverse=True)
    assert (part["kind"], part["outcome"], part["counts"]) == ("query.read", "failed", {"rows": 0})
    assert (part["target"]["id"], part["grant"]) == (dataset, digest)
    assert (whole["kind"], whole["outcome"]) == ("query.answered", "failed")
    (asked,) = analyst.get("/api/v1/queries").json()["items"]
    assert (asked["state"], asked["problem"]) == ("failed", "query-failed")
    refused = analyst.post("/api/v1/query", json={"sql": "SELECT * FROM bpbj.tidak_ada"})
    assert refused.status_code == 422
    assert len([e for e in entries(hub).values() if e["kind"].startswith("query.")]) == 2


def test_without_evidence_not_even_a_failure_is_told(hub, penerima, publish_rows, make_client):
    publish_rows(penerima("TERBUKA"))
    analyst = make_client("analyst", "bappeda")
    probe = {"sql": "SELECT CAST(kecamatan AS INTEGER) FROM bpbj.penerima WHERE kode = '0001'"}
    assert analyst.post("/api/v1/query", json=probe).status_code == 422
    with unit_of_work(hub.app.state.engine) as session:
        session.connection().execute(text("ALTER TABLE hub_ledger_entry RENAME TO gone"))
    untold = analyst.post("/api/v1/query", json=probe)
    assert untold.status_code == 503, untold.text


def test_without_evidence_nothing_leaves(hub, penerima, publish_rows, make_client):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    analyst = make_client("analyst", "bappeda")
    with unit_of_work(hub.app.state.engine) as session:
        session.connection().execute(text("ALTER TABLE hub_ledger_entry RENAME TO gone"))
    for path in PATHS:
        answer = analyst.get(f"/api/v1/datasets/{dataset}/{path}")
        assert answer.status_code == 503, path
        assert answer.json()["type"] == "/problems/evidence-unavailable"
        assert "kecamatan" not in answer.text
    answer = analyst.post("/api/v1/query", json={"sql": "SELECT 1 AS satu"})
    assert answer.status_code == 503
    assert list((hub.app.state.settings.work / "answers").iterdir()) == []


def test_a_revoked_grant_stops_a_running_download(
    hub, penerima, publish_rows, make_client, give, monkeypatch
):
    monkeypatch.setattr(downloads, "CHUNK", 64)
    monkeypatch.setattr(downloads, "CHECK_EVERY", 0.0)
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    grant = give(analyst, dataset)
    path = f"/api/v1/datasets/{dataset}/rows?format=csv"
    whole = analyst.get(path).content
    head, received = make_client("head", "bpbj"), b""

    real, looks = downloads.still_open, []

    def look(*args):
        looks.append(time.monotonic())
        if len(looks) == 3:
            ended = threading.Thread(target=head.delete, args=(f"/api/v1/grants/{grant}",))
            ended.start()
            ended.join()
        return real(*args)

    monkeypatch.setattr(downloads, "still_open", look)
    with analyst.stream("GET", path) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            received += piece
    assert 0 < len(received) < len(whole)
    assert int(answer.headers["content-length"]) == len(whole)
    assert analyst.get(path).status_code == 403
    cut = [e for e in entries(hub).values() if e["outcome"] == "aborted"]
    assert [e["counts"] for e in cut] == [{"bytes": len(received)}]


@pytest.mark.parametrize("column", ["expires_at", "starts_at"])
def test_a_grant_opens_only_between_its_two_moments(
    column, hub, penerima, publish_rows, make_client, give
):
    from datetime import timedelta

    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    grant = give(analyst, dataset)
    moved = -1 if column == "expires_at" else 1
    with unit_of_work(hub.app.state.engine) as session:
        row = session.get_one(Grant, grant)
        setattr(row, column, real_now() + timedelta(seconds=moved))
        sign_anew(session, hub.app.state.ledger, row)
    assert analyst.get(f"/api/v1/datasets/{dataset}/rows").status_code == 403
