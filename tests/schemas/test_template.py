"""A steward's template: made from every schema, filled as a person would, passed by the gate as it is."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.engine import compile_schema
from schemas.gate import judge
from schemas.registry import Registry
from schemas.sampling import Sampler
from schemas.template import write_template

PACKAGED = list(Registry.packaged())
ROWS = 5
PACKS = Path(__file__).parent / "packs"


def template(document: SchemaDocument, lang: str = "id") -> openpyxl.Workbook:
    out = io.BytesIO()
    write_template(document, out, lang)
    return openpyxl.load_workbook(out)


def values_of(document: SchemaDocument, column: Column) -> list[Any]:
    """Different values that the schema accepts in the column, none beyond Excel's fifteen digits."""
    about = {word: document.body[word] for word in ("$defs",) if word in document.body}
    accepts = compile_schema({**about, **column.schema}).is_valid
    sampled = [*Sampler(document.body).values(column.schema), *_many(column)]
    sampled = [v for v in sampled if not isinstance(v, int | float) or abs(v) < 10**15]
    distinct = {json.dumps(value): value for value in sampled if accepts(value)}
    return [value for value in distinct.values() if value not in (None, "")]


def _many(column: Column) -> list[Any]:
    texts = [f"{i:02d}.{i:02d}.{i:02d}.{i:04d}" for i in range(1, 9)]
    days = [f"2025-10-{i:02d}" for i in range(1, 9)]
    return [*range(1, 9), *texts, *days, *(f"contoh {i}" for i in range(8))]


def as_typed(column: Column, value: Any) -> Any:
    """What Excel makes of what a person types into a cell of the template."""
    if column.kind == "date":
        return date.fromisoformat(value)
    return json.dumps(value) if isinstance(value, list | dict) else value


def rows_for(document: SchemaDocument) -> list[dict[str, Any]]:
    """Rows with rules across columns are written by hand; the others are made of the schema."""
    pack = PACKS / f"{document.name.partition('/')[2]}.json"
    if pack.exists():
        good: list[dict[str, Any]] = json.loads(pack.read_text())["good"]
        return good
    columns = {name: values_of(document, column) for name, column in document.by_name.items()}
    return [
        {
            name: values[row % len(values)]
            for name, values in columns.items()
            if row < ROWS - 1 or name in document.required
        }
        for row in range(ROWS)
    ]


def fill(book: openpyxl.Workbook, document: SchemaDocument, path: Path) -> int:
    """Write rows under the template's own header, as a person does; returns how many."""
    sheet = book.worksheets[0]
    rows = rows_for(document)
    for index, name in enumerate([cell.value for cell in sheet[1]], 1):
        column = document.by_name[name]
        for number, row in enumerate(rows, 2):
            if row.get(name) is not None:
                cell = sheet.cell(number, index, as_typed(column, row[name]))
                cell.number_format = "yyyy-mm-dd" if column.kind == "date" else "@"
    book.save(path)
    return len(rows)


@pytest.mark.parametrize("document", PACKAGED, ids=lambda d: d.name)
def test_a_filled_template_of_every_schema_passes_as_it_is(
    document: SchemaDocument, tmp_path: Path
) -> None:
    path = tmp_path / "isi.xlsx"
    count = fill(template(document), document, path)
    verdict = judge(path, "xlsx", document, [], work=tmp_path)
    assert not verdict.header_errors
    assert (verdict.accepted, verdict.rejected) == (count, 0), verdict.by_rule


RICH: dict[str, Any] = {
    "nik": {"type": "string", "pattern": "^[0-9]{16}$", "title": "NIK", "x-data-pribadi": "umum"},
    "jenis": {"enum": ["barang", "jasa", None], "title": "Jenis", "x-title-en": "Kind"},
    "status": {"enum": ["baru, belum diperiksa", "selesai"]},
    "panjang": {"enum": [f"pilihan nomor {i}" for i in range(60)]},
    "golongan": {"enum": [1, 2, 3]},
    "aktif": {"type": "boolean"},
    "jumlah": {"type": "integer", "minimum": 1, "maximum": 10},
    "nilai": {"type": ["number", "null"], "exclusiveMinimum": 0, "x-satuan": "rupiah"},
    "tanggal": {"type": "string", "format": "date"},
    "waktu": {"type": "string", "format": "date-time"},
    "ket": {"type": "string", "maxLength": 20, "x-pesan": {"id": "Singkat saja.", "en": "Be brief."}},
    "rujuk": {"$ref": "#/$defs/kode"},
    "daftar": {"type": "array", "items": {"type": "integer"}},
    "=rumus": {"type": "string"},
}  # fmt: skip
ROW: dict[str, Any] = {
    "nik": "0000000000000001", "jenis": "jasa", "status": "baru, belum diperiksa",
    "panjang": "pilihan nomor 59", "golongan": 2, "aktif": True, "jumlah": 3, "nilai": 1234567.5,
    "tanggal": date(2025, 10, 3), "waktu": "2025-10-03T08:00:00+07:00", "ket": "007",
    "rujuk": "0012", "daftar": "[1, 2]", "=rumus": "=1+1",
}  # fmt: skip


