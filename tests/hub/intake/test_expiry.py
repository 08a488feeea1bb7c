"""Rejected rows go after their time; what they were counted as stays."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from hub.calendar import real_now
from hub.intake import expiry, keeping
from hub.intake.models import Batch
from hub.settings import Settings

Rows = list[dict[str, Any]]
URL = "/api/v1/datasets/bpbj/paket-nontender/batches"
NDJSON = {"Content-Type": "application/x-ndjson"}
CANARY = "9999990101000000"


def test_rows_go_after_their_time_and_counts_and_rules_stay(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> None:
    make_dataset()
    bad = [rows[0], {**rows[1], "pagu": CANARY}, {**rows[2], CANARY: 1}]
    at = f"{URL}?mode=upsert&on_error="
    partial = steward.post(f"{at}quarantine", content=ndjson(bad), headers=NDJSON).json()["batch"]
    refused = steward.post(f"{at}reject", content=ndjson(bad), headers=NDJSON).json()["batch"]
    headless = steward.post(
        f"{at}reject", content=f"{CANARY},b\n1,2\n", headers={"Content-Type": "text/csv"}
    ).json()["batch"]
    assert isinstance(steward.app, FastAPI)
    engine, ledger = steward.app.state.engine, steward.app.state.intake.ledger
    left = timedelta(days=settings.quarantine_days)
    early = real_now() + left - timedelta(minutes=5)
    assert expiry.drop_old(engine, settings, ledger, now=early) == 0
    late = real_now() + left + timedelta(minutes=5)
    assert expiry.drop_old(engine, settings, ledger, now=late) == 3
    assert expiry.drop_old(engine, settings, ledger, now=late) == 0

    for batch in (partial, refused, headless):
        folder = keeping.folder(settings, batch)
        assert [item.name for item in folder.iterdir()] == [keeping.REPORT]
        report = json.loads((folder / keeping.REPORT).read_text())
        assert CANARY not in json.dumps(report)
        assert report["rows"] == report["header_errors"] == []
        assert steward.get(f"{URL}/{batch}/errors").status_code == 200
        assert steward.get(f"{URL}/{batch}/errors?format=xlsx").status_code == 404
    report = json.loads((keeping.folder(settings, partial) / keeping.REPORT).read_text())
    assert report["counts"]["rejected"] == 2
    assert {rule["rule"]: rule["count"] for rule in report["by_rule"]}["type"] == 1
    said = steward.get(f"{URL}/{partial}").json()
    assert (said["open_rows"], said["given_up_rows"]) == (0, 2)
    assert said["given_up_why"] == expiry.WHY
    again = steward.post(f"{URL}?corrects={partial}", content=ndjson(rows[1:2]), headers=NDJSON)
    assert again.status_code == 409


def test_a_removal_that_was_killed_half_way_is_finished_the_next_time(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> None:
    make_dataset()
    bad = [rows[0], {**rows[1], "pagu": "x"}]
    batch = steward.post(
        f"{URL}?mode=upsert&on_error=quarantine", content=ndjson(bad), headers=NDJSON
    ).json()["batch"]
    (keeping.folder(settings, batch) / keeping.QUARANTINE).unlink()
    refused = steward.post(f"{URL}?corrects={batch}", content=ndjson(rows[1:2]), headers=NDJSON)
    assert refused.status_code == 409
    assert isinstance(steward.app, FastAPI)
    engine, ledger = steward.app.state.engine, steward.app.state.intake.ledger
    late = real_now() + timedelta(days=settings.quarantine_days, minutes=5)
    assert expiry.drop_old(engine, settings, ledger, now=late) == 1
    with Session(engine) as session:
        assert session.get_one(Batch, batch).quarantine_dropped_at is not None
