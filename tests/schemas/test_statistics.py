"""The forms of official statistics, filled from a schema and what is known of a dataset."""

import io
from typing import Any

import openpyxl
import pytest

from schemas.document import SchemaDocument
from schemas.statistics import FORMS, About, filled
from schemas.statistics.forms import Name
from schemas.statistics.workbook import as_workbook

BODY: dict[str, Any] = {
    "$id": "https://simpul.invalid/schemas/dinkes/posyandu/1.0.0.json",
    "title": "Posyandu aktif",
    "type": "object",
    "additionalProperties": False,
    "x-kunci": ["kode"],
    "required": ["kode", "balita"],
    "properties": {
        "kode": {"title": "Kode posyandu", "type": "string", "pattern": "^PSY-[0-9]{3}$"},
        "strata": {
            "title": "Strata",
            "type": ["string", "null"],
            "enum": ["Madya", "Mandiri", None],
        },
        "balita": {
            "title": "Jumlah balita",
            "description": "Balita yang terdaftar pada akhir bulan.",
            "type": "integer",
            "minimum": 0,
            "x-satuan": "orang",
            "x-konsep": "Balita sasaran",
            "x-referensi-waktu": "akhir bulan laporan",
        },
        "kader": {"title": "Nama kader", "type": ["string", "null"], "x-data-pribadi": "umum"},
    },
}
ABOUT = About(
    title="Posyandu aktif",
    agency="Dinas Kesehatan (sintetis)",
    address="https://hub.invalid/katalog/dinkes/posyandu",
    open=True,
    frequency="bulanan",
    intake=[{"step": "trim", "columns": "*"}],
)


def records(name: Name, about: About = ABOUT) -> list[dict[str, str]]:
    form = filled(name, SchemaDocument.parse(BODY), about)
    return [{field.name: field.value for field in record} for record in form.records]


def test_every_column_is_a_variable_with_its_rules_in_words() -> None:
    kode, strata, balita, kader = records("ms-var")
    assert (
        kode["aturan_validasi"] == "wajib diisi; tidak boleh berulang; sesuai pola ^PSY-[0-9]{3}$"
    )
    assert strata["klasifikasi_isian"] == "Madya; Mandiri"
    assert balita["konsep"] == "Balita sasaran"
    assert balita["definisi"] == "Balita yang terdaftar pada akhir bulan."
    assert balita["referensi_waktu"] == "akhir bulan laporan"
    assert (balita["satuan"], balita["tipe_data"]) == ("orang", "bilangan bulat")
    assert "paling kecil 0" in balita["aturan_validasi"]
    assert (balita["dapat_diakses_umum"], kader["dapat_diakses_umum"]) == ("ya", "tidak")


def test_numbers_that_are_neither_key_nor_code_may_be_indicators() -> None:
    [balita] = records("ms-ind")
    assert balita["nama_indikator"] == "Jumlah balita"
    assert balita["klasifikasi_penyajian"] == "Strata"
    assert balita["kegiatan_penghasil"] == "Posyandu aktif"


def test_the_activity_names_its_variables_and_what_the_hub_does_with_the_rows() -> None:
    [activity] = records("ms-keg")
    assert activity["variabel"] == "Kode posyandu; Strata; Jumlah balita; Nama kader"
    assert "dinkes/posyandu versi 1.0.0" in activity["pemeriksaan_kualitas"]
    assert "Spasi di awal dan akhir dibuang" in activity["pengolahan"]
    assert activity["latar_belakang"] == ""


@pytest.mark.parametrize("name", list(FORMS))
def test_a_field_is_filled_or_says_who_fills_it_and_none_is_left_out(name: Name) -> None:
    for record in filled(name, SchemaDocument.parse(BODY), ABOUT).records:
        assert [field.name for field in record] == [asked.name for asked in FORMS[name]]
        assert all(bool(field.value) != bool(field.filled_by) for field in record)


@pytest.mark.parametrize(("name", "rows"), [("ms-keg", 31), ("ms-var", 8), ("ms-ind", 5)])
def test_a_form_is_a_workbook_with_the_labels_of_the_form(name: Name, rows: int) -> None:
    form = filled(name, SchemaDocument.parse(BODY), ABOUT)
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(form))).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert sheet.max_row == rows
    assert all(asked.label in cells for asked in FORMS[name])
    assert any(cell == "(diisi BPS)" for cell in cells) or name == "ms-var"
