"""From untidy sheets to drafts, and from drafts through the gate."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
import xlwt

from schemas.document import SchemaDocument
from schemas.drafting import ColumnPlan, Draft, draft
from schemas.drafting.drafting import chosen
from schemas.drafting.naming import name_of, slug_of, unique
from schemas.drafting.readings import ASK, dates_of, numbers_of
from schemas.drafting.sheets import grids
from schemas.drafting.tidying import write_table
from schemas.errors import UnreadableFile
from schemas.gate import Verdict, judge
from schemas.gate.limits import Limits


@pytest.fixture
def save(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes, name: str = "berkas.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def sheet(save: Callable[..., Path]) -> Callable[..., Path]:
    """A workbook of one sheet with these rows from A1."""

    def make(*rows: list[Any]) -> Path:
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        out = io.BytesIO()
        book.save(out)
        return save(out.getvalue())

    return make


def columns(drafted: Draft) -> dict[str, ColumnPlan]:
    return {column.name: column for column in drafted.plan.columns}


def said(drafted: Draft, name: str) -> str:
    guessed = next(g for g in drafted.guesses if g.plan.name == name)
    return " ".join(remark.id for remark in guessed.remarks)


def judged(path: Path, drafted: Draft, work: Path, form: str = "xlsx") -> Verdict:
    document = SchemaDocument.parse(drafted.plan.document("dinkes/contoh", "1.0.0"))
    tidy = work / "rapi.xlsx"
    write_table(chosen(list(grids(path, form, Limits())), None), tidy)
    (work / "gerbang").mkdir()
    return judge(tidy, "xlsx", document, drafted.plan.steps(), work=work / "gerbang")


def test_a_list_with_titles_a_merged_header_and_totals_passes_the_gate_whole(
    untidy: ModuleType, save: Callable[..., Path], tmp_path: Path
) -> None:
    path = save(untidy.facilities())
    drafted = draft(path, "xlsx", {"referensi/wilayah": untidy.REGIONS})
    found = columns(drafted)
    assert drafted.rows == 40
    assert drafted.plan.key == ("kode_posyandu",)
    assert not found["no"].keep
    assert found["kode_wilayah"].code_list == "referensi/wilayah"
    assert found["tanggal_berdiri"].kind == "date"
    assert found["strata"].allowed == ("Madya", "Mandiri", "Pratama", "Purnama")
    assert found["jumlah_sasaran_ibu_hamil"].kind == "integer"
    assert (found["dana_operasional"].kind, found["dana_operasional"].locale) == ("number", "id")
    assert found["dana_operasional"].unit == "rupiah"
    assert found["listrik"].kind == "boolean"
    assert not found["keterangan"].required
    assert "nol di depan mungkin sudah hilang" in said(drafted, "kode_wilayah")
    verdict = judged(path, drafted, tmp_path)
    assert (verdict.rows, verdict.accepted, verdict.header_errors) == (40, 40, ())


def test_recipients_are_seen_as_personal_and_bad_cells_keep_their_row_of_the_sheet(
    untidy: ModuleType, save: Callable[..., Path], tmp_path: Path
) -> None:
    path = save(untidy.recipients())
    drafted = draft(path, "xlsx")
    found = columns(drafted)
    assert {n: c.personal for n, c in found.items() if c.personal} == {
        "nik": "umum",
        "nama_penerima": "umum",
        "alamat": "umum",
        "tgl_lahir": "umum",
        "no_hp": "umum",
        "disabilitas": "spesifik",
    }
    assert drafted.plan.key == ("nik",)
    assert "55 dari 60 sel berbentuk NIK" in said(drafted, "nik")
    verdict = judged(path, drafted, tmp_path)
    assert (verdict.rows, verdict.accepted) == (60, 51)
    rows = {rule.column: rule.first_rows for rule in verdict.by_rule}
    sheet = openpyxl.load_workbook(path).active
    assert all(isinstance(sheet.cell(row, 2).value, int) for row in rows["nik"])  # type: ignore[union-attr]


def test_names_of_persons_that_come_again_are_no_choices(
    untidy: ModuleType, save: Callable[..., Path]
) -> None:
    drafted = draft(save(untidy.fees()), "xlsx")
    found = columns(drafted)
    assert found["tahap"].allowed == ("Kedua", "Pertama")
    assert found["nama_penerima"].personal == "umum"
    assert "dijadikan pilihan" not in said(drafted, "nama_penerima")
    document = str([drafted.plan.document("dinkes/honor", "1.0.0"), drafted.plan.steps()])
    kept = f"{document} {said(drafted, 'nama_penerima')}".casefold()
    assert not [name for name in untidy.FEE_NAMES if name.casefold() in kept]


def test_a_code_list_of_a_personal_column_still_writes_its_dots(
    untidy: ModuleType, sheet: Callable[..., Path]
) -> None:
    rows = [[f"64.01.01.{2001 + n % 9}".replace(".", ""), f"Warga {n}"] for n in range(20)]
    path = sheet(["Kode Wilayah Domisili", "Nama Warga"], *rows)
    found = columns(draft(path, "xlsx", {"referensi/wilayah": untidy.REGIONS}))
    place = found["kode_wilayah_domisili"]
    assert (place.personal, place.code_list) == ("umum", "referensi/wilayah")
    assert place.spellings["6401012001"] == "64.01.01.2001"


def test_months_as_columns_are_taken_as_they_are_and_the_better_form_is_said(
    untidy: ModuleType, save: Callable[..., Path], tmp_path: Path
) -> None:
    path = save(untidy.monthly())
    drafted = draft(path, "xlsx")
    assert any("satu baris per bulan" in remark.id for remark in drafted.remarks)
    assert drafted.plan.key == ("puskesmas",)
    assert judged(path, drafted, tmp_path).accepted == 6


def test_two_tables_on_a_sheet_are_refused_with_the_row_of_the_second(
    untidy: ModuleType, save: Callable[..., Path]
) -> None:
    with pytest.raises(UnreadableFile, match="another begins in row 9"):
        draft(save(untidy.stacked()), "xlsx")


@pytest.mark.parametrize(
    ("texts", "locale"),
    [
        (["1.234,56", "12"], "id"),
        (["12,5", "1.234"], "id"),
        (["1,234.56", "7"], "en"),
        (["12.5", "1.234"], "iso"),
        (["1.234", "5.678"], ASK),
        (["1,234", "5"], ASK),
        (["1.234,5", "1,234.5"], ASK),
        (["12", "-7"], ""),
        (["Rp1.000,-"], "id"),
    ],
)
def test_how_numbers_are_written_is_told_by_evidence_or_asked(
    texts: list[str], locale: str
) -> None:
    assert numbers_of(texts).locale == locale


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["13/01/2025", "02/03/2025"], "day"),
        (["01/13/2025", "02/03/2025"], "month"),
        (["01/02/2025", "03/04/2025"], ASK),
        (["2025-01-02"], ""),
        (["3 Oktober 2025"], ""),
    ],
)
def test_day_or_month_first_is_told_by_evidence_or_asked(texts: list[str], order: str) -> None:
    assert dates_of(texts).order == order


def test_an_open_question_is_asked_until_somebody_answers(sheet: Callable[..., Path]) -> None:
    path = sheet(["Desa", "Anggaran"], *[[f"Desa {i}", f"{i}.250"] for i in range(1, 9)])
    column = columns(draft(path, "xlsx"))["anggaran"]
    assert column.asks == "locale"


def test_names_are_plain_unique_and_never_empty() -> None:
    assert name_of("Nama Sekolah / Madrasah (Resmi)") == "nama_sekolah_madrasah_resmi"
    assert name_of("2023") == "tahun_2023"
    assert name_of("% Realisasi") == "persen_realisasi"
    assert name_of("…") == "kolom"
    assert unique(["a", "a", "a_2"]) == ["a", "a_2", "a_2_2"]
    assert slug_of("Daftar Posyandu Kabupaten Paser Tahun 2025") == "posyandu"


def test_a_delimited_file_is_drafted_like_a_sheet(
    save: Callable[..., Path], tmp_path: Path
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows(
        [["Kode", "Nama", "Luas"], *[[f"0{i}", f"Desa {i}", f"{i},5"] for i in range(1, 8)]]
    )
    path = save(out.getvalue().encode(), "desa.csv")
    drafted = draft(path, "csv")
    found = columns(drafted)
    assert (found["kode"].kind, found["luas"].kind, found["luas"].locale) == (
        "text",
        "number",
        "id",
    )
    assert judged(path, drafted, tmp_path, "csv").accepted == 7


def test_the_same_file_gives_the_same_draft(untidy: ModuleType, save: Callable[..., Path]) -> None:
    path = save(untidy.recipients())
    assert draft(path, "xlsx") == draft(path, "xlsx")


@pytest.mark.parametrize("rows", [[], [["Hanya judul"]], [["A", "B"]]])
def test_a_sheet_without_a_table_is_told_so(
    rows: list[list[Any]], sheet: Callable[..., Path]
) -> None:
    with pytest.raises(UnreadableFile, match="No table"):
        draft(sheet(*rows), "xlsx")


def test_the_older_excel_is_drafted_like_the_newer(save: Callable[..., Path]) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Desa")
    for row, cells in enumerate([["Kode", "Desa"], *[[f"0{i}", f"Desa {i}"] for i in range(1, 6)]]):
        for column, cell in enumerate(cells):
            page.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    drafted = draft(save(out.getvalue(), "desa.xls"), "xls")
    assert (drafted.rows, drafted.plan.key) == (5, ("kode",))


def test_a_section_row_a_repeated_header_and_a_doubled_row_are_each_called_what_they_are(
    sheet: Callable[..., Path],
) -> None:
    head = ["Kode", "Nama", "Jumlah"]
    rows = [[f"D-{i}", f"Desa {i}", i] for i in range(1, 7)]
    drafted = draft(
        sheet(head, ["A. Kecamatan Kuaro"], *rows[:3], head, *rows[3:], rows[5]), "xlsx"
    )
    told = " ".join(remark.id for remark in drafted.remarks)
    assert "Bukan baris data (satu sel, atau keterangan di bawah tabel): baris 2" in told
    assert "Judul kolom yang diulang dilewati: baris 6" in told
    assert "1 baris persis sama" in told
    assert (drafted.plan.distinct, drafted.plan.key) == (True, ("kode",))
