"""XLSX, XLS and ODS alike: which sheet, which header row, and cells that say what a person put there."""

import io
import json
import re
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate import Limits
from tests.schemas.workbooks import FAILED, make, ods_of

FORMS = pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])


def notes(verdict: Any) -> dict[str, Any]:
    """What was found out about the workbook; that no code list was given is another matter."""
    return {note.code: note.value for note in verdict.notes if note.code != "codes-unchecked"}


@FORMS
def test_cells_keep_the_type_a_person_gave_them(
    gate: Any, accepted: Any, rejected: Any, tmp_path: Path, form: str
) -> None:
    rows = [
        ["kode", "jumlah", "tanggal", "aktif", "ket"],
        ["0001", 3, date(2025, 10, 3), True, "a  b"],
        [2, 3, None, None, None],
        ["0003", FAILED, None, None, None],
        [None, None, None, None, None],
        ["0005", "7", "2025-10-03", False, None],
        ["0006", 3.5, None, None, None],
        ["0007", 1, datetime(2025, 10, 3, 9, 30), None, None],  # noqa: DTZ001 - no zone there
        ["0008", 1, None, None, "a", "di luar"],
        ["0009", 1, None, None, 12.0],
        ["0010", 1, FAILED, None, None],
    ]
    verdict = gate(make(tmp_path, form, {"Petunjuk": [["Isi saja"]], "Data": rows}), form)
    assert notes(verdict) == {"sheet": "Data", "header_row": 1}
    kept = [(r["kode"], r["jumlah"], r["tanggal"], r["aktif"], r["ket"]) for r in accepted(verdict)]
    assert kept == [
        ("0001", 3, date(2025, 10, 3), True, "a  b"),
        ("0005", 7, date(2025, 10, 3), False, None),
    ]
    found = [(r["row"], r["errors"][0]["rule"], r["errors"][0]["value"]) for r in rejected(verdict)]
    assert found == [
        (3, "sel-angka", 2),
        (4, "sel-galat", "#DIV/0!"),
        (7, "type", 3.5),
        (8, "format", "2025-10-03T09:30:00"),
        (9, "sel-tanpa-judul", "di luar"),
        (10, "sel-angka", 12),
        (11, "sel-galat", "#DIV/0!"),
    ]
    assert "F9" in rejected(verdict)[4]["errors"][0]["message_id"]


UNTIDY = [
    ["PEMERINTAH KABUPATEN (SINTETIS)", None, None],
    ["Daftar paket", None, None],
    [],
    [None, "kode", None, "jumlah"],
    [None, "(1)", None, "(2)"],
    [None, "0001", None, 5],
    [None, "0002", "sisipan", 6],
]


@FORMS
def test_title_rows_above_the_header_and_empty_columns_are_passed_over(
    gate: Any, rejected: Any, accepted: Any, tmp_path: Path, form: str
) -> None:
    verdict = gate(make(tmp_path, form, {"Data": UNTIDY}), form)
    assert notes(verdict) == {"sheet": "Data", "header_row": 4}
    assert "2 baris di atasnya" in next(
        n.message_id for n in verdict.notes if n.code == "header_row"
    )
    assert [r["kode"] for r in accepted(verdict)] == ["0001"]
    assert [(r["row"], r["errors"][0]["rule"]) for r in rejected(verdict)] == [
        (5, "pattern"),
        (7, "sel-tanpa-judul"),
    ]


@FORMS
def test_sheet_and_header_row_are_chosen(
    gate: Any, accepted: Any, tmp_path: Path, form: str
) -> None:
    book = {
        "Lama": [["kode", "jumlah"], ["0001", 1]],
        "Baru": [["kode", "jumlah"], ["kode", "jumlah"], ["0002", 2]],
        "Kosong": [],
    }
    path = make(tmp_path, form, book)
    assert [r["kode"] for r in accepted(gate(path, form))] == ["0001"]
    verdict = gate(path, form, sheet="Baru", header_row=2)
    assert [r["kode"] for r in accepted(verdict)] == ["0002"]
    assert notes(verdict) == {"sheet": "Baru", "header_row": 2}
    for sheet, row, said in (("Tiada", None, "Lama"), ("Baru", 9, "9"), ("Kosong", None, "empty")):
        if form == "ods" and sheet == "Kosong" and row:
            continue
        with pytest.raises(UnreadableFile, match=said):
            gate(path, form, sheet=sheet, header_row=row)


@FORMS
def test_hidden_rows_and_columns_are_read_and_told(
    gate: Any, accepted: Any, tmp_path: Path, form: str
) -> None:
    rows = [["kode", "jumlah", "ket"], ["0001", 1, "a"], ["0002", 2, "b"], ["0003", 3, "c"]]
    path = make(tmp_path, form, {"Data": rows}, hidden_rows=(1, 3), hidden_columns=(2,))
    verdict = gate(path, form)
    assert [r["ket"] for r in accepted(verdict)] == ["a", "b", "c"]
    assert (notes(verdict)["hidden_rows"], notes(verdict)["hidden_columns"]) == (2, 1)


