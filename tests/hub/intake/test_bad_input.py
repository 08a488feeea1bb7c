"""Input that is not as agreed gets a clear answer, and nothing of what was published is lost."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

Rows = list[dict[str, Any]]
Writes = Callable[[Rows], bytes]
DATASET = "/api/v1/datasets/bpbj/paket-nontender"
URL = DATASET + "/batches?mode=upsert"
CSV = {"Content-Type": "text/csv"}
JSON = {"Content-Type": "application/json"}
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@pytest.fixture
def published(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> TestClient:
    """A steward whose dataset has release 1 with twenty packages."""
    make_dataset()
    headers = {"Content-Type": "application/x-ndjson"}
    assert steward.post(URL, content=ndjson(rows[:20]), headers=headers).status_code == 201
    return steward


def refused(steward: TestClient, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """The problem of a push that must be refused and must leave release 1 the latest."""
    answer = steward.post(URL, content=body, headers=headers)
    assert answer.status_code in (413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    releases = steward.get(DATASET + "/releases").json()["items"]
    assert [release["number"] for release in releases] == [1]
    problem: dict[str, Any] = answer.json()
    return problem


def rules(problem: dict[str, Any]) -> set[str]:
    return {found["rule"] for found in problem["report"]["by_rule"]}


def test_a_wrong_header_names_the_column_and_the_nearest_known_one(
    published: TestClient, rows: Rows, csv_of: Writes
) -> None:
    body = csv_of(rows[:3]).replace(b"nama_paket", b"nama_pakett", 1)
    problem = refused(published, body, CSV)
    assert "nama_pakett" in problem["detail"]
    assert "nama_paket" in problem["detail"].replace("nama_pakett", "")


def test_a_ragged_line_of_csv_is_named_by_its_number(
    published: TestClient, rows: Rows, csv_of: Writes
) -> None:
    lines = csv_of(rows[:5]).split(b"\r\n")
    lines[3] += b",sel lebih"
    problem = refused(published, b"\r\n".join(lines), CSV)
    assert "baris-tidak-utuh" in rules(problem)
    assert problem["report"]["rows"][0]["row"] == 4  # the header is line 1, as in Excel


def test_bytes_that_are_no_text_are_named_where_they_are(
    published: TestClient, rows: Rows, csv_of: Writes
) -> None:
    body = csv_of(rows[:3]).replace(b"Belanja", b"Bel\x81anja\x9d", 1)
    answer = published.post(URL, content=body, headers=CSV)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_number_in_a_text_column_of_a_workbook_is_an_error_that_says_what_to_do(
    published: TestClient, rows: Rows
) -> None:
    row = {**rows[0], "kd_satker": 13422093}
    problem = refused(published, workbook([row]), XLSX)
    assert "sel-angka" in rules(problem)
    assert problem["report"]["by_rule"][0]["column"] == "kd_satker"


def workbook(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_truncated_workbook_is_refused(published: TestClient, rows: Rows) -> None:
    whole = workbook(rows[:20])
    refused(published, whole[: len(whole) // 2], XLSX)


def test_a_zip_bomb_is_refused_without_being_unpacked(published: TestClient) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    refused(published, bomb.getvalue(), XLSX)


def test_json_nested_two_hundred_thousand_deep_is_refused(published: TestClient) -> None:
    refused(published, b"[" * 200_000 + b"]" * 200_000, JSON)


def test_the_same_key_twice_in_one_batch_refuses_both_rows(
    published: TestClient, rows: Rows
) -> None:
    twice = [rows[30], {**rows[30], "pagu": 1}]
    problem = refused(published, json.dumps(twice).encode(), JSON)
    assert rules(problem) == {"kunci-ganda"}
    assert problem["report"]["counts"]["rejected"] == 2


def test_a_key_twice_in_one_object_of_json_is_refused(published: TestClient, rows: Rows) -> None:
    text = json.dumps([rows[30]]).replace('"pagu":', '"pagu": 1, "pagu":', 1)
    refused(published, text.encode(), JSON)


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    make_dataset: Callable[..., Any], steward: TestClient
) -> None:
    make_dataset()
    answer = steward.post(URL, content=b"x", headers={"Content-Length": str(10 * 1024**3)})
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


def test_an_unknown_schema_version_is_named(make_client: Callable[..., TestClient]) -> None:
    walidata = make_client("walidata", "dkisp")
    wanted = {
        "agency": "dkisp",
        "slug": "coba",
        "title": "Coba",
        "schema": {"name": "lkpp/nontender-pengumuman", "version": "9.9.9"},
    }
    answer = walidata.post("/api/v1/datasets", json=wanted)
    assert answer.status_code in (404, 422)
    assert "9.9.9" in answer.json()["detail"]


def left_behind(home: Path) -> list[Path]:
    work = home / "work"
    return [path for path in work.rglob("*") if path.is_file()] if work.exists() else []


def test_refused_bodies_leave_nothing_in_the_work_folder(
    published: TestClient, settings: Any, rows: Rows
) -> None:
    refused(published, workbook(rows[:20])[:500], XLSX)
    assert left_behind(settings.home) == []
