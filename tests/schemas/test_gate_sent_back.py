"""Rejected rows are read page by page, and come back corrected in whatever way they were written."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schemas.document import SchemaDocument
from schemas.gate.limits import Limits
from schemas.gate.mending import mending_of
from schemas.gate.quarantine import head_of, part_of, rows_of
from schemas.gate.received import decimal_commas, renamed
from schemas.gate.report import as_csv, as_xlsx, rows_as_csv

STEPS: list[dict[str, Any]] = [
    {"step": "rename", "columns": {"KODE": "kode", "Jumlah": "jumlah", "Nilai": "nilai"}},
    {"step": "locale", "profile": "id"},
    {"step": "date", "columns": ["tanggal"], "forms": ["id-date"], "to": "date"},
]


def corrected(path: Path, changes: dict[str, str], key: str = "KODE") -> None:
    """Write over the red cells of the second sheet, by column."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    names = {cell.column: cell.value for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2, min_col=3):
        for cell in row:
            if cell.fill.start_color.rgb == "FFF8D0CC":
                cell.value = changes[str(names[cell.column])]
    book.save(path)


def test_typed_cells_come_back_in_the_dataset_s_own_notation(
    gate: Any, paket: SchemaDocument, accepted: Any, tmp_path: Path
) -> None:
    sent = tmp_path / "kiriman.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["KODE", "Jumlah", "Nilai", "tanggal"])
    sheet.append(["12", 7, 234.567, date(2025, 12, 31)])
    book.save(sent)
    verdict = gate(sent, "xlsx", STEPS)
    assert (verdict.rejected, verdict.accepted) == (1, 0)
    cells = head_of(verdict.report_file)["cells"]
    assert cells == {"kode": "A", "jumlah": "B", "nilai": "C", "tanggal": "D"}
    errors = b"".join(as_csv(paket, verdict.report_file, verdict.quarantine_file)).decode()
    assert errors.splitlines()[1].endswith(",galat,A2")
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out)
    corrected(out, {"KODE": "0012"})
    again = gate(out, "xlsx", STEPS)
    assert again.clean
    row = accepted(again)[0]
    assert (row["kode"], row["jumlah"], row["nilai"]) == ("0012", 7, 234.567)
    assert row["tanggal"] == date(2025, 12, 31)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_rejected_rows_come_back_as_csv_too(
    gate: Any, paket: SchemaDocument, accepted: Any, lang: str
) -> None:
    text = 'KODE;Jumlah;Nilai;tanggal;ket\n1;2;1.234,5;31/12/2025;"=a;b"\n0002;2;1,5;3/10/2025;\n'
    verdict = gate(text, steps=STEPS)
    assert verdict.accepted == 1
    back = b"".join(rows_as_csv(paket, verdict.report_file, verdict.quarantine_file, lang))
    rows = list(csv.DictReader(io.StringIO(back.decode("utf-8-sig"))))
    assert rows[0]["#baris"] == "2"
    assert rows[0]["ket"] == "=a;b"
    again = gate(back.replace(b",1,2,", b",0001,2,", 1), "csv", STEPS)
    assert again.clean
    assert accepted(again)[0]["nilai"] == 1234.5
    assert accepted(again)[0]["tanggal"] == date(2025, 12, 31)


def test_a_column_that_no_rejected_row_has_is_there_to_be_filled(
    gate: Any, paket: SchemaDocument, tmp_path: Path
) -> None:
    verdict = gate('{"kode": "0001", "nilai": 1.5}\n', "ndjson")
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out)
    sheet = openpyxl.load_workbook(out).worksheets[1]
    assert [cell.value for cell in sheet[1]][2:] == ["kode", "nilai", "jumlah"]
    assert sheet["E2"].fill.start_color.rgb == "FFF8D0CC"
    corrected(out, {"jumlah": "3"})
    assert gate(out, "xlsx").clean


