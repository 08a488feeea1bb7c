"""Every night: live grants really read, ended ones are really refused, and what drifts is told."""

import json
from datetime import timedelta

import pytest
import structlog
from sqlmodel import select

from catalog.models import AccessClass, Dataset
from hub.access import grant_checks, grant_health
from hub.access.decision import decide
from hub.access.reader import reader_of
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.grants.models import Grant
from hub.jobs import Worker
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import put_grant


@pytest.fixture
def grants(hub, penerima, publish_rows):
    """Grants of every kind and state on two datasets, by name."""
    state, now = hub.app.state, real_now()
    filled, empty = penerima("TERBATAS", "satu"), penerima("TERBATAS", "dua")
    publish_rows(filled)
    kinds = {
        "live": {},
        "filtered": {"filter": {"eq": ["kecamatan", "Kuaro"]}, "masks": {"nilai": "hide"}},
        "to verify": {"use": "verify"},
        "limited": {"daily_rows": 1, "may_store": False},
        "expired": {"expires_at": now - timedelta(minutes=1)},
        "revoked": {"revoked_at": now},
        "to come": {"starts_at": now + timedelta(hours=1)},
        "waiting": {"waits_until": now + timedelta(days=1)},
    }
    with unit_of_work(state.engine) as session:
        one, two = session.get_one(Dataset, filled), session.get_one(Dataset, empty)
        made = {
            name: put_grant(session, state.ledger, one, "bappeda", **said).id
            for name, said in kinds.items()
        }
        made["party"] = put_grant(session, state.ledger, one, None).id
        made["empty"] = put_grant(session, state.ledger, two, "bappeda").id
    return made


def check(hub):
    state = hub.app.state
    return grant_health.check_all(reader_of(state.settings, state.engine, state.evidence))


def test_grants_that_do_as_they_say_do_not_drift(hub, grants, make_client):
    found = check(hub)
    assert (found.live, found.ended, found.drift) == (6, 2, [])
    with reading(hub.app.state.engine) as session:
        entries = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "grant.checked")).all()
    bodies = [json.loads(entry.body) for entry in entries]
    assert len(bodies) == 8
    assert {body["actor"]["client"] for body in bodies} == {"simpul"}
    assert sum(body["counts"]["rows"] for body in bodies) == 4
    assert {body["outcome"] for body in bodies} == {"ok"}
    walidata = make_client("walidata", "dkisp")
    told = walidata.get("/api/v1/grants/health").json()
    assert (told["live"], told["ended"], told["drift"]) == (6, 2, [])
    assert make_client("analyst", "bappeda").get("/api/v1/grants/health").status_code == 403
    assert "simpul_grants_drift 0.0" in hub.get("/metrics").text


def test_what_drifts_is_told_to_the_walidata_the_log_and_the_metrics(
    hub, grants, make_client, monkeypatch
):
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Grant, grants["live"]).columns = ["kode"]
        session.get_one(Dataset, "bpbj/dua").access_class = AccessClass.PRIBADI

    def without_end(session, principal, action, dataset, *, now, grant):
        """A decision that does not look at the end of a grant: the fault that this is there to find."""
        return decide(
            session, principal, action, dataset, now=now - timedelta(minutes=5), grant=grant
        )

    monkeypatch.setattr(grant_health, "decide", without_end)
    with structlog.testing.capture_logs() as logs:
        found = check(hub)
    drift = {one["grant"]: one for one in found.drift}
    assert drift.keys() == {grants["live"], grants["empty"], grants["expired"]}
    assert drift[grants["live"]]["found"].startswith("NoGrant")
    assert drift[grants["empty"]]["expected"] == "open"
    assert drift[grants["expired"]]["expected"] == "closed"
    assert drift[grants["expired"]]["found"] == "opens rows, export, query"
    told = make_client("walidata", "dkisp").get("/api/v1/grants/health").json()
    assert told["drift"] == found.drift
    assert "simpul_grants_drift 3.0" in hub.get("/metrics").text
    assert [log.get("kind") for log in logs].count("grant_drift") == 3


def test_the_worker_makes_one_run_a_night(hub, grants):
    worker = Worker(hub.app.state.settings)
    try:
        worker.check_grants()
        worker.check_grants()
    finally:
        worker.judges.close()
        worker.engine.dispose()
    with reading(hub.app.state.engine) as session:
        assert grant_checks.latest(session).live == 6
        assert not grant_checks.is_due(session, now=real_now())
        assert grant_checks.is_due(session, now=real_now() + timedelta(hours=21))
        kinds = session.exec(select(LedgerEntry.kind)).all()
    assert kinds.count("grant.checked") == 8
