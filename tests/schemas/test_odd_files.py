"""Files that are odd without being wrong, and hostile ones that once got the better of the gate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from schemas.document import SchemaDocument
from schemas.errors import UnreadableFile
from schemas.gate import Limits

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
