"""Files that are odd without being wrong, and hostile ones that once got the better of the gate."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from schemas.document import SchemaDocument
from schemas.errors import UnreadableFile
from schemas.gate import Limits
from schemas.gate.report import rows_as_csv

Documents = Callable[..., SchemaDocument]


@pytest.fixture
def flat(document_of: Documents) -> SchemaDocument:
    """A schema whose lines of JSON are read at once."""
    return document_of({"a": {"type": "string", "minLength": 2}, "n": {"type": "integer"}})


# CSV


@pytest.mark.parametrize(
    "text", ["kode,jumlah", "\nkode,jumlah", '"kode","jumlah"', "kode;jumlah\r\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_header_without_a_line_end_is_a_file_of_no_rows(
    gate: Any, text: str, encoding: str
) -> None:
    verdict = gate(text.encode(encoding))
    assert (verdict.rows, verdict.status, verdict.header_errors) == (0, "accepted", ())


def test_a_header_of_other_columns_is_judged_without_a_line_end_too(gate: Any) -> None:
    assert gate(b"kode,asing").status == "refused"


def test_a_file_without_a_column_of_the_schema_is_refused_by_its_header(
    gate: Any, flat: SchemaDocument
) -> None:
    drop = [{"step": "drop", "columns": ["a", "n"]}]
    for text, steps in (("#baris,#kesalahan\n2,x\n", []), ("a,n\nab,1\n", drop)):
        verdict = gate(text, document=flat, steps=steps)
        (error,) = verdict.header_errors
        assert (verdict.status, error.rule, error.column) == ("refused", "tanpa-kolom", "")
        assert error.message_id
        assert error.message_en


# JSON lines


@pytest.mark.parametrize("nested", [False, True])
def test_blank_lines_are_passed_over_and_still_counted(
    gate: Any, document_of: Documents, flat: SchemaDocument, rejected: Any, nested: bool
) -> None:
    document = document_of({**flat.body["properties"], "l": {"type": "array"}}) if nested else flat
    lines = ["", '{"a": "xx"}', "  ", '{"a": "x"}', "\r", '{"a": "x\\u0079"}', "rusak", "", ""]
    for block in (8, 1 << 20):
        for text in ("\n".join(lines), "\n".join(lines[:-2])):
            verdict = gate(text, "ndjson", document=document, limits=Limits(block=block * 8))
            assert (verdict.accepted, verdict.rejected) == (2, 2)
            rules = [(row["row"], row["errors"][0]["rule"]) for row in rejected(verdict)]
            assert rules == [(4, "minLength"), (7, "json-rusak")]


@pytest.mark.parametrize("content", [b"\n", b" \r\n\n", b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_lines_that_are_all_blank_are_a_file_of_no_rows(
    gate: Any, flat: SchemaDocument, content: bytes
) -> None:
    verdict = gate(content, "ndjson", document=flat)
    assert (verdict.rows, verdict.status) == (0, "accepted")


# Keys


def test_a_number_beyond_every_column_is_a_key_like_any_other(
    gate: Any, document_of: Documents
) -> None:
    document = document_of({"k": {"type": "integer"}}, **{"x-kunci": ["k"], "required": ["k"]})
    huge = ["1e400", "1E400", "2.5", "1e40", "7"]
    verdict = gate("".join(f'{{"k":{text}}}\n' for text in huge), "ndjson", document=document)
    assert verdict.accepted == 1
    found = {(rule.rule, rule.count) for rule in verdict.by_rule}
    assert found == {("di-luar-jangkauan", 3), ("type", 1), ("kunci-ganda", 2)}


def test_a_key_is_told_as_a_person_would_have_typed_it(
    gate: Any, document_of: Documents, rejected: Any
) -> None:
    document = document_of({"k": {"type": "number"}}, **{"x-kunci": ["k"], "required": ["k"]})
    verdict = gate("k\n1.0\n1\n2.5\n2.5\n", document=document)
    told = [row["errors"][0]["message_id"] for row in rejected(verdict)]
    assert [text.split(" dipakai")[0] for text in told] == [
        "Kunci “1”", "Kunci “1”", "Kunci “2.5”", "Kunci “2.5”",
    ]  # fmt: skip


# Workbooks


@pytest.mark.parametrize("row", [0, -1])
def test_a_header_row_before_the_first_is_none(gate: Any, tmp_path: Path, row: int) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet().write_row(0, 0, ["kode", "jumlah"])
    with pytest.raises(UnreadableFile, match=f"Row {row} "):
        gate(tmp_path / "b.xlsx", "xlsx", header_row=row)


# More faults, names and values than anybody would read

MEMORY = """
import json, pathlib, resource, sys
from schemas.document import SchemaDocument
from schemas.gate import judge

