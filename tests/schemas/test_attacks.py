"""Attacks on schemas and files, by the numbers of the list of threats.

T5 and T6 on workbooks (bombs, repeated cells, entities) are in `test_workbooks` and `test_gate_files` as well.
Time is CPU time, and bounds are wide: what is tested is that nothing grows beyond its input.
"""

import csv
import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema_rs
import openpyxl
import pytest

from schemas.compatibility import compare
from schemas.document import SchemaDocument
from schemas.errors import InvalidSchema, UnreadableFile
from schemas.gate import Limits
from schemas.gate.report import as_csv, as_xlsx, rows_as_csv
from schemas.template import write_template

BODY: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/uji/catatan/1.0.0.json",
    "type": "object",
    "additionalProperties": False,
}


def body_of(properties: Any, **words: Any) -> dict[str, Any]:
    return {**BODY, "properties": properties, **words}


def faults(body: Any) -> dict[str, Any]:
    with pytest.raises(InvalidSchema) as caught:
        SchemaDocument.parse(body)
    return {fault.pointer: fault for fault in caught.value.faults}


@pytest.fixture
def spent() -> Callable[[], float]:
    """CPU seconds since the test began."""
    start = time.process_time()
    return lambda: time.process_time() - start


# T5: packages


def test_t5_names_of_parts_that_climb_out_write_nothing_anywhere(gate: Any, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("../../jahat.txt", "/tmp/jahat.txt", "xl\\..\\..\\jahat.txt", "C:/jahat.txt"):
            archive.writestr(name, "x")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFile):
        gate(out.getvalue(), "xlsx")
    assert not list(tmp_path.parent.rglob("jahat*"))
    assert not Path("/tmp/jahat.txt").exists()


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_t5_a_package_within_a_package_is_not_opened(gate: Any, form: str) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"0" * (20 << 20))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("xl/workbook.xml" if form == "xlsx" else "content.xml", inner.getvalue())
    with pytest.raises(UnreadableFile):
        gate(outer.getvalue(), form, limits=Limits(workbook=1 << 20))


