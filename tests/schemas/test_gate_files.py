"""Files that are wrong as a whole, or untidy in ways that must be found and said."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from schemas.errors import FileTooLarge, InvalidSteps, UnreadableFile
from schemas.gate import Limits


def notes(verdict: Any) -> dict[str, Any]:
    """What was found out about the file; the codes that nobody gave here are another matter."""
    return {n.code: n.value for n in verdict.notes if n.code != "codes-unchecked"}


def workbook(path: Path, *sheets: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(r, c, cell, day)
                    elif cell == "=galat":
                        sheet.write_formula(r, c, "=1/0", None, "#DIV/0!")
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return path


def test_a_wrong_header_refuses_the_file_before_its_rows(gate: Any) -> None:
    verdict = gate("kode,jumlh,ket,ket,asing\n0001,1,a,b,c\n")
    assert {(e.rule, e.column, e.suggestion) for e in verdict.header_errors} == {
        ("kolom-tak-dikenal", "jumlh", "jumlah"),
        ("kolom-tak-dikenal", "asing", None),
        ("kolom-ganda", "ket", None),
        ("kolom-wajib-hilang", "jumlah", "jumlh"),
    }
    assert verdict.status == "refused"
    assert verdict.accepted_file is None
    assert json.loads(verdict.report_file.read_text())["header_errors"][0]["message_en"]


def test_a_ragged_row_is_named_by_number_and_the_others_pass(
    gate: Any, rejected: Any, accepted: Any
) -> None:
    text = 'kode,jumlah,ket\n0001,1,a\n0002,2\n\n0003,3,"b\nb"\n0004,4,c,d\n0005,5,e\n'
    verdict = gate(text)
    assert [row["kode"] for row in accepted(verdict)] == ["0001", "0003", "0005"]
    rows = rejected(verdict)
    assert [(r["row"], r["record"]) for r in rows] == [(3, "0002,2"), (5, "0004,4,c,d")]
    assert {r["errors"][0]["rule"] for r in rows} == {"baris-tidak-utuh"}
    assert "2 kolom" in rows[0]["errors"][0]["message_id"]


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("kode,jumlah,ket\n0001,1,Kafé\n".encode(), "utf-8", ","),
        ("\ufeffkode;jumlah;ket\n0001;1;Kafé\n".encode(), "utf-8", ";"),
        ("kode\tjumlah\tket\n0001\t1\tKafé\n".encode("cp1252"), "cp1252", "\t"),
        ("kode\tjumlah\tket\r\n0001\t1\tKafé\r\n".encode("utf-16"), "utf-16", "\t"),
    ],
)
def test_encoding_and_delimiter_are_found_and_said(
    gate: Any, accepted: Any, content: bytes, encoding: str, delimiter: str
) -> None:
    verdict = gate(content)
    assert notes(verdict) == {"encoding": encoding, "delimiter": delimiter}
    assert accepted(verdict)[0]["ket"] == "Kafé"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"kode,jumlah,ket\n0001,1,Kaf\x81\n", "line 2, byte 26"),
        ("kode,jumlah,ket\n0001,1,Kafé\n0002,1,".encode() + b"\xe9\n", "line 3, byte 36"),
        (b"kode,jumlah\n0001,1\n\x00\x00", "line 3"),
        (b"", ""),
        (b"\n \n", ""),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_place(
    gate: Any, content: bytes, where: str
) -> None:
    with pytest.raises(UnreadableFile) as caught:
        gate(content)
    assert caught.value.where == where
    assert caught.value.reason_id
    assert caught.value.reason_en


def test_an_undecodable_byte_at_the_edge_of_a_chunk_is_placed_right(gate: Any) -> None:
    head = b"kode,jumlah,ket\n"
    filler = b"0001,1,a\n" * 120_000
    with pytest.raises(UnreadableFile) as caught:
        gate(head + filler + "0001,1,é".encode() + b"\xe9\xe9\n")
    line, byte = 120_002, len(head + filler) + len("0001,1,é".encode())
    assert caught.value.where == f"line {line}, byte {byte}"


def test_a_quotation_mark_never_closed_is_said_not_swallowed(gate: Any) -> None:
    text = 'kode,jumlah,ket\n0001,1,"abc\n' + "0002,2,b\n" * 2000
    with pytest.raises(FileTooLarge, match="quotation mark"):
        gate(text, limits=Limits(block=1000))


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("[" * 200_000, "byte 65"),
        ('[{"a":' * 200_000, "byte"),
        ('[{"kode": "0001"', "byte"),
        ('[{"kode": "0001"}} ]', "byte"),
        ('[{"kode": "0001"}] []', "byte"),
        ('{"kode": "0001"}', "byte 1"),
        ("", ""),
    ],
)
def test_json_that_is_not_one_array_is_a_clear_error(gate: Any, content: str, where: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        gate(content, "json")
    assert caught.value.where.startswith(where)


def test_a_json_array_is_cut_the_same_at_every_chunk(gate: Any, monkeypatch: Any) -> None:
    text = '[ {"kode":"0001","jumlah":1,"ket":"a\\"],[{\\\\"} , {"kode":"0002","jumlah":2}\n]\n'
    monkeypatch.setattr("schemas.gate.array._CHUNK", 1)
    assert gate(text, "json").accepted == 2
    assert gate("[]", "json").rows == 0


def test_a_record_larger_than_a_block_is_refused_alone(gate: Any) -> None:
    good = '{"kode": "%04d", "jumlah": 1}\n'
    text = good % 1 + '{"ket": "' + "x" * 600_000 + '"}\n' + good % 2
    verdict = gate(text, "ndjson", limits=Limits(block=1000))
    assert (verdict.accepted, verdict.by_rule[0].rule) == (2, "rekaman-terlalu-besar")
    with pytest.raises(FileTooLarge):
        gate("[" + text.replace("\n", ",") + "{}]", "json", limits=Limits(block=1000))


def test_workbook_cells_keep_the_type_a_person_gave_them(
    gate: Any, accepted: Any, rejected: Any, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path / "buku.xlsx",
        [["Petunjuk"]],
        [
            ["kode", "jumlah", "tanggal", "ket"],
            ["0001", 3, date(2025, 10, 3), "a"],
            [2, 3, None, None],
            ["0003", "=galat", None, None],
            [None, None, None, None],
            ["0005", "7", "2025-10-03", None],
            ["0006", 3.5, None, None],
            ["0007", 1, datetime(2025, 10, 3, 9, 30), None],  # noqa: DTZ001 - Excel has no zone
            ["0008", 1, None, "a", "lebih"],
            ["0009", 1, None, 12.0],
        ],
    )
    verdict = gate(path, "xlsx")
    assert notes(verdict) == {"sheet": "Sheet2", "header_row": 1}
    assert [(r["kode"], r["jumlah"], r["tanggal"]) for r in accepted(verdict)] == [
        ("0001", 3, date(2025, 10, 3)),
        ("0005", 7, date(2025, 10, 3)),
    ]
    assert [(r["row"], r["errors"][0]["rule"], r["errors"][0]["value"]) for r in rejected(verdict)] == [
        (3, "sel-angka", 2),
        (4, "sel-galat", "#DIV/0!"),
        (7, "type", 3.5),
        (8, "format", "2025-10-03T09:30:00"),
        (9, "sel-tanpa-judul", "lebih"),
        (10, "sel-angka", 12),
    ]  # fmt: skip
    assert "Teks" in rejected(verdict)[0]["errors"][0]["message_id"]


def test_a_workbook_may_start_lower_and_further_right(
    gate: Any, accepted: Any, rejected: Any, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [
        [],
        [],
        [None, "kode", "jumlah"],
        [],
        [None, "0001", 1],
        [None, "0002", "=galat"],
    ]
    verdict = gate(workbook(tmp_path / "b.xlsx", rows), "xlsx", sheet="Sheet1")
    assert [r["kode"] for r in accepted(verdict)] == ["0001"]
    assert [(r["row"], r["errors"][0]["rule"]) for r in rejected(verdict)] == [(6, "sel-galat")]


def test_digits_that_excel_has_lost_are_not_taken_for_a_number(
    gate: Any, document_of: Any, tmp_path: Path
) -> None:
    document = document_of({"nomor": {"type": "integer"}})
    path = workbook(tmp_path / "b.xlsx", [["nomor"], [6401000000000001], [64010]])
    verdict = gate(path, "xlsx", document=document)
    assert (verdict.accepted, verdict.by_rule[0].rule) == (1, "sel-angka")


def test_a_truncated_or_false_workbook_is_unreadable(gate: Any, tmp_path: Path) -> None:
    whole = workbook(tmp_path / "b.xlsx", [["kode", "jumlah"], ["0001", 1]]).read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-30], b"PK\x03\x04", b"kode,jumlah\n", b""):
        with pytest.raises(UnreadableFile):
            gate(content, "xlsx")
    (tmp_path / "b.xlsx").write_bytes(whole)
    with pytest.raises(UnreadableFile, match="Sheet1"):
        gate(tmp_path / "b.xlsx", "xlsx", sheet="Lain")


def test_a_damaged_part_of_a_workbook_is_unreadable(gate: Any, tmp_path: Path) -> None:
    rows = [["kode", "jumlah"], *([f"{i:04d}", i] for i in range(500))]
    content = bytearray(workbook(tmp_path / "b.xlsx", rows).read_bytes())
    content[len(content) // 3] ^= 0xFF
    with pytest.raises(UnreadableFile):
        gate(bytes(content), "xlsx")


def bomb(parts: dict[str, int]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in parts.items():
            with archive.open(name, "w") as part:
                for _ in range(size >> 20):
                    part.write(b"0" * (1 << 20))
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_opened(gate: Any) -> None:
    content = bomb({"xl/worksheets/sheet1.xml": 40 << 20})
    assert len(content) < 50_000
    with pytest.raises(FileTooLarge):
        gate(content, "xlsx")
    with pytest.raises(FileTooLarge):
        gate(
            bomb({f"xl/{i}.xml": 1 << 20 for i in range(6)}),
            "xlsx",
            limits=Limits(workbook=5 << 20),
        )
    with pytest.raises(FileTooLarge):
        gate(bomb({f"{i}": 0 for i in range(20)}), "xlsx", limits=Limits(workbook_parts=10))


def test_a_zip_that_lies_about_its_size_is_counted_while_unpacked(gate: Any) -> None:
    content = bomb({"xl/worksheets/sheet1.xml": 40 << 20})
    size = (40 << 20).to_bytes(4, "little")
    lied = content.replace(size, (1000).to_bytes(4, "little"))
    assert lied != content
    with pytest.raises(UnreadableFile):
        gate(lied, "xlsx")


def test_parquet_and_arrow_are_judged_like_any_file(
    gate: Any, accepted: Any, tmp_path: Path
) -> None:
    table = pa.table(
        {
            "jumlah": pa.array([1, 2, -1, None], pa.int32()),
            "kode": ["0001", "0002", "0003", "0004"],
            "nilai": [1.5, float("nan"), 2.0, None],
            "tanggal": [date(2025, 10, 3), None, None, None],
            "waktu": pa.array([datetime(2025, 10, 3, 1, tzinfo=UTC), None, None, None], pa.timestamp("ns", "UTC")),
            "daftar": [[1, 2], None, [], None],
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    with (
        pa.OSFile(str(tmp_path / "t.arrow"), "wb") as out,
        pa.ipc.new_stream(out, table.schema) as s,
    ):
        s.write_table(table)
    for form in ("parquet", "arrow"):
        verdict = gate(tmp_path / f"t.{form}", form)
        (row,) = accepted(verdict)
        assert row["kode"] == "0001"
        assert row["tanggal"] == date(2025, 10, 3)
        assert row["waktu"] == datetime(2025, 10, 3, 1, tzinfo=UTC)
        assert row["daftar"] == "[1,2]"
        assert {(b.column, b.rule) for b in verdict.by_rule} == {
            ("nilai", "type"), ("jumlah", "minimum"), ("jumlah", "required"),
        }  # fmt: skip
        whole = (tmp_path / f"t.{form}").read_bytes()
        with pytest.raises(UnreadableFile):
            gate(whole[: len(whole) // 2], form)


def test_an_unknown_format_and_steps_that_do_not_fit_are_refused(gate: Any) -> None:
    with pytest.raises(UnreadableFile, match="ndjson"):
        gate("x", "docx")
    with pytest.raises(InvalidSteps):
        gate("kode,jumlah\n", steps=[{"step": "trim", "columns": ["tiada"]}])


def test_verdicts_and_errors_travel_between_processes(gate: Any) -> None:
    verdict = gate("kode,jumlah\n0001,x\n")
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    error = UnreadableFile("rusak", "broken", "line 1")
    again = pickle.loads(pickle.dumps(error))
    assert (again.reason_id, again.reason_en, again.where) == ("rusak", "broken", "line 1")


def test_naming_the_gate_loads_no_heavy_library() -> None:
    heavy = "pandas,polars,pyarrow,openpyxl,xlsxwriter,numpy,jsonschema"
    code = f"import schemas.gate, schemas.registry, schemas.compatibility, sys; sys.exit(' '.join(set('{heavy}'.split(',')) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_judging_does_not_load_pandas(tmp_path: Path, form: str) -> None:
    """Rows that are proven, a suspect that passes, one that does not, and a step that takes out repeats."""
    texts = {
        "csv": "a,b\n1,2025-10-03\n2.0,2025-10-04\nx,2025-10-03\n1,2025-10-03\n",
        "ndjson": '{"a":1,"b":"2025-10-03"}\n{"a":"x","b":null}\n{"a":2,"b":"2025\\u002d10-04"}\n',
    }
    if form == "parquet":
        table = {"a": [1.0, 2.5, 2.0], "b": [date(2025, 10, 3), None, date(2025, 10, 4)]}
        pq.write_table(
            pa.table({**table, "w": pa.nulls(3, pa.timestamp("ns", "UTC"))}), tmp_path / "a.parquet"
        )
    else:
        (tmp_path / f"a.{form}").write_text(texts[form])
    steps = [{"step": "distinct"}] if form == "csv" else []
    code = (
        "import sys, pathlib; from schemas.document import SchemaDocument; from schemas.gate import judge;"
        "d = SchemaDocument.known({'$id': 'https://simpul.invalid/schemas/a/b/1.0.0.json', 'type': 'object',"
        " 'properties': {'a': {'type': 'integer'}, 'b': {'type': 'string', 'format': 'date'}, 'w': {}}});"
        f"h = pathlib.Path({str(tmp_path)!r});"
        f"v = judge(h / 'a.{form}', {form!r}, d, {steps!r}, work=h);"
        "assert (v.accepted, v.rejected) == (2, 1), v;"
        "sys.exit('pandas was loaded' if 'pandas' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
