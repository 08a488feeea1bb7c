"""Each rule, as an agency would break it in a CSV and in JSON lines."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.gate import Limits

HEADER = "kode,jumlah,nilai,tanggal,waktu,jenis,aktif,wilayah,nama,ket,daftar"
GOOD = '0001,5,1.5,2025-10-03,2025-10-03T08:00:00+07:00,barang,true,64.01,Ani (sintetis),catatan,"[1,2]"'

CELLS: list[tuple[str, str, str]] = [
    ("kode", "123", "pattern"),
    ("kode", "12345", "pattern"),
    ("kode", "٠٠٠١", "pattern"),
    ("kode", "", "kunci-kosong"),
    ("jumlah", "", "required"),
    ("jumlah", "007", "type"),
    ("jumlah", " 7", "type"),
    ("jumlah", "+7", "type"),
    ("jumlah", "1,5", "type"),
    ("jumlah", "1.5", "type"),
    ("jumlah", "lima", "type"),
    ("jumlah", "NaN", "type"),
    ("jumlah", "-1", "minimum"),
    ("jumlah", "5001", "maximum"),
    ("jumlah", "99999999999999999999", "maximum"),
    ("nilai", "1.234,56", "type"),
    ("nilai", "inf", "type"),
    ("nilai", "1e999", "di-luar-jangkauan"),
    ("tanggal", "2025-02-30", "format"),
    ("tanggal", "03/10/2025", "format"),
    ("tanggal", "0000-01-01", "di-luar-jangkauan"),
    ("waktu", "2025-10-03T08:00:00", "format"),
    ("waktu", "2025-10-03 08:00:00Z", "format"),
    ("jenis", "Barang", "enum"),
    ("aktif", "ya", "type"),
    ("aktif", "1", "type"),
    ("wilayah", "99.99", "kode-referensi"),
    ("nama", "ab", "minLength"),
    ("ket", "x" * 21, "maxLength"),
    ("daftar", "[1,", "type"),
    ("daftar", '["a"]', "type"),
]


@pytest.fixture
def codes(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "wilayah.txt"
    path.write_text("64\n64.01\n")
    return {"referensi/wilayah": path}


def line(**cells: str) -> str:
    import csv
    import io

    names = HEADER.split(",")
    row = dict(zip(names, next(csv.reader([GOOD])), strict=True)) | cells
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row[name] for name in names)
    return out.getvalue()


@pytest.mark.parametrize(("column", "cell", "rule"), CELLS)
def test_a_bad_cell_is_refused_by_the_name_of_its_rule(
    gate: Any, rejected: Any, codes: Any, column: str, cell: str, rule: str
) -> None:
    other = line(kode="0002")
    verdict = gate(f"{HEADER}\n{line(**{column: cell})}\n{other}\n", codes=codes)
    assert (verdict.rows, verdict.accepted, verdict.rejected) == (2, 1, 1)
    (row,) = rejected(verdict)
    assert row["row"] == 2
    (error,) = row["errors"]
    assert (error["column"], error["rule"]) == (column, rule)
    assert error["pointer"].startswith(f"/{column}")
    assert error["message_id"]
    assert error["message_en"]
    assert error["message_id"] != error["message_en"]
    assert (verdict.by_rule[0].count, verdict.by_rule[0].first_rows) == (1, (2,))


def test_a_good_row_is_kept_in_the_types_of_the_schema(
    gate: Any, accepted: Any, codes: Any
) -> None:
    verdict = gate(f"{HEADER}\n{GOOD}\n", codes=codes)
    assert verdict.clean
    assert verdict.status == "accepted"
    assert accepted(verdict) == [
        {
            "kode": "0001",
            "jumlah": 5,
            "nilai": 1.5,
            "tanggal": date(2025, 10, 3),
            "waktu": datetime(2025, 10, 3, 1, 0, tzinfo=UTC),
            "jenis": "barang",
            "aktif": True,
            "wilayah": "64.01",
            "nama": "Ani (sintetis)",
            "ket": "catatan",
            "daftar": "[1,2]",
        }
    ]


@pytest.mark.parametrize("cell", ["1.0", "1e0", "10e-1", "1"])
def test_a_whole_number_may_be_written_with_a_fraction_of_zero(
    gate: Any, accepted: Any, cell: str
) -> None:
    assert accepted(gate(f"kode,jumlah\n0001,{cell}\n"))[0]["jumlah"] == 1


def test_absent_optional_columns_are_null_and_the_order_is_the_schemas(
    gate: Any, paket: SchemaDocument
) -> None:
    verdict = gate("jumlah;kode\n1;0001\n")
    table = pq.read_table(verdict.accepted_file)
    assert table.schema.equals(arrow_schema(paket))
    assert table.column("ket").null_count == 1


def test_an_empty_cell_is_null_where_null_is_allowed_and_else_absent(
    gate: Any, document_of: Any
) -> None:
    document = document_of(
        {"a": {"type": "string"}, "b": {"type": ["string", "null"]}, "c": {"type": "string"}},
        dependentRequired={"b": ["c"]},
    )
    verdict = gate("a,b,c\n,,x\n,,\n", document=document)
    assert (verdict.accepted, verdict.rejected) == (1, 1)  # b is null, so present, and wants c


def test_json_keeps_null_and_absent_apart(gate: Any, rejected: Any) -> None:
    lines = [
        {"kode": "0001", "jumlah": 1},
        {"kode": "0002", "jumlah": 1, "ket": None},
        {"kode": "0003", "jumlah": 1, "jenis": None},
        {"kode": "0004", "jumlah": None},
    ]
    verdict = gate("\n".join(map(json.dumps, lines)), "ndjson")
    assert [row["row"] for row in rejected(verdict)] == [3, 4]
    assert {(b.column, b.rule) for b in verdict.by_rule} == {("jenis", "enum"), ("jumlah", "type")}


JSON_LINES: list[tuple[str, str]] = [
    ('{"kode": "0001", "jumlah": 1, "kode": "0002"}', "json-nama-ganda"),
    ('{"kode": "0001", "jumlah": NaN}', "json-rusak"),
    ('{"kode": "0001", "jumlah": Infinity}', "json-rusak"),
    ('{"kode": "0001", "jumlah": 1,}', "json-rusak"),
    ('{"kode": "0001", "jumlah": 01}', "json-rusak"),
    ("{'kode': '0001'}", "json-rusak"),
    ('{"kode": "0001", "jumlah": 1', "json-rusak"),
    ('{"kode": "\\ud800", "jumlah": 1}', "json-rusak"),
    ("[" * 200_000, "json-terlalu-dalam"),
    ('{"kode": "0001", "jumlah": ' + "[" * 200_000 + "]" * 200_000 + "}", "json-terlalu-dalam"),
    ("17", "type"),
    ('["0001", 1]', "type"),
    ('{"kode": "0001", "jumlah": 1, "lebih": 2}', "additionalProperties"),
    ('{"kode": 1, "jumlah": 1}', "type"),
    ('{"kode": "0001", "jumlah": "1"}', "type"),
    ('{"kode": "0001", "jumlah": true}', "type"),
    ('{"kode": "0001", "jumlah": 123456789012345678901234567890}', "maximum"),
    ('{"kode": "0001", "jumlah": 1e400}', "maximum"),
]


@pytest.mark.parametrize(("text", "rule"), JSON_LINES, ids=range(len(JSON_LINES)))
def test_a_bad_line_of_json_harms_no_other(gate: Any, text: str, rule: str) -> None:
    verdict = gate(f'{{"kode": "0009", "jumlah": 1.0}}\n\n{text}\n', "ndjson")
    assert (verdict.accepted, verdict.rejected) == (1, 1)
    assert verdict.by_rule[0].rule == rule
    assert verdict.by_rule[0].first_rows == (3,)


WHOLE = [
    (t, r) for t, r in JSON_LINES if r != "json-terlalu-dalam" and t.count("{") == t.count("}")
]


@pytest.mark.parametrize(("text", "rule"), WHOLE, ids=range(len(WHOLE)))
def test_a_bad_element_of_a_json_array_harms_no_other(gate: Any, text: str, rule: str) -> None:
    verdict = gate(f'[{{"kode": "0009", "jumlah": 1.0}},{text}]', "json")
    assert (verdict.accepted, verdict.rejected) == (1, 1)
    assert verdict.by_rule[0].rule == rule
    assert verdict.by_rule[0].first_rows == (2,)


def test_large_numbers_are_exact(gate: Any, accepted: Any, document_of: Any) -> None:
    document = document_of({"n": {"type": "integer", "maximum": 10**30}})
    lines = [{"n": 2**63 - 1}, {"n": 10**30}, {"n": 10**30 + 1}]
    verdict = gate("\n".join(map(json.dumps, lines)), "ndjson", document=document)
    assert [row["n"] for row in accepted(verdict)] == [2**63 - 1, 10**30]
    assert gate("n\n1000000000000000000000000000001\n", document=document).accepted == 0


def test_money_in_hundredths_is_never_refused_for_binary_fractions(
    gate: Any, document_of: Any
) -> None:
    document = document_of({"uang": {"type": "number", "multipleOf": 0.01}})
    amounts = ["0.07", "4.35", "19.99", "1234567.89", "0.075"]
    assert gate("uang\n" + "\n".join(amounts), document=document).rejected == 1


def test_all_rows_of_a_key_that_comes_twice_are_refused_and_name_each_other(
    gate: Any, rejected: Any
) -> None:
    verdict = gate("kode,jumlah\n0001,1\n0002,2\n0001,3\n0003,9999\n0003,1\n")
    assert verdict.accepted == 1
    rows = {row["row"]: row["errors"] for row in rejected(verdict)}
    assert {n: [e["rule"] for e in errors] for n, errors in rows.items()} == {
        2: ["kunci-ganda"],
        4: ["kunci-ganda"],
        5: ["maximum", "kunci-ganda"],
        6: ["kunci-ganda"],
    }
    assert rows[2][0]["expected"] == 4
    assert rows[4][0]["expected"] == 2


def test_keys_that_hash_alike_in_python_are_not_the_same(gate: Any, document_of: Any) -> None:
    document = document_of(
        {"a": {"type": "integer"}, "b": {"type": "string"}}, **{"x-kunci": ["a", "b"]}
    )
    assert gate("a,b\n-1,x\n-2,x\n1,1\n11,\n", document=document).rejected == 1


def test_a_moment_written_in_two_zones_is_one_key(gate: Any, document_of: Any) -> None:
    document = document_of(
        {"waktu": {"type": "string", "format": "date-time"}}, **{"x-kunci": ["waktu"]}
    )
    text = "waktu\n2025-10-03T08:00:00+07:00\n2025-10-03T01:00:00Z\n"
    assert gate(text, document=document).rejected == 2


def test_a_missing_property_is_pointed_at_by_its_own_pointer(gate: Any, rejected: Any) -> None:
    (row,) = rejected(gate('{"kode": "0001"}', "ndjson"))
    assert [e["pointer"] for e in row["errors"]] == ["/jumlah"]


def test_a_rule_across_columns_is_judged(gate: Any, document_of: Any) -> None:
    document = document_of(
        {"jenis": {"enum": ["a", "b"]}, "nilai": {"type": "integer"}},
        **{"if": {"properties": {"jenis": {"const": "a"}}}, "then": {"required": ["nilai"]}},
    )
    verdict = gate("jenis,nilai\na,\na,1\nb,\n", document=document)
    assert (verdict.accepted, verdict.by_rule[0].pointer) == (2, "/nilai")


def test_the_schemas_own_message_comes_first(gate: Any, rejected: Any) -> None:
    verdict = gate(f"kode,jumlah,ket\n0001,1,{'x' * 30}\n")
    assert verdict.by_rule[0].message_id == "Singkat saja."
    assert rejected(verdict)[0]["errors"][0]["message_en"].endswith("Be brief.")


def test_examples_leave_personal_data_out(gate: Any) -> None:
    verdict = gate("kode,jumlah,nama\n0001,1,ab\n0002,x,Budi (sintetis)\n")
    assert {b.column: b.examples for b in verdict.by_rule} == {"nama": (), "jumlah": ("x",)}


def test_codes_may_come_from_a_parquet_file(gate: Any, tmp_path: Path) -> None:
    path = tmp_path / "kode.parquet"
    pq.write_table(pa.table({"kode": ["64"], "nama": ["Kaltim"]}), path)
    codes = {"referensi/wilayah": path}
    assert gate("kode,jumlah,wilayah\n0001,1,64\n0002,1,65\n", codes=codes).rejected == 1


def test_a_deletion_needs_the_key_alone(gate: Any, accepted: Any) -> None:
    verdict = gate("kode\n0001\n12\n", delete=True)
    assert accepted(verdict) == [{"kode": "0001"}]
    verdict = gate("kode,jumlah\n0001,bukan angka\n", delete=True)
    assert accepted(verdict) == [{"kode": "0001"}]
    assert gate('{"kode": "0001", "ket": 5}', "ndjson", delete=True).clean
    assert gate("jumlah\n1\n", delete=True).header_errors[0].column == "kode"


def test_properties_an_open_schema_does_not_name_are_reported_not_kept(
    gate: Any, document_of: Any
) -> None:
    document = document_of({"a": {"type": "integer"}}, additionalProperties=True)
    verdict = gate('{"a": 1, "b": 2}', "ndjson", document=document)
    assert verdict.clean
    assert [(n.code, n.value) for n in verdict.notes] == [("ignored", "b")]


def test_details_are_capped_and_counts_are_exact(gate: Any, rejected: Any) -> None:
    lines = "".join(f"{i:04d},x\n" for i in range(50))
    verdict = gate(f"kode,jumlah\n{lines}", limits=Limits(rows_detailed=10))
    report = json.loads(verdict.report_file.read_text())
    assert len(report["rows"]) == 10
    assert report["truncated"] == {"rows_detailed": 10, "rows_rejected": 50}
    assert report["by_rule"][0]["count"] == verdict.rejected == len(rejected(verdict)) == 50


def test_the_verdict_does_not_depend_on_the_size_of_blocks(gate: Any, rejected: Any) -> None:
    lines = [f'{i % 900:04d},{i},"a\nb"' if i % 7 else f"{i:04d}" for i in range(1000)]
    text = "kode,jumlah,ket\n" + "\n".join(lines)
    whole = gate(text)
    expected = [(row["row"], [e["rule"] for e in row["errors"]]) for row in rejected(whole)]
    parts = gate(text, limits=Limits(block=300))
    assert [(r["row"], [e["rule"] for e in r["errors"]]) for r in rejected(parts)] == expected
    assert (whole.rows, whole.accepted) == (parts.rows, parts.accepted)
    assert whole.rows == 1000
