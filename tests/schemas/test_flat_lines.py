"""JSON lines read at once: whatever the bytes, a row beyond doubt is what reading its line alone gives."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.columns import columns_of
from schemas.gate.flat import FlatReader
from schemas.strict import StrictError, strict

PROPERTIES: dict[str, Any] = {
    "s": {"type": "string"},
    "t": {"type": ["string", "null"]},
    "i": {"type": "integer"},
    "f": {"type": ["number", "null"]},
    "b": {"type": "boolean"},
}
READER = FlatReader(columns_of({"properties": PROPERTIES}))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", ":a", '":', "{", "}", "\\", '"', "\n", "null", "é", "\u2028", "a,b", '","i":']),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)  # fmt: skip
TYPED = st.fixed_dictionaries(
    {},
    optional={
        "s": st.sampled_from(["a", ":b", "c}", "é", ""]),
        "t": st.sampled_from(["a", None]),
        "i": st.sampled_from([0, -5, 2**62, None]),
        "f": st.sampled_from([0.5, -0.0, 1e300, 2**53, 2**53 + 1, None]),
        "b": st.booleans(),
    },
)
RECORDS = st.one_of(TYPED, TYPED, st.dictionaries(st.sampled_from([*PROPERTIES, "x"]), VALUES))
INSERTED = st.sampled_from(['"', "\\", "{", "}", ":", ",", "null", " ", "\t", "\r", "0", "NaN", ".", "e5", "\n", "/**/", '"i":1,', "\0"])  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    ascii_only = draw(st.booleans())
    spaces = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :")]))
    rows = draw(st.lists(RECORDS, min_size=1, max_size=5))
    text = "\n".join(json.dumps(r, ensure_ascii=ascii_only, separators=spaces) for r in rows)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(INSERTED) + text[at + draw(st.integers(0, 2)) :]
    return text.encode() + draw(st.sampled_from([b"", b"\n"]))


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(texts())
@example(b'{"s":"a","i":1,"t":null,"f":null,"b":true}\n{"s":"a","t":null,"i":1,"b":true}')
@example(b'{"s":"a","t":"b","f":1}\n{"t":"b","f":1,"i":null}')
@example(b'{"s":":","t":"b","f":1,"i":null,"i":1}')
def test_a_row_beyond_doubt_is_the_record_of_its_line(text: bytes) -> None:
    flat = READER.read(text)
    if flat is None:
        return
    lines = text.removesuffix(b"\n").split(b"\n")
    assert len(lines) == len(flat.sure)
    for index, line in enumerate(lines):
        if flat.sure[index]:
            try:
                record = strict(line)
            except StrictError as error:
                pytest.fail(f"{line!r} is not strict JSON: {error}")
            assert record == as_read(flat.columns, index)


def as_read(columns: dict[str, Any], index: int) -> dict[str, Any]:
    """What the proof takes the row for: an empty cell is null where null is allowed, else absent."""
    cells = {name: column[index].as_py() for name, column in columns.items()}
    assert "" not in cells.values()
    return {n: v for n, v in cells.items() if v is not None or "null" in PROPERTIES[n]["type"]}


def test_usual_lines_are_beyond_doubt() -> None:
    whole = {"s": "a:b", "t": None, "i": -1, "f": 1.5, "b": True}
    some = {"t": "x", "f": 2.0}
    lines = [whole, {**whole, "s": "é"}, some, {**whole, "s": 'a"b'}, {"t": None, "f": 1.0}, {}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    flat = READER.read(text)
    assert flat is not None
    assert flat.sure.tolist() == [True, True, True, False, False, False]


def test_records_with_lists_are_read_line_by_line() -> None:
    assert not FlatReader(columns_of({"properties": {"a": {"type": "array"}}})).useful
    assert not FlatReader({}).useful


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(RECORDS, min_size=1, max_size=20))
def test_lines_get_the_verdict_of_the_engine(rows: list[dict[str, Any]]) -> None:
    import tempfile
    from pathlib import Path

    from schemas.document import SchemaDocument
    from schemas.gate import Limits, judge

    body = {
        "$id": "https://simpul.invalid/schemas/uji/baris/1.0.0.json",
        "type": "object",
        "properties": PROPERTIES,
        "required": ["t", "b"],
        "dependentRequired": {"f": ["i"]},
        "additionalProperties": False,
    }
    rows = [r for r in rows if not {"nan", "inf", "-inf"} & {str(v) for v in r.values()}]
    one = jsonschema_rs.Draft202012Validator(body)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.ndjson"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        limits = Limits(block=300)
        verdict = judge(
            path, "ndjson", SchemaDocument.known(body), [], work=Path(folder), limits=limits
        )
        refused = {
            json.loads(line)["row"]
            for line in verdict.quarantine_file.read_text().split("\n")
            if line
        }
    out_of_reach = {
        n
        for n, r in enumerate(rows, 1)
        if type(r.get("i")) is int and not -(2**63) <= r["i"] < 2**63
    }
    expected = {n for n, row in enumerate(rows, 1) if not one.is_valid(row)}
    assert refused == expected | out_of_reach
