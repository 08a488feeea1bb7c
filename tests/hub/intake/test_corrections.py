"""Corrected rows are sent back against the batch that left them aside, once each, in whatever way they came."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from hub.db import unit_of_work
from hub.intake import quarantines, waiting
from hub.intake.models import Mending
from hub.ledger.models import LedgerEntry
from hub.standards import service as standards

Rows = list[dict[str, Any]]
Writes = Callable[[Rows], bytes]
DATASET = "/api/v1/datasets/bpbj/paket-nontender"
URL = DATASET + "/batches"
NDJSON = {"Content-Type": "application/x-ndjson"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD = {2: ("pagu", "Rp dua juta"), 5: ("kd_nontender", "abc"), 7: ("pagu", "tiga")}


def broken(rows: Rows) -> Rows:
    """Ten rows, three of them wrong."""
    changed = [dict(row) for row in rows[:10]]
    for index, (column, value) in BAD.items():
        changed[index][column] = value
    return changed


@pytest.fixture
def partial(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, csv_of: Writes
) -> Callable[..., dict[str, Any]]:
    """A published batch of which three rows were put aside."""

    def push(mode: str = "upsert", body: bytes | None = None) -> dict[str, Any]:
        make_dataset()
        answer = steward.post(
            f"{URL}?mode={mode}&on_error=quarantine",
            content=body or csv_of(broken(rows)),
            headers={"Content-Type": "text/csv"},
        )
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        assert (said["accepted"], said["rejected"]) == (7, 3)
        return said

    return push


def counts(steward: TestClient, batch: str) -> tuple[int, int, int]:
    """Open, mended, given up."""
    said = steward.get(f"{URL}/{batch}").json()
    return said["open_rows"], said["mended_rows"], said["given_up_rows"]


def workbook(steward: TestClient, batch: str) -> Any:
    return openpyxl.load_workbook(
        io.BytesIO(steward.get(f"{URL}/{batch}/errors?format=xlsx").content)
    )


def mend(book: Any, rows: Rows, indexes: set[int]) -> bytes:
    """Write the right values into the red cells of some rows, by their number in the first file."""
    sheet = book.worksheets[1]
    names = {cell.column: cell.value for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        index = int(row[0].value) - 2
        for cell in row[2:]:
            if index in indexes and cell.fill.start_color.rgb == "FFF8D0CC":
                cell.value = str(rows[index][str(names[cell.column])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def correct(steward: TestClient, batch: str, content: bytes, **said: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {"corrects": batch, **said}.items())
    kind = said.get("format", "xlsx")
    media = {"xlsx": XLSX, "csv": "text/csv", "ndjson": NDJSON["Content-Type"]}[kind]
    return steward.post(f"{URL}?{query}", content=content, headers={"Content-Type": media})


def released(steward: TestClient) -> set[int]:
    items = steward.get(f"{DATASET}/rows?limit=100").json()["items"]
    return {int(item["kd_nontender"]) for item in items}


@pytest.mark.parametrize("mode", ["append", "upsert", "replace"])
def test_a_corrected_workbook_adds_its_rows_and_closes_the_quarantine(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows, mode: str
) -> None:
    batch = partial(mode)["batch"]
    assert counts(steward, batch) == (3, 0, 0)
    answer = correct(steward, batch, mend(workbook(steward, batch), rows, {2, 5, 7}))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (3, 0)
    assert counts(steward, batch) == (0, 3, 0)
    correction = steward.get(f"{URL}/{answer.json()['batch']}").json()
    assert correction["corrects"] == batch
    assert correction["mode"] == {"append": "append"}.get(mode, "upsert")
    assert released(steward) == {int(row["kd_nontender"]) for row in rows[:10]}


def test_rows_still_wrong_stay_open_and_keep_their_first_number(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    first = correct(
        steward, batch, mend(workbook(steward, batch), rows, {2}), on_error="quarantine"
    ).json()
    assert (first["accepted"], first["rejected"]) == (1, 2)
    assert counts(steward, batch) == (2, 1, 0)
    assert counts(steward, first["batch"]) == (0, 0, 0)
    book = workbook(steward, first["batch"])
    assert [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)] == ["7", "9"]
    second = correct(steward, first["batch"], mend(book, rows, {5, 7})).json()
    assert counts(steward, batch) == (0, 3, 0)
    assert steward.get(f"{URL}/{second['batch']}").json()["corrects"] == batch


def test_the_workbook_of_a_batch_holds_only_what_is_not_mended_yet(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    sent = mend(workbook(steward, batch), rows, {2})
    correct(steward, batch, sent, on_error="quarantine")
    left = workbook(steward, batch).worksheets[1].iter_rows(min_row=2, max_col=1)
    assert [row[0].value for row in left] == ["7", "9"]
    csv_rows = steward.get(f"{URL}/{batch}/errors?format=csv-rows").content.decode("utf-8-sig")
    assert [row["#baris"] for row in csv.DictReader(io.StringIO(csv_rows))] == ["7", "9"]
    again = correct(steward, batch, sent, on_error="quarantine")
    assert again.status_code == 201
    assert counts(steward, batch) == (2, 1, 0)


def test_rows_without_numbers_are_known_by_their_key(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    batch = partial()["batch"]
    answer = correct(steward, batch, ndjson([rows[2], rows[7]]), format="ndjson")
    assert answer.status_code == 201, answer.text
    assert counts(steward, batch) == (1, 2, 0)


def test_a_correction_that_is_refused_changes_nothing(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    answer = correct(steward, batch, mend(workbook(steward, batch), rows, {2}))
    assert answer.status_code == 422
    assert counts(steward, batch) == (3, 0, 0)
    numbers = workbook(steward, answer.json()["batch"]).worksheets[1]
    assert [row[0].value for row in numbers.iter_rows(min_row=2)] == ["7", "9"]


def test_the_same_correction_sent_twice_counts_once(
    partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    content = mend(workbook(steward, batch), rows, {2, 5, 7})
    headers = {"Content-Type": XLSX, "Idempotency-Key": "perbaikan-1"}
    answers = [
        steward.post(f"{URL}?corrects={batch}", content=content, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert counts(steward, batch) == (0, 3, 0)


def test_a_correction_may_be_judged_later(
    hub: TestClient, partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial("replace")["batch"]
    content = mend(workbook(steward, batch), rows, {2, 5, 7})
    headers = {"Content-Type": XLSX, "Prefer": "respond-async"}
    answer = steward.post(f"{URL}?corrects={batch}", content=content, headers=headers)
    assert answer.status_code == 202
    assert isinstance(hub.app, FastAPI)
    waiting.work_off(hub.app.state.intake, find_document=standards.find)
    assert counts(steward, batch) == (0, 3, 0)
    assert len(released(steward)) == 10


def test_what_nobody_will_correct_is_given_up_with_a_reason(
    hub: TestClient, partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    correct(steward, batch, mend(workbook(steward, batch), rows, {2}), on_error="quarantine")
    at = f"{URL}/{batch}/give-up"
    assert steward.post(at, json={"reason": ""}).status_code == 422
    said = steward.post(at, json={"reason": "Paket dibatalkan"}).json()
    assert (said["open_rows"], said["mended_rows"], said["given_up_rows"]) == (0, 1, 2)
    assert (said["given_up_code"], said["given_up_why"]) == ("said", "Paket dibatalkan")
    assert steward.post(at, json={"reason": "Paket dibatalkan"}).status_code == 409
    refused = correct(steward, batch, b"kd_nontender\n1\n", format="csv")
    assert refused.status_code == 409
    assert isinstance(hub.app, FastAPI)
    with Session(hub.app.state.engine) as session:
        entries = session.exec(
            select(LedgerEntry.body).where(col(LedgerEntry.kind).like("quarantine.%"))
        ).all()
    told = {entry["kind"]: entry["counts"] for entry in map(_entry, entries)}
    assert told == {
        "quarantine.mended": {"mended": 1, "open": 2},
        "quarantine.given-up": {"given_up": 2},
    }


def _entry(body: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body) if isinstance(body, str | bytes) else body
    return found


def test_a_batch_that_replaces_everything_closes_the_quarantines_before_it(
    partial: Callable[..., dict[str, Any]],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
) -> None:
    batch = partial("replace")["batch"]
    steward.post(f"{URL}?mode=replace", content=ndjson(rows[:10]), headers=NDJSON)
    assert counts(steward, batch) == (0, 0, 3)
    assert correct(steward, batch, b"a\n1\n", format="csv").status_code == 409
    said = steward.get(f"{URL}/{batch}").json()
    closing = steward.get(URL).json()[0]["batch"]
    assert (said["given_up_code"], said["given_up_facts"]) == ("superseded", {"batch": closing})
    assert said["given_up_why"].startswith(f"Digantikan oleh kiriman {closing}")
    english = steward.get(f"{URL}/{batch}?lang=en").json()
    assert english["given_up_why"].startswith(f"Superseded by batch {closing}")


def test_a_correction_names_a_batch_of_its_own_dataset_with_rows_open(
    partial: Callable[..., dict[str, Any]],
    make_client: Callable[..., TestClient],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
) -> None:
    batch = partial()["batch"]
    assert correct(steward, "f" * 32, b"a\n1\n", format="csv").status_code == 404
    assert correct(steward, batch, b"a\n1\n", format="csv", mode="replace").status_code == 422
    stranger = make_client("steward", "bkad")
    assert correct(stranger, batch, b"a\n1\n", format="csv").status_code == 403
    whole = steward.post(f"{URL}?mode=upsert", content=ndjson(rows[:3]), headers=NDJSON).json()
    assert correct(steward, whole["batch"], b"a\n1\n", format="csv").status_code == 409
    refused = steward.post(
        f"{URL}?mode=upsert", content=ndjson([{**rows[0], "pagu": "x"}]), headers=NDJSON
    )
    assert correct(steward, refused.json()["batch"], b"a\n1\n", format="csv").status_code == 409


def test_bits_of_rows_are_packed_and_counted() -> None:
    rows = {1, 8, 9, 4_000_000}
    field = quarantines.bits(rows)
    assert field.bit_count() == 4
    assert quarantines.unpacked(quarantines.packed(field)) == field
    assert len(quarantines.packed(field)) < 1_000


def test_mending_the_same_rows_twice_is_counted_once(
    hub: TestClient, partial: Callable[..., dict[str, Any]], steward: TestClient, rows: Rows
) -> None:
    batch = partial()["batch"]
    correct(steward, batch, mend(workbook(steward, batch), rows, {2, 5}), on_error="quarantine")
    assert isinstance(hub.app, FastAPI)
    with unit_of_work(hub.app.state.engine) as session:
        found = session.get(Mending, batch)
        assert found is not None
        assert quarantines.unpacked(found.rows) == (1 << 4) | (1 << 7)
