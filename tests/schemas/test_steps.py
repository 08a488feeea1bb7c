"""Intake steps: untidy input to the one form that the schema states, and nothing beyond it."""

from typing import Any

import pytest

from schemas.document import SchemaDocument
from schemas.errors import InvalidSteps
from schemas.steps import Pipeline, check, describe

DATE = {"step": "date", "columns": ["t"], "to": "date", "zone": "+07:00"}
MOMENT = {**DATE, "to": "date-time"}
ALL_FORMS = ["iso-date", "iso-datetime", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%fZ", "%b %d, %Y, %I:%M:%S%p"]  # fmt: skip


@pytest.fixture
def document(document_of: Any) -> SchemaDocument:
    properties = {
        "a": {"type": "string"},
        "b": {"type": ["string", "null"]},
        "n": {"type": ["number", "null"]},
        "t": {"type": ["string", "null"]},
        "d": {"type": "string", "format": "date"},
        "y": {"type": "boolean"},
    }
    made: SchemaDocument = document_of(properties)
    return made


TEXTS: list[tuple[dict[str, Any], str, str]] = [
    ({"step": "trim", "columns": ["t"]}, "  x y \t", "x y"),
    ({"step": "split", "columns": ["t"], "separators": [",", ";"], "trim": "."}, "1.02.., 3.4. ;;5", "1.02;3.4;5"),
    ({"step": "split", "columns": ["t"], "separators": [";"]}, "55901309", "55901309"),
    ({**DATE, "forms": ALL_FORMS}, "2025-01-22 12:31:28", "2025-01-22"),
    ({**DATE, "forms": ALL_FORMS}, "Mar 03, 2025, 12:00:00AM", "2025-03-03"),
    ({**DATE, "forms": ALL_FORMS}, "2025-08-31T20:00:00.000000Z", "2025-09-01"),
    ({**DATE, "forms": ["iso-date"]}, "2025-02-30", "2025-02-30"),
    ({**DATE, "forms": ["id-date"]}, "3 Agustus 2025", "2025-08-03"),
    ({**DATE, "forms": ["id-date"]}, "31/12/2025", "2025-12-31"),
    ({**DATE, "forms": ["id-date"]}, "31-Des-2025", "2025-12-31"),
    ({**DATE, "forms": ["id-date"]}, "12/31/2025", "12/31/2025"),
    ({**DATE, "forms": ["%d/%m/%Y"]}, "٣١/١٢/٢٠٢٥", "٣١/١٢/٢٠٢٥"),
    ({**DATE, "forms": ["excel-serial"]}, "45933", "2025-10-03"),
    ({**MOMENT, "forms": ALL_FORMS}, "2025-01-31 10:30:49", "2025-01-31T10:30:49+07:00"),
    ({**MOMENT, "forms": ALL_FORMS}, "2025-01-31 14:00:00.000000Z", "2025-01-31T14:00:00Z"),
    ({**MOMENT, "forms": ["%Y-%m-%d %H:%M:%S.%fZ"]}, "2025-01-31 14:00:00.5Z", "2025-01-31T14:00:00.500000+07:00"),
    ({**MOMENT, "forms": ["iso-date"]}, "2025-01-31", "2025-01-31T00:00:00+07:00"),
    ({"step": "date", "columns": ["t"], "to": "date-time", "forms": ["iso-datetime"]}, "2025-01-31T10:00:00", "2025-01-31T10:00:00"),
    ({"step": "number", "columns": ["t"], "locale": "id"}, "1.234.567,50", "1234567.50"),
    ({"step": "number", "columns": ["t"], "locale": "id"}, "Rp 1.000,-", "1000"),
    ({"step": "number", "columns": ["t"], "locale": "id"}, "-0012,5", "-12.5"),
    ({"step": "number", "columns": ["t"], "locale": "id"}, "1.23", "1.23"),
    ({"step": "number", "columns": ["t"], "locale": "id"}, "1,234.56", "1,234.56"),
    ({"step": "number", "columns": ["t"], "locale": "en"}, "1,234.56", "1234.56"),
    ({"step": "number", "columns": ["t"], "locale": "iso"}, " 12.0 ", "12.0"),
    ({"step": "boolean", "columns": ["t"], "true": ["Ya"], "false": ["Tidak"]}, "YA", "true"),
    ({"step": "boolean", "columns": ["t"], "true": ["Ya"], "false": ["Tidak"]}, "mungkin", "mungkin"),
    ({"step": "translate", "columns": ["t"], "map": {"L": "laki-laki"}}, "L", "laki-laki"),
    ({"step": "translate", "columns": ["t"], "map": {"L": "laki-laki"}}, "l", "l"),
    ({"step": "empty", "columns": ["t"], "values": ["-", "NULL"]}, "NULL", ""),
    ({"step": "empty", "columns": "*", "values": ["-"]}, "- ", "- "),
]  # fmt: skip


@pytest.mark.parametrize(("step", "text", "made"), TEXTS)
def test_a_step_changes_a_cell(
    document: SchemaDocument, step: dict[str, Any], text: str, made: str
) -> None:
    check([step], document)
    table, stay = Pipeline([step], document).table({"t": [text, "", text]})
    assert table == {"t": [made, "", made]}
    assert stay is None


RECORDS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"step": "number", "columns": ["n"], "locale": "id"}, {"n": "1.234,5"}, {"n": 1234.5}),
    ({"step": "number", "columns": ["n"], "locale": "id"}, {"n": "x"}, {"n": "x"}),
    ({"step": "number", "columns": ["n"], "locale": "id"}, {"n": 7}, {"n": 7}),
    (
        {"step": "boolean", "columns": ["y"], "true": ["1"], "false": ["0"]},
        {"y": "0"},
        {"y": False},
    ),
    ({"step": "text", "columns": ["a"]}, {"a": 152339}, {"a": "152339"}),
    ({"step": "text", "columns": ["a"]}, {"a": 10048728000.0}, {"a": "10048728000"}),
    ({"step": "text", "columns": ["a"]}, {"a": None}, {"a": None}),
    ({"step": "text", "columns": ["a"]}, {"a": [1]}, {"a": [1]}),
    (
        {"step": "trim", "columns": "*"},
        {"a": " x ", "n": 1, "b": None},
        {"a": "x", "n": 1, "b": None},
    ),
    ({"step": "empty", "columns": "*", "values": ["-"]}, {"a": "-", "b": "-"}, {"b": None}),
    ({"step": "empty", "columns": ["a"], "values": [None]}, {"a": None, "b": None}, {"b": None}),
    ({"step": "rename", "columns": {"A": "a"}}, {"A": "x"}, {"a": "x"}),
    ({"step": "rename", "columns": {"A": "a"}}, {"A": "x", "a": "y"}, {"A": "x", "a": "y"}),
    ({"step": "drop", "columns": ["z"]}, {"z": 1, "a": "x"}, {"a": "x"}),
    ({"step": "drop", "columns": ["z"]}, {"a": "x"}, {"a": "x"}),
    ({**DATE, "forms": ["iso-date"]}, {"t": 5}, {"t": 5}),
]


