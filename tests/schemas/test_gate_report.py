"""The report for people, and the way back of a corrected workbook."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schemas.gate.report import as_csv, as_xlsx

STEPS: list[dict[str, Any]] = [
    {"step": "rename", "columns": {"KODE": "kode", "Jumlah Barang": "jumlah"}},
    {"step": "number", "columns": ["nilai"], "locale": "id"},
]
TEXT = (
    "KODE;Jumlah Barang;nilai;tanggal;ket\n"
    "0001;1;1.234,56;2025-10-03;baik\n"
    "12;2;2,5;;kode terlalu pendek\n"
    "0003;tiga;;;=1+1\n"
    "0004;4;empat;2025-13-01;\n"
    "0005;5\n"
    "0006;6;;;@SUM\n"
    "0006;7;;;\n"
)


@pytest.fixture
def verdict(gate: Any) -> Any:
    return gate(TEXT, steps=STEPS)


def test_the_report_goes_from_summary_to_rule_to_row(verdict: Any) -> None:
    report = json.loads(verdict.report_file.read_text())
    assert list(report)[:4] == ["report", "schema", "file", "status"]
    assert report["counts"] == {
        "rows": 7,
        "accepted": 1,
        "rejected": 6,
        "errors": 7,
        "warnings": 0,
        "merged": 0,
    }
    assert report["file"] == {"sha256": verdict.sha256, "format": "csv"}
    by_rule = {(b["column"], b["rule"]): b["count"] for b in report["by_rule"]}
    assert by_rule == {
        ("kode", "kunci-ganda"): 2,
        ("kode", "pattern"): 1,
        ("jumlah", "type"): 1,
        ("nilai", "type"): 1,
        ("tanggal", "format"): 1,
        ("", "baris-tidak-utuh"): 1,
    }
    row = report["rows"][0]
    assert row["row"] == 3
    assert row["key"] == {"kode": "12"}
    assert row["record"]["KODE"] == "12"
    assert row["errors"][0]["expected"] == "^[0-9]{4}$"


@pytest.mark.parametrize(("lang", "heading"), [("id", "pesan"), ("en", "message")])
def test_the_csv_has_a_line_per_error_and_no_formula(
    paket: Any, verdict: Any, lang: str, heading: str
) -> None:
    text = b"".join(as_csv(paket, verdict.report_file, verdict.quarantine_file, lang)).decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert heading in rows[0]
    assert len(rows) == verdict.errors
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row.values())


def test_header_errors_are_in_the_csv_too(gate: Any, paket: Any) -> None:
    verdict = gate("kode\n0001\n")
    text = b"".join(as_csv(paket, verdict.report_file, verdict.quarantine_file, "en")).decode(
        "utf-8-sig"
    )
    assert "kolom-wajib-hilang" in text


def test_the_workbook_shows_bad_cells_red_with_a_comment(
    verdict: Any, paket: Any, tmp_path: Path
) -> None:
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out, "id")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Ringkasan", "Baris ditolak"]
    sheet = book["Baris ditolak"]
    header = [cell.value for cell in sheet[1]]
    assert header == ["#baris", "#kesalahan", "KODE", "Jumlah Barang", "nilai", "tanggal", "ket"]
    bad = sheet["C2"]
    assert (bad.value, bad.fill.start_color.rgb) == ("12", "FFF8D0CC")
    assert bad.comment is not None
    assert "4 angka" in bad.comment.text
    assert sheet["D2"].fill.start_color.rgb != "FFF8D0CC"
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}


def test_a_workbook_corrected_in_place_can_be_sent_back_as_it_is(
    gate: Any, verdict: Any, paket: Any, accepted: Any, rejected: Any, tmp_path: Path
) -> None:
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out, "en")
    again = gate(out, "xlsx", STEPS)
    before = {(e["column"], e["rule"]) for e in _errors(verdict) if e["rule"] != "baris-tidak-utuh"}
    assert {(b.column, b.rule) for b in again.by_rule} == before
    book = openpyxl.load_workbook(out)
    sheet = book["Rejected rows"]
    for row in sheet.iter_rows(min_row=2):
        if row[2].value == "12":
            row[2].value = "0012"
        if row[3].value == "tiga":
            row[3].value = "3"
        if row[4].value == "empat":
            row[4].value, row[5].value = "4.000,5", "2025-12-01"
        if row[3].value == "7":
            row[2].value = "0007"
    book.save(out)
    corrected = gate(out, "xlsx", STEPS)
    assert corrected.clean
    rows = {row["kode"]: row for row in accepted(corrected)}
    assert sorted(rows) == ["0003", "0004", "0006", "0007", "0012"]
    assert rows["0004"]["nilai"] == 4000.5
    assert rows["0003"]["ket"] == "=1+1"


def _errors(verdict: Any) -> list[dict[str, Any]]:
    lines = verdict.quarantine_file.read_text().splitlines()
    return [error for line in lines for error in json.loads(line)["errors"]]


def test_rejected_json_records_come_back_through_a_workbook(
    gate: Any, paket: Any, tmp_path: Path
) -> None:
    lines = '{"kode": "1", "jumlah": 1, "aktif": true, "daftar": [1, 2], "nilai": 1.25}\n'
    verdict = gate(lines, "ndjson")
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out)
    again = gate(out, "xlsx")
    assert [(b.column, b.rule) for b in again.by_rule] == [("kode", "pattern")]
