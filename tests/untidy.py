"""Workbooks as agencies really keep them: three that can be made into schemas, and one that cannot.

Everything in them is invented. Identifiers have a serial of zeros, so that nobody can be meant.
"""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

DISTRICTS = {
    "64.01.01": "Batu Sopang",
    "64.01.02": "Tanjung Harapan",
    "64.01.04": "Tanah Grogot",
    "64.01.05": "Kuaro",
}
REGIONS = frozenset(
    ["64", "64.01", *DISTRICTS, *(f"{d}.{n}" for d in DISTRICTS for n in range(2001, 2011))]
)
"""The codes that `referensi/wilayah` holds in the tests."""


def facilities() -> bytes:
    """Forty posyandu: title rows, merged header of two rows, numbering, totals, signature below."""
    book = openpyxl.Workbook()
    sheet = _sheet(book, "Posyandu 2025")
    sheet["A1"] = "DAFTAR POSYANDU AKTIF"
    sheet["A2"] = "KABUPATEN PASER TAHUN 2025 (SINTETIS)"
    sheet.merge_cells("A1:K1")
    sheet.merge_cells("A2:K2")
    heads = ["No.", "Kode Posyandu", "Nama Posyandu", "Kode Wilayah", "Tanggal Berdiri", "Strata"]
    for column, head in enumerate(heads, 1):
        sheet.cell(4, column, head)
        sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
    sheet["G4"] = "Jumlah Sasaran"
    sheet.merge_cells("G4:H4")
    sheet["G5"], sheet["H5"] = "Balita", "Ibu Hamil"
    for column, head in ((9, "Dana Operasional\n(Rp)"), (10, "Listrik"), (11, "Keterangan")):
        sheet.cell(4, column, head)
        sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
    for column in range(1, 12):
        sheet.cell(6, column, column)
    for number in range(1, 41):
        _write(sheet, 6 + number, _facility(number))
    _write(sheet, 47, ["", "JUMLAH", "", "", "", "", 1540, 318, "61.512.000,00"])
    sheet["I49"] = "Tanah Grogot, 2 Januari 2026"
    sheet["I52"] = "Kepala Bidang (sintetis)"
    return _bytes(book)


def _facility(number: int) -> list[Any]:
    district = list(DISTRICTS)[number % 4]
    day = date(2001, 1, 15) + timedelta(days=211 * number)
    strata = ["Pratama", "Madya", "Purnama", "Mandiri"][number % 4]
    money = f"{1_500_000 + 12_300 * number:,}".replace(",", ".") + ",00"
    return [
        number,
        f"PSY-{number:03}",
        f"Posyandu Melati {number} ",
        int(f"{district}.{2001 + number % 10}".replace(".", "")),
        f"{day:%d/%m/%Y}",
        strata.upper() if number == 7 else strata,
        30 + number % 17,
        5 + number % 6,
        money,
        "v" if number % 5 else "-",
        "perlu timbangan baru" if number % 13 == 0 else "-",
    ]


def recipients() -> bytes:
    """Sixty recipients of aid: NIK as text and five as numbers, yes and no, phones, blank rows."""
    book = openpyxl.Workbook()
    sheet = _sheet(book, "Data")
    sheet["A1"] = "Penerima Bantuan Sosial Tahap I (sintetis)"
    heads = [
        "No",
        "NIK",
        "Nama Penerima",
        "Alamat",
        "Kecamatan",
        "Tgl Lahir",
        "No. HP",
        "Disabilitas",
        "Sudah Menerima?",
        "Nilai Bantuan",
    ]
    _write(sheet, 3, heads)
    row = 4
    for number in range(1, 61):
        if number % 20 == 0:
            row += 1  # a blank line between pages
        _write(sheet, row, _recipient(number))
        row += 1
    _write(sheet, row, ["", "", "Total", "", "", "", "", "", "", 36_000_000])
    return _bytes(book)


def _recipient(number: int) -> list[Any]:
    born = date(1960, 1, 1) + timedelta(days=133 * number)
    nik: Any = f"640104{born:%d%m%y}0000"
    return [
        number,
        int(nik) if number in (11, 23, 35, 47, 59) else nik,
        f"Warga {number} (sintetis)",
        f"Jalan Contoh {number} RT {number % 9 + 1:02}",
        list(DISTRICTS.values())[number % 4],
        born,
        812_000_0000 + number if number % 15 == 0 else f"0812-0000-{number:04}",
        "Ya" if number % 9 == 0 else "Tidak",
        "ya" if number % 3 else "tidak",
        600_000,
    ]


def monthly() -> bytes:
    """Visits a month, with the months as columns and a note below."""
    book = openpyxl.Workbook()
    sheet = _sheet(book, "Rekap")
    sheet["A1"] = "REKAPITULASI KUNJUNGAN PUSKESMAS 2025 (SINTETIS)"
    months = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des"
    _write(sheet, 3, ["Puskesmas", *months.split(), "Total"])
    for index, name in enumerate(
        ["Kuaro", "Batu Kajang", "Senaken", "Long Ikis", "Muser", "Padang Pengrapat"]
    ):
        values = [200 + 37 * index + 11 * month for month in range(12)]
        _write(sheet, 4 + index, [name, *values, sum(values)])
    _write(sheet, 10, ["Jumlah", *[0] * 13])
    sheet["A12"] = "Sumber: bidang pelayanan (sintetis)"
    return _bytes(book)


FEE_NAMES = ("Sekar Contoh", "Bima Contoh", "Laras Contoh")


def fees() -> bytes:
    """Thirty payments to the same three persons, one of them also spelt in capitals."""
    book = openpyxl.Workbook()
    sheet = _sheet(book, "Honor")
    _write(sheet, 1, ["Kode Bayar", "Nama Penerima", "Tahap", "Nilai Honor"])
    for number in range(1, 31):
        name = FEE_NAMES[number % 3]
        spelt = name.upper() if number == 30 else name
        stage = "Pertama" if number % 2 else "Kedua"
        _write(sheet, 1 + number, [f"HON-{number:03}", spelt, stage, 250_000])
    return _bytes(book)


def stacked() -> bytes:
    """Two tables on one sheet, one under the other: this cannot be one schema."""
    book = openpyxl.Workbook()
    sheet = _sheet(book, "Gabungan")
    _write(sheet, 1, ["Kecamatan", "Jumlah Desa", "Luas (km2)"])
    for index, name in enumerate(DISTRICTS.values()):
        _write(sheet, 2 + index, [name, 7 + index, 120.5 + index])
    sheet["A8"] = "Tabel 2. Sarana air bersih"
    _write(sheet, 9, ["Desa", "Sumber Air", "Kondisi"])
    for index in range(4):
        _write(sheet, 10 + index, [f"Desa {index}", "sumur", "baik"])
    return _bytes(book)


def _sheet(book: openpyxl.Workbook, title: str) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return sheet


def _write(sheet: Worksheet, row: int, cells: list[Any]) -> None:
    for column, cell in enumerate(cells, 1):
        if cell != "":
            sheet.cell(row, column, cell)


def _bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