def test_a_property_the_schema_does_not_allow_is_told_and_gets_no_column(
    gate: Any, paket: SchemaDocument, tmp_path: Path
) -> None:
    verdict = gate('{"kode": "0001", "jumlah": 1, "liar": "isi"}\n', "ndjson")
    out = tmp_path / "laporan.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out)
    sheet = openpyxl.load_workbook(out).worksheets[1]
    assert [cell.value for cell in sheet[1]][2:] == ["kode", "jumlah"]
    assert "isi" in sheet["B2"].value
    assert gate(out, "xlsx").clean


def test_rows_beyond_the_details_have_sentences_when_they_are_read(
    gate: Any, paket: SchemaDocument
) -> None:
    text = "kode,jumlah\n" + "".join(f"x{n},1\n" for n in range(30))
    verdict = gate(text, limits=Limits(rows_detailed=10))
    lines = verdict.quarantine_file.read_text().splitlines()
    assert "message_id" in json.loads(lines[9])["errors"][0]
    assert "message_id" not in json.loads(lines[10])["errors"][0]
    told = list(rows_of(paket, verdict.quarantine_file))
    assert told[20]["errors"][0]["message_id"].startswith("Kolom kode berisi “x20”")
    head = head_of(verdict.report_file, 3)
    assert [row["row"] for row in head["rows"]] == [2, 3, 4]
    assert head["truncated"] == {"rows_detailed": 10, "rows_rejected": 30}
    assert len(json.loads(verdict.report_file.read_text())["rows"]) == 10


def test_rejected_rows_are_paged_and_filtered_by_column_and_rule(
    gate: Any, paket: SchemaDocument
) -> None:
    text = "kode,jumlah\n" + "".join(f"x{n},{'a' if n % 3 == 0 else 1}\n" for n in range(30))
    verdict = gate(text)
    seen, after = [], 0
    for _ in range(3):
        part = part_of(paket, verdict.quarantine_file, after=after or 0, most=10)
        seen += [row["row"] for row in part.rows]
        after = part.after
    assert seen == list(range(2, 32))
    part = part_of(paket, verdict.quarantine_file, column="jumlah", rule="type", most=4)
    assert [row["row"] for row in part.rows] == [2, 5, 8, 11]
    rest = part_of(paket, verdict.quarantine_file, after=part.after or 0, rule="type", most=90)
    assert [row["row"] for row in rest.rows] == [14, 17, 20, 23, 26, 29]
    assert rest.after is None
    for nonsense in (7, 10**9):
        first = part_of(paket, verdict.quarantine_file, after=nonsense, most=1).rows
        assert [row["row"] for row in first] in ([2], [])


def test_a_workbook_says_when_it_holds_the_first_rows_only(
    gate: Any, paket: SchemaDocument, tmp_path: Path
) -> None:
    verdict = gate("kode,jumlah\n" + "x,1\n" * 5)
    out = tmp_path / "laporan.xlsx"
    limits = Limits(sheet_rows=3, comments=2)
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, out, limits=limits)
    book = openpyxl.load_workbook(out)
    assert book.worksheets[1].max_row == 4
    notes = [row[0].value or "" for row in book.worksheets[0].iter_rows(max_row=8)]
    assert any("3 baris pertama" in note for note in notes)
    assert any("2 sel merah pertama" in note for note in notes)
    wanted = tmp_path / "sebagian.xlsx"
    as_xlsx(paket, verdict.report_file, verdict.quarantine_file, wanted, wanted={3, 6}.__contains__)
    rows = openpyxl.load_workbook(wanted).worksheets[1].iter_rows(min_row=2, max_col=1)
    assert [row[0].value for row in rows] == ["3", "6"]


def test_half_a_surrogate_pair_is_kept_as_it_was_sent(gate: Any, rejected: Any) -> None:
    verdict = gate('{"kode": "\\ud800", "jumlah": 1}\n', "ndjson")
    if verdict.rejected and verdict.by_rule[0].rule == "pattern":
        assert rejected(verdict)[0]["record"]["kode"] == "\ud800"