@FORMS
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(
    gate: Any, tmp_path: Path, form: str
) -> None:
    path = make(tmp_path, form, {"Data": [["kode", "jumlah"], ["0001", 1]]})
    for claimed in {"xlsx", "xls", "ods"} - {form}:
        verdict = gate(path, claimed)
        assert verdict.accepted == 1
        assert notes(verdict)["form"] == form


@FORMS
def test_a_cut_off_or_scrambled_workbook_is_unreadable_and_never_a_crash(
    gate: Any, tmp_path: Path, form: str
) -> None:
    rows = [["kode", "jumlah"], *([f"{i:04d}", i] for i in range(300))]
    whole = make(tmp_path, form, {"Data": rows}).read_bytes()
    for keep in (0, 3, 8, 100, len(whole) // 3, len(whole) // 2, len(whole) - 40):
        with pytest.raises(UnreadableFile):
            gate(whole[:keep], form)
    for at in range(600, len(whole), max(1, len(whole) // 60)):
        content = bytearray(whole)
        content[at] ^= 0xFF
        with suppress(UnreadableFile):
            gate(bytes(content), form)


def test_a_page_of_html_named_as_a_workbook_is_told_from_a_damaged_one(gate: Any) -> None:
    with pytest.raises(UnreadableFile, match="HTML"):
        gate(b"\xef\xbb\xbf <html><table><tr><td>kode</td></tr></table></html>", "xls")


def test_sheet_and_header_row_belong_to_workbooks(gate: Any) -> None:
    for choice in ({"sheet": "Data"}, {"header_row": 2}):
        with pytest.raises(UnreadableFile, match="workbook only"):
            gate("kode,jumlah\n0001,1\n", "csv", **choice)


def test_text_of_an_ods_cell_is_what_a_person_sees_in_it(gate: Any, accepted: Any) -> None:
    def row(*cells: str) -> str:
        return "<table:table-row>" + "".join(cells) + "</table:table-row>"

    def text(inner: str, more: str = "") -> str:
        return f'<table:table-cell office:value-type="string" {more}>{inner}</table:table-cell>'

    head = row(*(text(f"<text:p>{name}</text:p>") for name in ("kode", "ket", "jumlah")))
    number = '<table:table-cell office:value-type="currency" office:value="7"/>'
    rows = [
        row(
            text("<text:p>0001</text:p>"),
            text(
                "<office:annotation><text:p>catatan</text:p></office:annotation>"
                '<text:p>a<text:s text:c="2"/><text:span>b</text:span><text:tab/>c</text:p>'
                "<text:p>d</text:p>"
            ),
            number,
        ),
        row(text("<text:p>0002</text:p>"), "<table:covered-table-cell/>", number),
    ]
    repeated = (
        '<table:table-row table:number-rows-repeated="2">'
        + text("<text:p>0003</text:p>") + "<table:table-cell/>" + number + "</table:table-row>"
    )  # fmt: skip
    table = f'<table:table table:name="A &amp; B">{head}{"".join(rows)}{repeated}</table:table>'
    verdict = gate(ods_of(table), "ods", sheet="A & B")
    assert [(r["kode"], r["ket"]) for r in accepted(verdict)] == [
        ("0001", "a  b\tc\nd"),
        ("0002", None),
    ]
    assert (verdict.by_rule[0].rule, verdict.rejected) == ("kunci-ganda", 2)


def xlsx_of(folder: Path, sheet: bytes, texts: bytes | None = None) -> bytes:
    """A small XLSX with these sheetData and shared texts in place of its own."""
    path = make(folder, "xlsx", {"Data": [["kode", "jumlah"], ["0001", 1]]})
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb"<dimension[^>]*>", b"", part)
                part = re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", part, flags=re.DOTALL)
                part = part.replace(b"<sheetData/>", b"<sheetData>" + sheet + b"</sheetData>")
            if name == "xl/sharedStrings.xml" and texts is not None:
                space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                part = b'<sst xmlns="' + space + b'">' + texts + b"</sst>"
            target.writestr(name, part)
    return out.getvalue()


HEAD = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>kode</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>jumlah</t></is></c></row>'
)


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="2"><c r="xfd1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c s='0' r='XFD1048576'><v>1</v></c></row>",
        b'<row r="1048576"><c\n r = "XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c r="XFD1048576"/></row>',
        b'<row r="1048000">' + b"<c><v>1</v></c>" * 2000 + b"</row>",
    ],
)
def test_two_cells_far_apart_do_not_fill_the_memory_with_the_cells_between(
    gate: Any, tmp_path: Path, far: bytes
) -> None:
    content = xlsx_of(tmp_path, HEAD + far)
    assert len(content) < 10_000
    with pytest.raises(FileTooLarge):
        gate(content, "xlsx")


