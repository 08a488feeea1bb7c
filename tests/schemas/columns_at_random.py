"""Random schemas of three columns, cells that are traps, and the comparison of the columnar proof with the engine."""

import json
import random
from typing import Any

import jsonschema_rs
import pyarrow as pa
from hypothesis import strategies as st

from schemas.arrow import arrow_type
from schemas.columnar import Proof
from schemas.columns import columns_of
from schemas.engine import compile_schema
from schemas.gate.cells import rows_of
from schemas.gate.keeping import typed
from schemas.gate.rows import Rows

Table = dict[str, list[str]]
NAMES = ["a", "b", "c"]
CELLS = [
    "", "0", "-0", "1", "-1", "2", "3", "7", "10", "007", "+5", "1.0", "1.50", "1.5", "-2.5", "0.07", "19.99", "1e3",
    "1E400", "1,5", "1.234,56", "1.234", "999", "1000", "500", "9223372036854775807", "9223372036854775808",
    "9007199254740993", "9007199254740992", "9007199254740991", "123456789012345678", "999999999999999999",
    "123456789012345678901234567890", "0.1234567890123456", "123456789012345.6", "0.000000000000001", "NaN", "nan",
    "inf", "-inf", "Infinity", "true", "TRUE", "false", "True", "ya", " 12", "12 ", "12\n", "\n", "\u0663\u0663", "\u0661",
    "0x10", "1_000", "1.", ".5", "-.5", "-", "--1", "1-", "00", "-00", "0.0", "-0.0", "1.2.3", "1e", "-1.0", "1/2",
    "a", "aa", "A", "ab\n", "\u00e9", "e\u0301", "\U0001f600", "\U0001f600\U0001f600", "\u2028", "null", "None", "L", "P",
    "x" * 11, "x" * 300, "\0", "1\0",
    "2026-02-28", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "2026-02-30", "2026-04-31", "2026-13-01",
    "2026-00-10", "2026-01-00", "0000-01-01", "0001-01-01", "9999-12-31", "2026-1-1", "31/12/1999", "20260101", "2026/01/01",
    "2026-01-011", "2026-01-01\n", "-026-01-01", "+026-01-01", "2026-1 -01",
    "2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00",
    "2016-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+07:60", "2026-01-01T00:00:00+0700", "2026-01-01T00:00:00+07", "2026-01-01T00:00:00.123+07:00",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "2026-01-01T00:00:00.1234567890Z",
    "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.1234567Z", "2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59+07:00",
    "1969-12-31T23:59:59Z", "2026-01-01T00:00Z", "2026-01-01T00:00:00,5Z", "2026-01-01X00:00:00Z", "2026-01-01T00:00:00*07:00",
    "23:59:59Z", "23:59:60Z", "12:00:00", "12:00:00+07:00", "24:00:00Z",
    "a@b", "@", "a..b@c.invalid", "a@b.invalid", "joe.x@contoh.go.invalid", "-a@b.invalid", ".a@b.invalid", "a@-b.invalid", '"a b"@x.invalid', "a@b.invalid\n",
    "a@b@c.invalid", "a_b@c.invalid", "a+b@c.invalid", "a@b_c.invalid", "a@b..invalid", "a@b.invalid.", "a@b-.invalid", "a@1.2", "x" * 65 + "@b.invalid", "a@" + "b" * 64 + ".invalid",
    "a@[127.0.0.1]", "a\u00e9@b.invalid",
    "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2EB8AA08AA9811EAB4AA73B441D16380",
    "{2eb8aa08-aa98-11ea-b4aa-73b441d1638}", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", "2eb8aa08-aa98-11ea-b4aa+73b441d16380",
    "0012345678901234", "001234567890123", "00123456789012345", "32.04.05.2001", "32.04.05.200", "32,04,05,2001", "1.6E+15",
    "https://contoh.go.id", "http://contoh.go.id/a?b=1", "contoh.go.id", "http://a b", "http://", "https://contoh.go.id/%zz",
]  # fmt: skip
PATTERNS = [
    "^[0-9]{16}$", "^a", "a$", "[a-z]+", "^[0-9]{2}\\.[0-9]{2}\\.[0-9]{2}\\.[0-9]{4}$", "^\\d+$", "\\w", "^(?:a|b)*$", "^.$",
    "^$", "^\\s", "\\p{L}", "^[^0-9]*$", "^[A-Z0-9-]+$", "^a|b$", "^.{2}$", "x{11}", "[^a]", "^[0-9]{8,20}$", "^[a-z]{1,2}$",
    "^[0-9.]*$", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "^(19|20)\\d{2}(0[1-9]|1[0-2])$", "^\\d{2}(\\.\\d{2})*$", "^[\\d.]{3}$", "^\\W$", "a{2}?",
    "^[0-9]{2}[a-z]?$", "^\\-?[0-9]+$", "^[+-]?\\d", "^[]-a]$", "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
]  # fmt: skip
BOUNDS = st.one_of(
    st.integers(-5, 1000),
    st.sampled_from([0.5, -2.5, 1.5, 2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**63 - 1, 1e18, 10**18, 9007199254740993, 10**30]),
)  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10),
    st.sampled_from(["", "a", "L", "P", "1", "true", "\u00e9", 1.5, 1.0, 0, 500, 2**53, 2**53 + 1, 9007199254740992.0, -0.0, [], {}]),
)  # fmt: skip
TYPES: list[Any] = [
    "string", "integer", "number", "boolean", "null", ["string", "null"], ["integer", "null"], ["number", "null"],
    ["boolean", "null"], ["integer", "string"], ["number", "integer"], ["boolean", "integer"], ["array", "null"],
]  # fmt: skip
FORMATS = ["date", "date-time", "time", "email", "uuid", "uri", "ipv4", "hostname"]


