"""Rejected rows go after their time; what they were counted as stays."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import structlog
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from hub.calendar import real_now
from hub.intake import expiry, keeping
from hub.intake.models import Batch
from hub.settings import Settings

Rows = list[dict[str, Any]]
Push = Callable[..., str]
PAKET, SATKER = "bpbj/paket-nontender", "dkisp/satker"
URL = f"/api/v1/datasets/{PAKET}/batches"
NDJSON = {"Content-Type": "application/x-ndjson"}
CANARY = "9999990101000000"


@pytest.fixture
def drop(steward: TestClient, settings: Settings) -> Callable[..., int]:
    """What the worker does each hour, so many minutes after the time of what came now is over."""
    assert isinstance(steward.app, FastAPI)
    state = steward.app.state

    def at(minutes: int = 5) -> int:
        now: datetime = real_now() + timedelta(days=settings.quarantine_days, minutes=minutes)
        return expiry.drop_old(state.engine, settings, state.intake.ledger, now=now)

    return at


def as_it_was(folder: Path) -> None:
    """Write report and quarantine in the form of the first hubs: one line of JSON, rows without key."""
    report = json.loads((folder / keeping.REPORT).read_text())
    del report["counts"]["warnings"]
    for rule in report["by_rule"]:
        del rule["severity"]
    truncated = report.pop("truncated")
    (folder / keeping.REPORT).write_text(json.dumps({**report, "truncated": truncated}))
    lines = (folder / keeping.QUARANTINE).read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        del row["key"]
        for error in row["errors"]:
            del error["schema_path"]
    (folder / keeping.QUARANTINE).write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_rows_go_after_their_time_and_counts_and_rules_stay(
    pushed: Push,
    drop: Callable[..., int],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> None:
    bad = [rows[0], {**rows[1], "pagu": CANARY}, {**rows[2], CANARY: 1}]
    partial, refused = pushed(bad), pushed(bad, "reject")
    headless = pushed(f"{CANARY},b\n1,2\n", "reject")
    assert drop(-5) == 0
    assert drop() == 3
    assert drop() == 0

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
    assert (said["given_up_code"], said["given_up_why"]) == (
        "expired",
        "Masa simpan karantina habis.",
    )
    again = steward.post(f"{URL}?corrects={partial}", content=ndjson(rows[1:2]), headers=NDJSON)
    assert again.status_code == 409


def test_examples_of_what_was_only_warned_of_go_too(
    pushed: Push,
    drop: Callable[..., int],
    make_dataset: Callable[..., Any],
    make_client: Callable[..., TestClient],
    steward: TestClient,
    rows: Rows,
) -> None:
    agencies = make_dataset(SATKER).served()
    keeper = make_client("steward", "dkisp")
    at = f"/api/v1/datasets/{SATKER}/batches"
    assert keeper.post(at, content=agencies, headers=NDJSON).status_code == 201
    batch = pushed([{**rows[0], "kd_satker_str": CANARY}])
    report = steward.get(f"{URL}/{batch}/errors").json()
    assert (report["counts"]["rejected"], report["counts"]["warnings"]) == (0, 1)
    assert CANARY in json.dumps(report["by_rule"])
    assert drop() == 2
    report = steward.get(f"{URL}/{batch}/errors").json()
    assert CANARY not in json.dumps(report)
    assert report["counts"]["warnings"] == 1
    assert steward.get(f"{URL}/{batch}").json()["given_up_rows"] == 0


def test_a_name_that_only_the_file_knew_goes_with_the_note_of_it(
    publish: Callable[..., None], drop: Callable[..., int], steward: TestClient
) -> None:
    publish("bpbj/catatan", {"isi": {}}, additionalProperties=True)
    at = "/api/v1/datasets/bpbj/catatan/batches"
    sent = json.dumps({"isi": "a", CANARY: 1}).encode()
    batch = steward.post(at, content=sent, headers=NDJSON).json()["batch"]
    assert CANARY in json.dumps(steward.get(f"{at}/{batch}/errors").json()["notes"])
    assert drop() == 1
    assert CANARY not in steward.get(f"{at}/{batch}/errors").text


def test_what_the_first_hubs_wrote_is_read_mended_and_expires(
    pushed: Push,
    drop: Callable[..., int],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    tmp_path: Path,
    make_person: Callable[..., Any],
    sign_in: Callable[..., TestClient],
) -> None:
    batch = pushed([rows[0], {**rows[1], "pagu": CANARY}, {**rows[2], "pagu": "dua"}])
    folder = keeping.folder(settings, batch)
    as_it_was(folder)
    browser = sign_in(make_person("steward", "bpbj", password="kata sandi panjang (sintetis)"))
    browser.headers["Accept"] = "text/html"
    for query in ("", "?rule=type&column=pagu"):
        page = browser.get(f"/publikasi/{PAKET}/kiriman/{batch}{query}")
        assert page.status_code == 200
        assert CANARY in page.text
    for form in ("json", "csv", "csv-rows"):
        assert CANARY in steward.get(f"{URL}/{batch}/errors?format={form}").text
    book = tmp_path / "laporan.xlsx"
    book.write_bytes(steward.get(f"{URL}/{batch}/errors?format=xlsx").content)
    numbers = [row[0].value for row in openpyxl.load_workbook(book).worksheets[1].iter_rows()]
    assert numbers == ["#baris", "2", "3"]
    head = ",".join(("#baris", *rows[2]))
    cells = ",".join(("3", *(_cell(value) for value in rows[2].values())))
    mended = steward.post(
        f"{URL}?corrects={batch}",
        content=f"{head}\n{cells}\n",
        headers={"Content-Type": "text/csv"},
    )
    assert mended.status_code == 201, mended.text
    said = steward.get(f"{URL}/{batch}").json()
    assert (said["open_rows"], said["mended_rows"]) == (1, 1)
    assert drop() == 2
    assert CANARY not in (folder / keeping.REPORT).read_text()
    assert browser.get(f"/publikasi/{PAKET}/kiriman/{batch}").status_code == 200


def _cell(value: Any) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def test_a_folder_that_cannot_be_cleared_keeps_no_other_from_it(
    pushed: Push,
    drop: Callable[..., int],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    bad = [rows[0], {**rows[1], "pagu": CANARY}]
    torn, foreign, blocked, whole = (pushed(bad) for _ in range(4))
    reports = [keeping.folder(settings, batch) / keeping.REPORT for batch in (torn, foreign)]
    reports[0].write_text(reports[0].read_text()[:300])
    reports[1].write_text('{"report": "simpul-validation/1"}')
    rows_there = keeping.folder(settings, blocked) / keeping.QUARANTINE
    rows_there.unlink()
    rows_there.mkdir()
    with structlog.testing.capture_logs() as logs:
        assert drop() == 1
    assert CANARY not in (keeping.folder(settings, whole) / keeping.REPORT).read_text()
    for batch in (torn, foreign, blocked):
        assert batch in str(logs)
    assert not (keeping.folder(settings, torn) / keeping.QUARANTINE).exists()
    rows_there.rmdir()
    assert drop() == 1
    assert steward.get(f"{URL}/{blocked}").json()["open_rows"] == 0


def test_a_removal_that_was_killed_half_way_is_finished_the_next_time(
    pushed: Push,
    drop: Callable[..., int],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> None:
    batch = pushed([rows[0], {**rows[1], "pagu": "x"}])
    (keeping.folder(settings, batch) / keeping.QUARANTINE).unlink()
    refused = steward.post(f"{URL}?corrects={batch}", content=ndjson(rows[1:2]), headers=NDJSON)
    assert refused.status_code == 409
    assert drop() == 1
    assert isinstance(steward.app, FastAPI)
    with Session(steward.app.state.engine) as session:
        assert session.get_one(Batch, batch).quarantine_dropped_at is not None