def test_an_extra_column_or_the_key_shows_no_personal_value_in_examples(
    gate: Any, document_of: Callable[..., SchemaDocument]
) -> None:
    canary = "9999990101000000"
    document = document_of(
        {
            "tahun": {"type": "integer"},
            "nik": {"type": "string", "x-data-pribadi": "spesifik", "pattern": "^[0-9]{16}$"},
        },
        **{"x-kunci": ["tahun", "nik"], "not": {"required": ["tutup"]}},
    )
    row = {"tahun": 2025, "nik": canary}
    rows = [row, row, {**row, "ktp": canary}, {"tahun": 1, "nik": f"{canary}0"}]
    lines = "".join(json.dumps(one) + "\n" for one in rows)
    verdict = gate(lines + json.dumps([canary]) + "\n", "ndjson", document=document)
    assert verdict.rejected == 5
    assert canary not in str(verdict.by_rule)


def test_names_and_commas_are_followed_back_to_the_file(paket: SchemaDocument) -> None:
    steps: list[dict[str, Any]] = [
        {"step": "rename", "columns": {"A": "b", "C": "nilai"}},
        {"step": "rename", "columns": {"b": "jumlah"}},
        {"step": "number", "columns": ["jumlah", "nilai"], "locale": "id"},
    ]
    assert renamed(steps) == {"A": "jumlah", "C": "nilai", "b": "jumlah"}
    assert decimal_commas(steps, paket) == ["A", "C"]
    assert decimal_commas([{"step": "number", "columns": "*", "locale": "id"}], paket) == ["*"]


@pytest.mark.parametrize("form", ["ndjson", "json"])
@pytest.mark.parametrize("nested", [False, True])
def test_corrected_records_are_known_by_their_number_as_rows_of_a_table_are(
    gate: Any,
    document_of: Callable[..., SchemaDocument],
    tmp_path: Path,
    form: str,
    nested: bool,
) -> None:
    kinds = {"a": {"type": "string"}, "n": {"type": "integer"}}
    document = document_of({**kinds, "l": {"type": "array"}} if nested else kinds)
    first = gate("a,n\nx,1\nx,satu\nx,dua\nx,tiga\nx,empat\n", document=document)
    (tmp_path / "lama").mkdir()
    earlier = first.quarantine_file.rename(tmp_path / "lama" / "q")
    rows: list[Any] = [
        {"#baris": 3, "a": "x", "n": 1},
        {"#baris": "4", "#kesalahan": "apa pun", "a": "x", "n": "masih"},
        {"a": "x", "n": 5},
        {"#baris": 5.5, "a": "x", "n": 5},
        {"#baris": 2, "a": "x", "n": 5},
    ]
    text = json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows))
    verdict = gate(text, form, document=document)
    assert (verdict.accepted, verdict.rejected, verdict.by_rule[0].column) == (4, 1, "n")
    path = tmp_path / f"berkas.{form}"
    found = mending_of(path, form, document, verdict, earlier)
    assert (found.mended, found.still) == ({3}, {2: 4})
    assert head_of(verdict.report_file, 1)["rows"][0]["record"] == {"a": "x", "n": "masih"}


def test_corrected_records_without_a_number_are_known_by_their_key(
    gate: Any, paket: SchemaDocument, tmp_path: Path
) -> None:
    first = gate('{"kode": "0001", "jumlah": "a"}\n{"kode": "0002", "jumlah": "b"}\n', "ndjson")
    earlier = first.quarantine_file.rename(tmp_path / "q")
    verdict = gate('{"kode": "0002", "jumlah": 1}\n', "ndjson")
    found = mending_of(tmp_path / "berkas.ndjson", "ndjson", paket, verdict, earlier)
    assert (found.mended, found.still) == ({2}, {})


def test_a_correction_refused_by_its_header_mends_nothing(
    gate: Any, paket: SchemaDocument, tmp_path: Path
) -> None:
    earlier = gate("kode,jumlah\n0001,a\n").quarantine_file.rename(tmp_path / "q")
    verdict = gate("#baris,kode,asing\n2,0001,1\n")
    assert verdict.header_errors
    found = mending_of(tmp_path / "berkas.csv", "csv", paket, verdict, earlier)
    assert (found.mended, found.still) == (set(), {})