@pytest.fixture
def rich(document_of: Any) -> SchemaDocument:
    made: SchemaDocument = document_of(
        RICH,
        required=["nik", "jumlah"],
        **{"x-kunci": ["nik"], "$defs": {"kode": {"type": "string", "pattern": "^[0-9]{4}$"}}},
    )
    return made


def test_every_kind_of_column_has_its_format_list_and_note(
    rich: SchemaDocument, tmp_path: Path, accepted: Any
) -> None:
    book = template(rich)
    assert [(s.title, s.sheet_state) for s in book.worksheets] == [
        ("Data", "visible"), ("Petunjuk", "visible"), ("Daftar", "hidden"),
    ]  # fmt: skip
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(RICH)
    formats = {
        name: sheet.column_dimensions[sheet.cell(1, i).column_letter].number_format
        for i, name in enumerate(RICH, 1)
    }
    for name in ("nik", "jenis", "waktu", "ket", "rujuk", "daftar"):
        assert formats[name] == "@", name
    assert (formats["tanggal"], formats["jumlah"]) == ("yyyy-mm-dd", "0")
    rules = {str(v.sqref).split(":")[0].rstrip("0123456789"): v for v in sheet.data_validations.dataValidation}  # fmt: skip
    by_name = {n: rules.get(sheet.cell(1, i).column_letter) for i, n in enumerate(RICH, 1)}
    assert by_name["jenis"].formula1 == '"barang,jasa"'
    assert by_name["status"].formula1.startswith("Daftar!$A$2:$A$3")
    assert by_name["panjang"].formula1.startswith("Daftar!$B$2:$B$61")
    assert (by_name["jumlah"].formula1, by_name["jumlah"].formula2) == ("1", "10")
    assert (by_name["nik"].type, by_name["nik"].formula1) == ("textLength", "16")
    assert (by_name["rujuk"].type, by_name["rujuk"].formula1) == ("textLength", "4")
    assert by_name["waktu"] is None
    assert "tepat 16 angka" in sheet["A1"].comment.text
    assert "0000" not in sheet["A1"].comment.text  # no number of a person is made up
    for index, name in enumerate(RICH, 1):
        cell = sheet.cell(2, index, ROW[name])
        cell.number_format = formats[name]
        if isinstance(ROW[name], str):
            cell.data_type = "s"
    path = tmp_path / "isi.xlsx"
    book.save(path)
    verdict = judge(path, "xlsx", rich, [], work=tmp_path)
    assert verdict.clean, (verdict.header_errors, verdict.by_rule)
    (row,) = accepted(verdict)
    assert (row["nik"], row["=rumus"], row["nilai"]) == (ROW["nik"], "=1+1", 1234567.5)


def test_the_instructions_speak_both_languages_and_say_what_is_allowed(
    rich: SchemaDocument,
) -> None:
    for lang, name, words in (
        ("id", "Petunjuk", ("tepat 16 angka", "Singkat saja", "wajib", "rupiah")),
        ("en", "Instructions", ("exactly 16 digits", "Be brief", "Required", "Kind")),
    ):
        sheet = template(rich, lang)[name]
        told = " ".join(str(cell) for row in sheet.values for cell in row if cell).lower()
        for word in words:
            assert word.lower() in told, word
        names = [row[0] for row in sheet.values]
        assert names[-len(RICH) :] == list(RICH)


def test_an_empty_template_is_no_row_and_no_fault(rich: SchemaDocument, tmp_path: Path) -> None:
    path = tmp_path / "kosong.xlsx"
    write_template(rich, path)
    verdict = judge(path, "xlsx", rich, [], work=tmp_path)
    assert (verdict.rows, verdict.header_errors) == (0, ())