def test_a_long_sheet_within_the_limit_is_read_to_its_last_row(
    gate: Any, accepted: Any, tmp_path: Path
) -> None:
    cell = b'<c r="A9%03d" t="inlineStr"><is><t>0009</t></is></c><c r="AB9%03d" s="0"/>'
    row = b'<row r="9000">' + cell % (0, 0) + b'<c r="AB9000"/></row>'
    late = b'<row r="9001"><c t="n" r="B9001"><v>7</v></c></row>'
    content = xlsx_of(tmp_path, HEAD + row.replace(b'<c r="AB9000" s="0"/>', b"") + late)
    verdict = gate(content, "xlsx", limits=Limits(cells=9001 * 28))
    assert (verdict.rows, verdict.by_rule[0].first_rows) == (2, (9000,))
    with pytest.raises(FileTooLarge):
        gate(content, "xlsx", limits=Limits(cells=9001 * 28 - 1))


def test_one_long_text_named_by_many_cells_is_counted_as_often_as_it_is_named(
    gate: Any, tmp_path: Path
) -> None:
    texts = b"<si/><si><t>" + b"x" * 30_000 + b"</t></si><si><t>abc</t></si>"
    cell = b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>'
    long = xlsx_of(tmp_path, HEAD + b"".join(cell % (i, i, 1) for i in range(2, 2_000)), texts)
    limits = Limits(workbook=8 << 20)
    with pytest.raises(FileTooLarge, match="shared texts"):
        gate(long, "xlsx", limits=limits)
    short = xlsx_of(tmp_path, HEAD + b"".join(cell % (i, i, 2) for i in range(2, 2_000)), texts)
    assert gate(short, "xlsx", limits=limits).rows == 1_998


REPEATED = (
    '<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
    'office:value-type="string" table:number-columns-repeated="{columns}">'
    "<text:p>{text}</text:p></table:table-cell></table:table-row>"
)


@pytest.mark.parametrize(
    "said",
    [
        {"rows": 1_000_000, "columns": 1_000, "text": "x"},
        {"rows": 1, "columns": 16_384, "text": "x"},
        {"rows": 900_000_000, "columns": 1, "text": "x"},
        {"rows": 100_000, "columns": 1, "text": "x" * 20_000},
    ],
)
def test_a_cell_repeated_without_measure_is_refused_while_it_is_counted(
    gate: Any, said: dict[str, Any]
) -> None:
    content = ods_of(f'<table:table table:name="A">{REPEATED.format(**said)}</table:table>')
    assert len(content) < 2_000
    with pytest.raises(FileTooLarge):
        gate(content, "ods")


def test_zip_limits_hold_for_ods_too(gate: Any) -> None:
    with pytest.raises(FileTooLarge):
        gate(ods_of("<text:p>" + "0" * (40 << 20) + "</text:p>"), "ods")
    with pytest.raises(FileTooLarge):
        gate(ods_of(""), "ods", limits=Limits(workbook=100))
    with pytest.raises(FileTooLarge):
        gate(ods_of(""), "ods", limits=Limits(workbook_parts=1))


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/hostname">]>'
)


def test_entities_of_xml_are_neither_expanded_nor_fetched(gate: Any, tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    table = (
        '<table:table table:name="A"><table:table-row>' + cell.format("kode") + cell.format("&c;&d;")
        + "</table:table-row></table:table>"
    )  # fmt: skip
    with pytest.raises(FileTooLarge, match="DOCTYPE"):
        gate(ods_of(table, LAUGHS), "ods")
    content = xlsx_of(tmp_path, HEAD.replace(b"jumlah", b"&c;&d;"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"<worksheet", LAUGHS.encode() + b"<worksheet", 1)
            target.writestr(name, part)
    try:
        verdict = gate(out.getvalue(), "xlsx")
    except UnreadableFile:
        return
    told = " ".join(error.column for error in verdict.header_errors)
    assert "haha" not in told
    assert Path("/etc/hostname").read_text().strip() not in told


@FORMS
def test_the_address_of_a_cell_counts_the_columns_left_of_the_table(
    gate: Any, tmp_path: Path, form: str
) -> None:
    rows = [[], [None, None, "kode", "jumlah"], [None, None, "0001", "x"]]
    verdict = gate(make(tmp_path, form, {"Data": rows}), form)
    assert verdict.by_rule[0].first_rows == (3,)
    report = json.loads(verdict.report_file.read_text())
    assert report["cells"]["jumlah"] == "D"
