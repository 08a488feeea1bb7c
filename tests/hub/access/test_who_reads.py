"""Owners see who reads their data, and what they see is what the ledger says."""

import json
from collections import Counter

import pytest
from sqlmodel import select

from hub.db import reading, unit_of_work
from hub.ledger import sequencer
from hub.ledger.models import LedgerEntry
from hub.ledger.service import Ledger
from hub.usage import counting
from hub.usage.models import CountedUpTo, ReadCount


def ledger_of(hub):
    with reading(hub.app.state.engine) as session:
        rows = session.exec(select(LedgerEntry)).all()
    return [json.loads(row.body) for row in rows]


def by_hand(hub, owner):
    """Reads and rows by dataset and reader, counted entry by entry."""
    counts = Counter()
    for entry in ledger_of(hub):
        target = entry["target"]
        if target["type"] != "dataset" or not entry["kind"].endswith(".read"):
            continue
        if not target["id"].startswith(f"{owner}/") or entry["outcome"] != "ok":
            continue
        who = entry["actor"]["agency"] or entry["actor"].get("client") or entry["actor"]["person"]
        counts[target["id"], who, "reads"] += 1
        counts[target["id"], who, "rows"] += entry.get("counts", {}).get("rows", 0)
    return counts


def as_told(items):
    counts = Counter()
    for item in items:
        who = item["reader"]["agency"] or item["reader"]["party"]
        counts[item["dataset"], who, "reads"] += item["reads"]
        counts[item["dataset"], who, "rows"] += item["rows"]
    return counts


@pytest.fixture
def busy(hub, penerima, publish_rows, make_client, give):
    """Two datasets of bpbj, read in several ways by two agencies, an outsider and a visitor."""
    closed, opened = penerima("TERBATAS"), penerima("TERBUKA", "terbuka")
    publish_rows(closed)
    publish_rows(opened)
    analyst, other = make_client("analyst", "bappeda"), make_client("analyst", "bkad")
    grant = give(analyst, closed)
    for path in ("rows?limit=3", "rows?format=csv", "sample?size=2", "profile"):
        assert analyst.get(f"/api/v1/datasets/{closed}/{path}").status_code == 200
    assert (
        analyst.post(
            "/api/v1/query", json={"sql": "SELECT count(*) FROM bpbj.penerima"}
        ).status_code
        == 200
    )
    for who in (other, hub, make_client("analyst", "bpbj")):
        assert who.get(f"/api/v1/datasets/{opened}/rows?limit=4").status_code == 200
    assert other.get(f"/api/v1/datasets/{closed}/rows").status_code == 403
    return closed, opened, grant


def test_the_owner_sees_readers_purposes_and_amounts_as_the_ledger_has_them(hub, busy, make_client):
    closed, opened, grant = busy
    steward = make_client("steward", "bpbj")
    items = steward.get("/api/v1/usage?own=true").json()["items"]
    assert as_told(items) == by_hand(hub, "bpbj")
    (line,) = [item for item in items if item["dataset"] == closed]
    assert (line["reader"]["agency"], line["grant"]) == ("bappeda", grant)
    assert line["purpose"] == "Menyusun RKPD 2026"
    assert line["ways"] == {"export": 1, "profile": 1, "query": 1, "rows": 1, "sample": 1}
    others = steward.get(f"/api/v1/usage?dataset={opened}").json()["items"]
    assert {item["reader"]["agency"] or item["reader"]["party"] for item in others} == {
        "bkad",
        "anonymous",
    }


@pytest.fixture
def fold(hub, settings):
    """What the worker does by the clock: places for new entries, then the counts."""
    engine = hub.app.state.engine

    def work():
        sequencer.run_once(engine, Ledger.of(settings).signer)
        return counting.fold(engine, settings.zone)

    return work


def test_the_counts_stay_equal_to_the_ledger_when_they_are_folded(hub, busy, fold, make_client):
    closed, _, _ = busy
    steward, analyst = make_client("steward", "bpbj"), make_client("analyst", "bappeda")
    before = steward.get("/api/v1/usage?own=true").json()["items"]
    assert fold() > 0
    assert fold() == 0
    assert steward.get("/api/v1/usage?own=true").json()["items"] == before
    assert analyst.get(f"/api/v1/datasets/{closed}/rows?limit=2").status_code == 200
    items = steward.get("/api/v1/usage?own=true").json()["items"]
    assert as_told(items) == by_hand(hub, "bpbj") != as_told(before)
    assert fold() > 0
    assert steward.get("/api/v1/usage?own=true").json()["items"] == items
    with reading(hub.app.state.engine) as session:
        counted = sum(row.reads for row in session.exec(select(ReadCount)))
    assert counted == sum(item["reads"] for item in items)


def test_counts_that_were_lost_grow_again_from_the_ledger(hub, busy, fold, make_client):
    steward = make_client("steward", "bpbj")
    before = steward.get("/api/v1/usage").json()["items"]
    assert fold() > 0
    with unit_of_work(hub.app.state.engine) as session:
        for table in (ReadCount, CountedUpTo):
            for row in session.exec(select(table)):
                session.delete(row)
    assert steward.get("/api/v1/usage").json()["items"] == before
    assert fold() > 0
    assert steward.get("/api/v1/usage").json()["items"] == before


def test_only_owners_walidata_and_auditor_see_readers(hub, busy, make_client):
    closed, _, _ = busy
    assert hub.get("/api/v1/usage").status_code == 401
    for role, agency in (("rw", "bpbj"), ("executive", "setda"), (None, None)):
        assert make_client(role, agency).get("/api/v1/usage").status_code == 403, role
    for role, agency in (("walidata", "dkisp"), ("auditor", "itda")):
        items = make_client(role, agency).get("/api/v1/usage").json()["items"]
        assert closed in {item["dataset"] for item in items}, role
    stranger = make_client("steward", "bkad").get("/api/v1/usage").json()["items"]
    assert stranger == []
    narrow = make_client("walidata", "dkisp", scopes="data:read")
    assert narrow.get("/api/v1/usage").status_code == 403


def test_reciprocity_counts_both_sides_of_every_pair(
    hub, busy, penerima, publish_rows, make_client, give
):
    back = penerima("BERBAGI", "balik", "bappeda")
    publish_rows(back)
    taker = make_client("analyst", "bpbj")
    give(taker, back)
    assert taker.get(f"/api/v1/datasets/{back}/rows?limit=2").status_code == 200
    pairs = make_client("rw", "setda").get("/api/v1/reciprocity").json()["items"]
    (pair,) = [p for p in pairs if (p["first"], p["second"]) == ("bappeda", "bpbj")]
    assert pair["first_gives"] == {"datasets": 1, "grants": 1, "reads": 1, "rows": 2}
    assert pair["second_gives"]["grants"] == 1
    assert pair["second_gives"]["reads"] == 5
    (open_pair,) = [p for p in pairs if (p["first"], p["second"]) == ("bkad", "bpbj")]
    assert open_pair["second_gives"] == {"datasets": 0, "grants": 0, "reads": 1, "rows": 4}
    assert make_client().get("/api/v1/reciprocity").status_code == 403