def _merged(a: Any, b: Any) -> Any:
    return {**a, **b} if isinstance(a, dict) and isinstance(b, dict) else a


LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
    st.fixed_dictionaries({}, optional={"minimum": BOUNDS, "maximum": BOUNDS}),
    st.fixed_dictionaries({}, optional={"exclusiveMinimum": BOUNDS, "exclusiveMaximum": BOUNDS}),
    st.fixed_dictionaries({"multipleOf": st.sampled_from([1, 2, 5, 500, 0.5, 0.01, 3, 2.0, 10**17])}),
    st.fixed_dictionaries({}, optional={"minLength": st.integers(0, 4), "maxLength": st.integers(0, 12)}),
    st.fixed_dictionaries({"pattern": st.sampled_from(PATTERNS)}),
    st.fixed_dictionaries({"format": st.sampled_from(FORMATS)}),
    st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=4, unique_by=json.dumps)}),
    st.fixed_dictionaries({"const": VALUES}),
    st.fixed_dictionaries({"$ref": st.sampled_from(["#/$defs/d", "#/$defs/e", "#/$defs/round"])}),
    st.fixed_dictionaries({"minItems": st.integers(0, 2)}),
    st.fixed_dictionaries({"contentEncoding": st.just("base64")}),
    st.booleans(),
)  # fmt: skip
LEAF = st.builds(_merged, LEAVES, LEAVES)
PART = st.recursive(
    LEAF,
    lambda part: st.one_of(
        *(
            st.builds(lambda a, b, word=word: _merged(a, {word: b}), LEAF, st.lists(part, min_size=1, max_size=3))
            for word in ("anyOf", "oneOf", "allOf")
        ),
        st.builds(lambda a, b: _merged(a, {"not": b}), LEAF, part),
        st.builds(lambda a, b, c, d: _merged(a, {"if": b, "then": c, "else": d}), LEAF, part, part, part),
    ),
    max_leaves=5,
)  # fmt: skip
KINDS = [
    "string", "integer", "number", "boolean", ["string", "null"], ["integer", "null"], ["number", "null"], ["boolean", "null"],
]  # fmt: skip
COLUMN = st.one_of(
    st.builds(lambda kind, part: _merged(part, {"type": kind}), st.sampled_from(KINDS), PART),
    st.builds(lambda kind, part: _merged(part, {"type": kind}), st.sampled_from(KINDS), LEAF),
    PART,
)
SOME_NAMES = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
RECORD = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.dictionaries(st.sampled_from([*NAMES, "lain"]), PART, max_size=2),
        "required": st.lists(st.sampled_from([*NAMES, "lain"]), unique=True, max_size=2),
        "additionalProperties": st.one_of(st.booleans(), LEAF),
    },
)
BODY = st.fixed_dictionaries(
    {
        "type": st.just("object"),
        "properties": st.fixed_dictionaries(dict.fromkeys(NAMES, COLUMN)),
        "$defs": st.fixed_dictionaries(
            {
                "d": LEAF,
                "e": st.builds(lambda part: {"allOf": [part, {"$ref": "#/$defs/d"}]}, LEAF),
                "round": st.just({"anyOf": [{"type": "string"}, {"items": {"$ref": "#/$defs/round"}}]}),
            }
        ),
    },
    optional={
        "required": SOME_NAMES,
        "additionalProperties": st.one_of(st.just(False), LEAF),
        "unevaluatedProperties": st.one_of(st.just(False), LEAF),
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), SOME_NAMES, max_size=1),
        "dependentSchemas": st.dictionaries(st.sampled_from(NAMES), RECORD, max_size=1),
        "if": RECORD,
        "then": RECORD,
        "else": RECORD,
        "not": RECORD,
        "allOf": st.lists(RECORD, min_size=1, max_size=2),
        "anyOf": st.lists(RECORD, min_size=1, max_size=2),
        "oneOf": st.lists(RECORD, min_size=1, max_size=2),
        "patternProperties": st.dictionaries(st.just("^a"), LEAF, max_size=1),
        "minProperties": st.integers(0, 2),
    },
)  # fmt: skip
CELL = st.one_of(
    st.sampled_from(CELLS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat() + "+07:00"),
    st.text("0123456789.-eE+", max_size=6),
)


