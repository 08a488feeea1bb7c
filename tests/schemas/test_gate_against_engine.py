"""Differential tests: the gate accepts exactly the rows that the engine accepts one by one."""

import json
import tempfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.document import SchemaDocument
from schemas.gate import Limits, judge

NAMES = ["a", "b", "c"]
PATTERNS = ["^[0-9]+$", "^.{2,4}$", "a|b", "^\\d{3}$", "[^x]", "^\\w+$", "^$"]
TEXTS = st.one_of(
    st.sampled_from(["", "a", "007", "1.0", "2025-10-03", "2025-02-30", "null", "true", "ab\n", "é", "e\u0301", "😀", "٣"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-20, 20),
    st.sampled_from([0.07, 4.35, 1.0, 2.5, -0.0, 1e300, 2.0**53]),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.one_of(
    st.none(), st.booleans(), NUMBERS, TEXTS, st.lists(st.integers(0, 3), max_size=3)
)


@st.composite
def column_schemas(draw: st.DrawFn) -> Any:
    keywords: dict[str, Any] = {}
    if draw(st.booleans()):
        kinds = st.sampled_from(["string", "integer", "number", "boolean", "null", "array"])
        chosen = draw(st.lists(kinds, min_size=1, max_size=3, unique=True))
        keywords["type"] = chosen if len(chosen) > 1 else chosen[0]
    optional: dict[str, st.SearchStrategy[Any]] = {
        "minimum": st.integers(-5, 5),
        "maximum": st.one_of(st.integers(-5, 5), st.just(2.5)),
        "multipleOf": st.sampled_from([1, 2, 0.01, 0.5]),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 5),
        "pattern": st.sampled_from(PATTERNS),
        "format": st.sampled_from(["date", "date-time", "email", "uuid"]),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "not": st.fixed_dictionaries({"type": st.sampled_from(["string", "integer"])}),
    }
    for word in draw(st.lists(st.sampled_from(sorted(optional)), max_size=2, unique=True)):
        keywords[word] = draw(optional[word])
    return keywords


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    body: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://simpul.invalid/schemas/uji/acak/1.0.0.json",
        "type": "object",
        "properties": {name: draw(column_schemas()) for name in NAMES},
        "required": draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)),
        "additionalProperties": draw(st.booleans()),
    }
    if draw(st.booleans()):
        body["if"] = {"properties": {"a": draw(column_schemas())}}
        body["then"] = {"required": ["b"]}
    return body


ROWS = st.lists(
    st.dictionaries(st.sampled_from([*NAMES, "lain"]), VALUES, max_size=4), min_size=1, max_size=25
)
QUIET = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def storable(body: dict[str, Any], row: dict[str, Any]) -> bool:
    """Years outside 1 to 9999 are JSON Schema dates that no column holds; documented as a rule of its own."""
    return not any(isinstance(v, str) and v.startswith("0000-") for v in row.values())


@QUIET
@given(bodies(), ROWS)
def test_json_lines_get_the_verdict_of_the_engine_row_by_row(
    body: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    document = SchemaDocument.parse(body)
    one = jsonschema_rs.Draft202012Validator(body, validate_formats=True)
    rows = [row for row in rows if storable(body, row)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.ndjson"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        verdict = judge(path, "ndjson", document, [], work=Path(folder), limits=Limits(block=400))
        lines = verdict.quarantine_file.read_text().splitlines()
        refused = {json.loads(line)["row"] for line in lines}
        assert verdict.accepted_file is not None
        kept = pq.read_metadata(verdict.accepted_file).num_rows
    assert refused == {n for n, row in enumerate(rows, 1) if not one.is_valid(row)}
    assert kept == verdict.accepted == len(rows) - len(refused)


CELLS = st.one_of(
    TEXTS.filter(lambda t: not set(t) & set("\r\0")),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda f: json.dumps(f)),
    st.sampled_from(["", "true", "false", "-0", "1.50", "1e3", " 1", "+1", "0x1", "1_000", "NaN"]),
)


@QUIET
@given(
    st.sampled_from(["string", "integer", "number", "boolean"]),
    st.booleans(),
    st.booleans(),
    st.lists(CELLS, min_size=1, max_size=25),
)
def test_a_csv_cell_means_what_json_would_read(
    kind: str, nullable: bool, required: bool, cells: list[str]
) -> None:
    """The oracle reads a cell with Python's JSON reader where the type is not text."""
    import csv

    types = [kind, "null"] if nullable else kind
    body = {
        "$id": "https://simpul.invalid/schemas/uji/sel/1.0.0.json",
        "type": "object",
        "properties": {"a": {"type": types}, "b": {"type": "string"}},
        "required": ["a", "b"] if required else ["b"],
        "additionalProperties": False,
    }
    one = jsonschema_rs.Draft202012Validator(body)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerows([["a", "b"], *([cell, "x"] for cell in cells)])
        verdict = judge(path, "csv", SchemaDocument.parse(body), [], work=Path(folder))
        lines = verdict.quarantine_file.read_text().splitlines()
        refused = {json.loads(line)["row"] for line in lines}
    expected = {
        n for n, cell in enumerate(cells, 2) if not one.is_valid(read(cell, kind, nullable))
    }
    assert refused == expected


def read(cell: str, kind: str, nullable: bool) -> dict[str, Any]:
    if cell == "":
        return {"a": None, "b": "x"} if nullable else {"b": "x"}
    if kind == "string":
        return {"a": cell, "b": "x"}
    try:
        value = json.loads(cell) if cell.strip() == cell else cell
    except ValueError:
        value = cell
    legal = isinstance(value, bool | int | float) and value == value and cell != "NaN"
    return {"a": value if legal else cell, "b": "x"}