# T7: what is written for a spreadsheet is never a formula

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_t7_a_rejected_cell_is_no_formula_in_the_report(
    gate: Any, paket: SchemaDocument, tmp_path: Path, formula: str
) -> None:
    line = json.dumps({"kode": formula, "jumlah": 1})
    verdict = gate(line + "\n", "ndjson")
    assert verdict.rejected == 1
    files = paket, verdict.report_file, verdict.quarantine_file
    text = b"".join(as_csv(*files)).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    as_xlsx(*files, tmp_path / "laporan.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "laporan.xlsx"):
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert all(cell.data_type in ("s", "n") and not cell.hyperlink for cell in cells)
    # What is sent back must be what was received, so that a correction corrects and nothing else.
    assert formula in b"".join(rows_as_csv(*files)).decode("utf-8-sig").replace('""', '"')


def test_t7_names_of_columns_are_no_formulas_in_a_template(tmp_path: Path) -> None:
    name = "=HYPERLINK(1)"
    document = SchemaDocument.parse(body_of({name: {"type": "string", "title": "=1+1"}}))
    write_template(document, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert (book["Data"]["A1"].value, book["Data"]["A1"].data_type) == (name, "s")
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


# T8: patterns

NOT_LINEAR = [
    (r"^(?=.*[0-9])[a-z]+$", "lookahead", "(?=", 2),
    (r"^(?!0000)[0-9]{4}$", "lookahead", "(?!", 2),
    (r"(?<=Rp)[0-9]+", "lookbehind", "(?<=", 1),
    (r"a(?<!b)c", "lookbehind", "(?<!", 2),
    (r"^([a-z])\1$", "backreference", r"\1", 9),
    (r"(?<x>a)\k<x>", "backreference", r"\k<x>", 8),
]


@pytest.mark.parametrize(("pattern", "name", "mark", "place"), NOT_LINEAR)
@pytest.mark.parametrize(
    ("column", "where"),
    [
        (lambda p: {"type": "string", "pattern": p}, "/properties/a/pattern"),
        (lambda p: {"anyOf": [{"type": "null"}, {"pattern": p}]}, "/properties/a/anyOf/1/pattern"),
        (lambda p: {"propertyNames": {"pattern": p}}, "/properties/a/propertyNames/pattern"),
    ],
)
def test_t8_a_pattern_that_is_not_linear_is_refused_with_its_reason_its_place_and_a_way_out(
    pattern: str, name: str, mark: str, place: int, column: Callable[[str], Any], where: str
) -> None:
    fault = faults(body_of({"a": column(pattern)}))[where]
    for words in (fault.message_id, fault.message_en):
        assert name in words
        assert f"{mark} " in words
        assert str(place) in words
    assert "linear" in fault.message_en
    assert "allOf" in fault.message_id or "x-aturan" in fault.message_id


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", r"\Aabc\Z", "(a{1000}){1000}"])
def test_t8_a_pattern_that_is_none_or_too_large_is_refused(pattern: str) -> None:
    fault = faults(body_of({"a": {"type": "string", "pattern": pattern}}))["/properties/a/pattern"]
    assert pattern in fault.message_id
    assert "lookahead" not in fault.message_en


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^([a-z]+)*[0-9]$", "^(.*a){12}$"]
)
def test_t8_texts_that_hang_other_engines_are_judged_in_linear_time(
    gate: Any, document_of: Any, spent: Callable[[], float], pattern: str
) -> None:
    document = document_of({"a": {"type": "string", "pattern": pattern}})
    lines = "".join(json.dumps({"a": "a" * length + "!"}) + "\n" for length in (30, 3_000, 30_000))
    for form, text in (("ndjson", lines), ("csv", "a\n" + "a" * 30_000 + "!\n")):
        verdict = gate(text, form, document=document)
        assert verdict.accepted == 0
    assert spent() < 5


# T9: nothing is ever fetched


@pytest.fixture
def listener() -> Iterator[tuple[str, list[Any]]]:
    """An address on this machine, and who has called there."""
    calls: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                calls.append(caller)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/s.json", calls
        done.set()
        thread.join()


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
def test_t9_a_remote_reference_is_refused_and_never_fetched(
    gate: Any, tmp_path: Path, listener: tuple[str, list[Any]], word: str
) -> None:
    url, calls = listener
    good = SchemaDocument.parse(body_of({"a": {"type": "string"}}))
    for part in ({"a": {word: url}}, {"a": {"items": {"not": {word: f"{url}#/$defs/x"}}}}):
        found = faults(body_of(part))
        assert any(pointer.endswith(word) for pointer in found)
        assert any("never fetched" in fault.message_en for fault in found.values())
        # A document that came in by another way than publication is not fetched for either.
        known = SchemaDocument.known(body_of(part))
        for use in (
            lambda known=known: gate('{"a": "x"}\n', "ndjson", document=known),
            lambda known=known: compare(known, good),
            lambda known=known: write_template(known, tmp_path / "t.xlsx"),
        ):
            with suppress(jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
                use()
    for other in ({"$schema": url}, {"$id": url}, {"$defs": {"x": {"$id": url, "$ref": url}}}):
        assert faults({**body_of({"a": {"type": "string"}}), **other})
    time.sleep(0.1)
    assert calls == []
    host, port = url.removeprefix("http://").removesuffix("/s.json").split(":")
    with socket.create_connection((host, int(port))):
        time.sleep(0.2)
    assert len(calls) == 1  # whoever had called would have been seen


# T10: schemas and records that eat themselves


def test_t10_references_to_oneself_end(gate: Any, spent: Callable[[], float]) -> None:
    for properties, words in (
        ({"a": {"$ref": "#/properties/a"}}, {}),
        ({"a": {"$ref": "#"}}, {}),
        ({"a": {"$ref": "#/$defs/x"}}, {"$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}}),
        ({"a": {"items": {"$ref": "#/properties/a"}}}, {}),
    ):  # fmt: skip
        body = body_of(properties, **words)
        try:
            document = SchemaDocument.parse(body)
        except InvalidSchema:
            continue
        deep = "[" * 60 + "]" * 60
        verdict = gate('{"a": %s}\n{"a": 1}\n' % deep, "ndjson", document=document)  # noqa: UP031
        assert verdict.rows == 2
    assert spent() < 10


def test_t10_definitions_that_name_one_another_again_and_again_are_read_once(
    spent: Callable[[], float],
) -> None:
    """Three references at each of fifteen levels would be 14 million parts."""
    chain = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 3} for n in range(15)}
    chain["d15"] = {"type": "string", "format": "date"}
    itself = {"anyOf": [*[{"$ref": "#/$defs/x"}] * 3, {"type": "string", "format": "date"}]}
    columns = {"a": {"$ref": "#/$defs/d0"}, "b": {"$ref": "#/$defs/x", "type": ["string", "null"]}}
    document = SchemaDocument.known(body_of(columns, **{"$defs": {**chain, "x": itself}}))
    assert (document.by_name["a"].types, document.by_name["a"].kind) == ({"string"}, "date")
    assert document.by_name["b"].types == {"string", "null"}
    assert spent() < 2


def test_t10_unique_items_over_thousands_of_objects(
    gate: Any, document_of: Any, spent: Callable[[], float]
) -> None:
    document = document_of({"a": {"type": "array", "uniqueItems": True}})
    items = [{"n": i, "m": {"k": i % 7}} for i in range(3_000)]
    text = json.dumps({"a": items}) + "\n" + json.dumps({"a": [*items, items[0]]}) + "\n"
    verdict = gate(text, "ndjson", document=document)
    assert (verdict.accepted, verdict.by_rule[0].rule) == (1, "uniqueItems")
    assert spent() < 5


@pytest.mark.parametrize(
    "body",
    [
        body_of({f"k{i}": {} for i in range(1_001)}),
        body_of({"a": {"enum": ["x" * 1_000_001]}}),
        body_of({"a": json.loads('{"not":' * 40 + "{}" + "}" * 40)}),
        body_of({"a": {"const": json.loads("[" * 900 + "]" * 900)}}),
    ],
)
def test_t10_schemas_beyond_every_measure_are_refused(
    body: dict[str, Any], spent: Callable[[], float]
) -> None:
    assert faults(body)
    assert spent() < 5


# T11: JSON that is none, or too much

HOSTILE = [
    ("[" * 200_000, "json-terlalu-dalam"),
    ('{"a":' * 200_000, "json-terlalu-dalam"),
    ('{"a":NaN}', "json-rusak"),
    ('{"a":-Infinity}', "json-rusak"),
    ('{"a":1,"a":2}', "json-nama-ganda"),
    ('{"a":{"b":1,"\\u0062":2}}', "json-nama-ganda"),
    ('{"a":1,}', "json-rusak"),
    ('{"a":"\\ud800"}', None),
    ('{"a":"x\\u0000y"}', None),
    ('{"a":01}', "json-rusak"),
    ('{"a":1}\x00', "json-rusak"),
    ('{"a":' + "9" * 5_000 + "}", None),
    ('{"a":1e999}', None),
    ('{"a":-1e-999}', None),
    ('{"a":18446744073709551616}', None),
]


@pytest.mark.parametrize(("text", "rule"), HOSTILE)
def test_t11_hostile_json_is_a_rejected_row_and_its_neighbours_pass(
    gate: Any, document_of: Any, spent: Callable[[], float], text: str, rule: str | None
) -> None:
    document = document_of({"a": {"type": "integer", "minimum": 0, "maximum": 10}})
    verdict = gate(f'{{"a":1}}\n{text}\n{{"a":2}}\n', "ndjson", document=document)
    rules = [broken.rule for broken in verdict.by_rule]
    assert verdict.accepted + verdict.rejected == 3
    assert verdict.accepted == 2
    assert rule is None or rules == [rule]
    assert spent() < 5


@pytest.mark.parametrize(
    "text", ['[{"a":1}' + ',{"a":NaN}]', '[{"a":1},{"a":1,"a":2}]', "[[[[" * 50_000, '[{"a":"']
)
def test_t11_hostile_json_in_an_array_is_a_rejected_row_or_an_unreadable_file(
    gate: Any, document_of: Any, text: str
) -> None:
    document = document_of({"a": {"type": "integer"}})
    try:
        verdict = gate(text, "json", document=document)
    except UnreadableFile:
        return
    assert (verdict.accepted, verdict.rejected) == (1, 1)


def test_t11_whole_numbers_stay_exact_or_are_refused(
    gate: Any, document_of: Any, accepted: Any
) -> None:
    document = document_of({"a": {"type": "integer"}})
    numbers = [2**53 + 1, 2**63 - 1, 2**64, -(2**63)]
    text = "".join(f'{{"a":{number}}}\n' for number in numbers)
    verdict = gate(text, "ndjson", document=document)
    assert [row["a"] for row in accepted(verdict)] == [2**53 + 1, 2**63 - 1, -(2**63)]
    assert verdict.by_rule[0].rule == "di-luar-jangkauan"
    verdict = gate("a\n" + "".join(f"{number}\n" for number in numbers), document=document)
    assert [row["a"] for row in accepted(verdict)] == [2**53 + 1, 2**63 - 1, -(2**63)]


def test_t11_nested_json_in_a_cell_is_bounded_too(gate: Any, document_of: Any) -> None:
    document = document_of({"a": {"type": "array"}, "b": {"type": ["string", "null"]}})
    rows = ["[" * 100_000, "[" * 70 + "]" * 70, '[{"x":1,"x":2}]', "[NaN]", "[1, 2]"]
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *([row, "x"] for row in rows)])
    verdict = gate(out.getvalue(), document=document)
    assert (verdict.accepted, verdict.rejected) == (1, 4)


# Sizes of files


def test_more_columns_than_a_record_may_have_are_refused_before_any_row(gate: Any) -> None:
    with pytest.raises(UnreadableFile, match="columns"):
        gate(",".join(f"k{i}" for i in range(2_001)) + "\n")


def test_millions_of_empty_or_ragged_lines_take_no_more_than_their_reading(
    gate: Any, spent: Callable[[], float]
) -> None:
    verdict = gate("kode,jumlah\n" + "\n" * 1_000_000 + "0001,1\n")
    assert verdict.accepted == 1
    verdict = gate("kode,jumlah\n" + "x\n" * 20_000, limits=Limits(rows_detailed=100))
    assert verdict.rejected == 20_000
    assert spent() < 20


def test_nul_bytes_are_no_text_in_csv_and_in_json_lines(gate: Any) -> None:
    with pytest.raises(UnreadableFile, match="NUL"):
        gate(b"kode,jumlah\n0001,1\x00\n")
    verdict = gate(b'{"kode":"0001","jumlah":1}\n\x00\x00\n', "ndjson")
    assert (verdict.accepted, verdict.rejected) == (1, 1)