@pytest.mark.parametrize(("step", "record", "made"), RECORDS)
def test_a_step_changes_a_record_and_leaves_what_it_was_given(
    document: SchemaDocument, step: dict[str, Any], record: dict[str, Any], made: dict[str, Any]
) -> None:
    check([step], document)
    given = dict(record)
    rows, _ = Pipeline([step], document).records([record, 17, None])
    assert rows == [made, 17, None]
    assert record == given


def test_exact_repeats_are_merged_across_blocks(gate: Any, document: SchemaDocument) -> None:
    pipeline = Pipeline([{"step": "distinct"}], document)
    assert pipeline.table({"a": ["1", "2", "1"]}) == ({"a": ["1", "2"]}, [0, 1])
    assert pipeline.table({"a": ["2", "3"]}) == ({"a": ["3"]}, [1])
    assert pipeline.merged == 2
    steps = [{"step": "trim", "columns": "*"}, {"step": "distinct"}]
    verdict = gate("kode,jumlah\n0001,1\n0001,1 \n0002,x\n0001,2\n", steps=steps)
    assert (verdict.rows, verdict.accepted, verdict.rejected) == (4, 0, 3)
    assert [n.value for n in verdict.notes if n.code == "merged"] == [1]
    assert [b.first_rows for b in verdict.by_rule if b.rule == "kunci-ganda"] == [(2, 5)]
    verdict = gate(
        '{"kode":"0001","jumlah":1}\n{"jumlah":1,"kode":"0001"}\n', "ndjson", steps=steps
    )
    assert (verdict.accepted, verdict.rejected) == (1, 0)