def good_cells(body: dict[str, Any], name: str) -> list[str]:
    """The cells of the list that the column alone lets pass, so that rows are often valid."""
    columns = columns_of(body)
    rows, _ = rows_of({name: list(CELLS)}, columns, typed=False, spreadsheet=False)
    alone = {"properties": {name: body["properties"][name]}, "$defs": body["$defs"]}
    validator = compile_schema(alone)
    pairs = zip(CELLS, rows.records, strict=True)
    return [cell for cell, row in pairs if validator.is_valid(row)] or CELLS


def table_of(dice: random.Random, body: dict[str, Any], count: int) -> Table:
    """Cells of which most columns alone would let pass."""
    good = {name: good_cells(body, name) for name in NAMES}
    return {
        name: [dice.choice(good[name] if dice.random() < 0.8 else CELLS) for _ in range(count)]
        for name in NAMES
    }


def compilable(body: dict[str, Any]) -> bool:
    """Two `$ref` to one another, for instance, no engine takes."""
    try:
        compile_schema(body)
    except jsonschema_rs.ValidationError:
        return False
    return True


def check_proven(body: dict[str, Any], rows: Rows, cells: dict[str, pa.Array]) -> int:
    """How many rows are proven; fails if one is refused by the engine, or kept otherwise than by the row path."""
    columns = columns_of(body)
    proven = Proof(body, columns).of(cells)
    assert proven.rows is None or len(proven.rows) == len(rows)
    index = [i for i in range(len(rows)) if proven.rows is None or proven.rows[i].as_py()]
    validator = compile_schema(body)
    for i in index:
        assert validator.is_valid(rows.records[i]), (body, rows.records[i])
    schema = pa.schema([pa.field(name, arrow_type(column)) for name, column in columns.items()])
    kept, unfit = typed(rows, index, schema)
    assert not unfit, (body, unfit)
    for name, array in proven.typed.items():
        array.validate(full=True)
        mine = array.take(pa.array(index, pa.int64()))
        mine = mine.dictionary_decode() if pa.types.is_dictionary(mine.type) else mine
        assert mine.equals(kept.column(name)), (body["properties"][name], name)
    return len(index)


def from_texts(body: dict[str, Any], table: Table, cells: dict[str, pa.Array]) -> int:
    rows, _ = rows_of(table, columns_of(body), typed=False, spreadsheet=False)
    return check_proven(body, rows, cells)