path = pathlib.Path(sys.argv[1])
schema = {"type": "array", "items": {"type": "string", "minLength": 2, "pattern": "^a"}}
body = {"$id": "https://simpul.invalid/schemas/a/b/1.0.0.json", "type": "object", "properties": {"a": schema}}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
verdict = judge(path, "ndjson", SchemaDocument.known(body), [], work=path.parent)
spent = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(verdict.rejected, verdict.accepted, verdict.errors, spent)
"""


@pytest.mark.parametrize(("items", "records"), [(1_000_000, 1), (9_000, 100), (90, 300)])
def test_a_block_of_nothing_but_faults_takes_bounded_memory(
    tmp_path: Path, items: int, records: int
) -> None:
    line = '{"a":[' + ",".join(["1"] * items) + "]}\n"
    (tmp_path / "f.ndjson").write_text(line * records + '{"a":["ab"]}\n')
    call = [sys.executable, "-c", MEMORY, str(tmp_path / "f.ndjson")]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=50)
    rejected, accepted, errors, spent = map(int, done.stdout.split())
    assert (rejected, accepted) == (records, 1)
    assert errors <= 101 * records
    assert spent < 400


def test_of_a_row_with_many_faults_the_first_are_told_and_the_others_counted(
    gate: Any, document_of: Documents, rejected: Any
) -> None:
    document = document_of({"a": {"type": "array", "items": {"type": "string"}}})
    lines = [{"a": [1] * 250}, {"a": [1] * 100}, {"a": [1]}, {f"x{n}": 1 for n in range(120)}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    verdict = gate(text, "ndjson", document=document)
    rows = [row["errors"] for row in rejected(verdict)]
    assert [len(errors) for errors in rows] == [101, 100, 1, 101]
    assert [(e["rule"], e["value"], e["expected"]) for e in (rows[0][-1], rows[3][-1])] == [
        ("kesalahan-lain", 150, 100),
        ("kesalahan-lain", 20, 100),
    ]
    assert "150 more faults" in rows[0][-1]["message_en"]
    assert [(r.rule, r.count) for r in verdict.by_rule if r.pointer in ("/a/*", "")] == [
        ("type", 201),
        ("kesalahan-lain", 2),
    ]
    few = gate(text, "ndjson", document=document, limits=Limits(findings=3))
    assert few.errors == 4 + 4 + 1 + 4


@pytest.mark.parametrize("branches", [0, 2])
def test_a_record_too_large_for_its_faults_to_be_told_is_judged_all_the_same(
    gate: Any, document_of: Documents, rejected: Any, branches: int
) -> None:
    items = {"type": "integer"} if branches == 0 else {"anyOf": [{"type": "integer"}] * branches}
    document = document_of({"a": {"type": "array", "items": items}})
    good, bad = {"a": [1] * 10_001}, {"a": [*[1] * 10_000, "x"]}
    small = {"a": ["x"]}
    text = "".join(json.dumps(line) + "\n" for line in (small, good, bad, good, small))
    verdict = gate(text, "ndjson", document=document)
    assert verdict.accepted == 2
    rule = "anyOf" if branches else "type"
    told = [(row["row"], [e["rule"] for e in row["errors"]]) for row in rejected(verdict)]
    first = [] if branches else ["type"]
    assert told == [(1, [rule]), (3, [*first, "kesalahan-lain"]), (5, [rule])]
    error = rejected(verdict)[1]["errors"][-1]
    assert "holds too much" in error["message_en"]
    assert error["message_id"].startswith("Rekaman ini tidak sesuai dengan skema")


def test_a_long_value_is_told_by_its_beginning(
    gate: Any, document_of: Documents, rejected: Any
) -> None:
    document = document_of({"a": {"type": "array", "maxItems": 2}})
    record = {"a": ["x" * 9] * 5_000}
    verdict = gate(json.dumps(record) + "\n", "ndjson", document=document)
    (row,) = rejected(verdict)
    assert row["record"] == record
    value = row["errors"][0]["value"]
    assert (value[:14], value[-1], len(value)) == ('["xxxxxxxxx","', "…", 10_001)


def test_names_that_a_sender_invents_are_told_up_to_a_limit(
    gate: Any, flat: SchemaDocument
) -> None:
    body = {k: v for k, v in flat.body.items() if k != "additionalProperties"}
    lines = [{"a": "ab", f"x{n}": 1, "x0": 1} for n in range(30)]
    lines.append({"a": "ab", "y" * 201: 1})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    verdict = gate(text, "ndjson", document=SchemaDocument.parse(body), limits=Limits(places=10))
    notes = [(note.code, note.value) for note in verdict.notes]
    assert verdict.accepted == 31
    assert notes == [*(("ignored", f"x{n}") for n in range(10)), ("ignored-others", 21)]


def test_rows_under_invented_names_come_back_under_a_bounded_number_of_columns(
    gate: Any, flat: SchemaDocument
) -> None:
    body = {k: v for k, v in flat.body.items() if k != "additionalProperties"}
    document = SchemaDocument.parse(body)
    lines = [{f"x{n}": 1, "n": "bukan"} for n in range(2_500)] + [{"a": "x"}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    verdict = gate(text, "ndjson", document=document)
    back = b"".join(rows_as_csv(document, verdict.report_file, verdict.quarantine_file))
    names = back.decode("utf-8-sig").partition("\r\n")[0].split(",")
    assert len(names) == 2_001
    assert {"#baris", "n", "a"} < set(names)


@pytest.mark.parametrize(
    ("written", "accepted"),
    [
        ("1e-9000", 0),
        ("1.00000000000000000001", 0),
        ("123456789012345678901234567890.5", 0),
        ("0.0000000000000000000000000000001", 0),
        ("2.0", 1),
        ("2e3", 1),
        ("-0.0", 1),
    ],
)
@pytest.mark.parametrize("format", ["ndjson", "json"])
def test_a_number_that_a_float_would_make_whole_is_no_whole_number(
    gate: Any, written: str, accepted: int, format: str
) -> None:
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://simpul.invalid/schemas/uji/bulat/1.0.0.json",
        "type": "object",
        "properties": {"n": {"type": "integer"}},
    }
    line = f'{{"n": {written}}}'
    text = f"[{line}]" if format == "json" else f"{line}\n"
    assert gate(text, format, document=SchemaDocument.parse(body)).accepted == accepted