def test_steps_run_in_order_and_a_number_becomes_text_only_when_told(
    gate: Any, accepted: Any
) -> None:
    line = '{"KD": 1, "jumlah": "2"}'
    assert gate(line, "ndjson", [{"step": "rename", "columns": {"KD": "kode"}}]).accepted == 0
    steps = [
        {"step": "rename", "columns": {"KD": "kode"}},
        {"step": "text", "columns": ["kode"]},
        {"step": "translate", "columns": ["kode"], "map": {"1": "0001"}},
        {"step": "number", "columns": ["jumlah"], "locale": "iso"},
    ]
    assert accepted(gate(line, "ndjson", steps))[0]["kode"] == "0001"


def test_a_renamed_and_a_dropped_column_pass_the_header(gate: Any) -> None:
    steps = [
        {"step": "rename", "columns": {"Kode Barang": "kode"}},
        {"step": "drop", "columns": ["Catatan Intern", "jarang ada"]},
    ]
    assert gate("Kode Barang;jumlah;Catatan Intern\n0001;1;x\n", steps=steps).clean
    assert (
        gate("Kode Barang;kode;jumlah\n1;0001;1\n", steps=steps).header_errors[0].rule
        == "kolom-ganda"
    )


WRONG: list[tuple[list[Any], str]] = [
    ([{"step": "lompat"}], "/0/step"),
    (["trim"], "/0"),
    ([{"step": "trim"}], "/0"),
    ([{"step": "trim", "columns": ["a"], "lebih": 1}], "/0"),
    ([{"step": "trim", "columns": "a"}], "/0/columns"),
    ([{"step": "trim", "columns": ["asing"]}], "/0/columns"),
    ([{"step": "rename", "columns": {"x": "asing"}}], "/0/columns"),
    ([{"step": "distinct"}, {**DATE, "forms": []}], "/1/forms"),
    ([{**DATE, "forms": ["kemarin"]}], "/0/forms/0"),
    ([{**DATE, "forms": ["iso-date"], "zone": "WIB"}], "/0/zone"),
    ([{**MOMENT, "forms": ["iso-date"], "columns": ["d"]}], "/0/to"),
    ([{"step": "number", "columns": ["n"], "locale": "fr"}], "/0/locale"),
]


@pytest.mark.parametrize(("steps", "pointer"), WRONG, ids=range(len(WRONG)))
def test_steps_that_cannot_run_are_refused_with_their_place(
    document: SchemaDocument, steps: list[Any], pointer: str
) -> None:
    with pytest.raises(InvalidSteps) as caught:
        check(steps, document)
    assert pointer in {fault.pointer for fault in caught.value.faults}


def test_every_step_is_told_in_both_languages() -> None:
    steps = (
        [step for step, _, _ in TEXTS] + [step for step, _, _ in RECORDS] + [{"step": "distinct"}]
    )
    for indonesian, english in zip(describe(steps, "id"), describe(steps, "en"), strict=True):
        assert indonesian != english
        assert english.endswith(".")
