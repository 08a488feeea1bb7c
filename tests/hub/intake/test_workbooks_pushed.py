"""Workbooks over HTTP: what the media type says, which sheet and header row, also when judged later."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.intake import waiting
from hub.standards import service as standards
from tests.schemas.workbooks import make

Rows = list[dict[str, Any]]
URL = "/api/v1/datasets/bpbj/paket-nontender/batches"
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@pytest.fixture
def book(tmp_path: Path, rows: Rows) -> Callable[[str], bytes]:
    """Two sheets of packages, each under a row with a title."""

    def write(form: str) -> bytes:
        head = [["Daftar paket (sintetis)"], list(rows[0])]
        sheets = {
            "Lama": [*head, *(list(row.values()) for row in rows[:2])],
            "Baru": [*head, *(list(row.values()) for row in rows[:5])],
        }
        return make(tmp_path, form, sheets).read_bytes()

    return write


@pytest.mark.parametrize("form", sorted(TYPES))
def test_sheet_and_header_row_are_query_parameters_and_told_in_the_report(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    book: Callable[[str], bytes],
    form: str,
) -> None:
    make_dataset()
    headers = {"Content-Type": TYPES[form]}
    answer = steward.post(f"{URL}?sheet=Baru&header_row=2", content=book(form), headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["accepted"] == 5
    batch = steward.get(answer.headers["Location"]).json()
    assert batch["format"] == form
    report = steward.get(answer.headers["Location"] + "/errors").json()
    told = {note["code"]: note["value"] for note in report["notes"]}
    assert (told["sheet"], told["header_row"]) == ("Baru", 2)


def test_excel_on_the_sender_s_machine_does_not_make_a_workbook_of_a_csv(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, csv_of: Callable[..., bytes]
) -> None:
    make_dataset()
    headers = {"Content-Type": TYPES["xls"]}
    answer = steward.post(URL, content=csv_of(rows[:3]), headers=headers)
    assert answer.status_code == 201, answer.text
    assert steward.get(answer.headers["Location"]).json()["format"] == "csv"


def test_the_choice_is_kept_for_a_batch_that_is_judged_later(
    hub: TestClient,
    make_dataset: Callable[..., Any],
    steward: TestClient,
    book: Callable[[str], bytes],
) -> None:
    make_dataset()
    headers = {"Content-Type": TYPES["xlsx"], "Prefer": "respond-async"}
    answer = steward.post(f"{URL}?sheet=Baru&header_row=2", content=book("xlsx"), headers=headers)
    assert answer.status_code == 202, answer.text
    assert isinstance(hub.app, FastAPI)
    assert waiting.work_off(hub.app.state.intake, find_document=standards.find) == 1
    job = steward.get(answer.headers["Location"]).json()
    assert job["result"]["accepted"] == 5, job


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sheet=Tiada", "Lama, Baru"),
        ("header_row=40", "40"),
        ("header_row=0", "header_row"),
        ("format=csv&sheet=Baru", "buku kerja"),
    ],
)
def test_a_choice_that_cannot_be_kept_is_answered_with_what_there_is(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    book: Callable[[str], bytes],
    query: str,
    words: str,
) -> None:
    make_dataset()
    answer = steward.post(f"{URL}?{query}", content=book("xlsx"))
    assert answer.status_code == 422, answer.text
    assert words in answer.text
