"""Differential test: no row that the columnar proof lets pass is refused by the engine."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import jsonschema_rs
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
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
    "a@b", "@", "a..b@c.id", "a@b.id", "joe.x@contoh.go.id", "-a@b.id", ".a@b.id", "a@-b.id", '"a b"@x.id', "a@b.id\n",
    "a@b@c.id", "a_b@c.id", "a+b@c.id", "a@b_c.id", "a@b..id", "a@b.id.", "a@b-.id", "a@1.2", "x" * 65 + "@b.id", "a@" + "b" * 64 + ".id",
    "a@[127.0.0.1]", "a\u00e9@b.id",
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


def quiet(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],  # a failing example says enough as it is; shrinking takes minutes
    )


@quiet(80)
@given(
    BODY,
    st.randoms(use_true_random=False),
    st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELL)), max_size=20),
)
def test_a_proven_row_is_valid(
    body: dict[str, Any], dice: random.Random, more: list[dict[str, str]]
) -> None:
    assume(compilable(body))
    table = table_of(dice, body, 60)
    for name in NAMES:
        table[name].extend(row[name] for row in more)
    from_texts(body, table, {n: pa.array(cells, pa.string()) for n, cells in table.items()})


def nulls(cells: list[str]) -> list[str | None]:
    return [cell or None for cell in cells]


FORMS: dict[str, Callable[[list[str]], pa.Array]] = {
    "text": lambda cells: pa.array(cells, pa.string()),
    "text with nulls": lambda cells: pa.array(nulls(cells), pa.string()),
    "large text": lambda cells: pa.array(cells, pa.large_string()),
    "large text with nulls": lambda cells: pa.array(nulls(cells), pa.large_string()),
    "dictionary": lambda cells: pa.array(cells, pa.string()).dictionary_encode(),
    "dictionary with nulls": lambda cells: pa.array(nulls(cells), pa.string()).dictionary_encode(),
    "cut from more": lambda cells: pa.array(["tepi", *cells, "x"], pa.string()).slice(1, len(cells)),
    "cut from more with nulls": lambda cells: pa.array(
        [None, "2025-01-01", None, *nulls(cells), "x", None], pa.string()
    ).slice(3, len(cells)),
    "dictionary cut from more": lambda cells: pa.array(
        [None, "tepi", *nulls(cells), "x"], pa.string()
    ).dictionary_encode().slice(2, len(cells)),
    "nulls over texts": lambda cells: masked(cells),
}  # fmt: skip


def masked(cells: list[str]) -> pa.Array:
    """Null where the cell is empty, with a text left under the null."""
    texts = pa.array([cell or "sisa" for cell in cells], pa.string())
    bits = np.packbits(np.array([bool(cell) for cell in cells], bool), bitorder="little")
    buffers = [pa.py_buffer(bits), *texts.buffers()[1:]]
    return pa.Array.from_buffers(pa.string(), len(cells), buffers)


@pytest.mark.parametrize("form", FORMS)
@quiet(12)
@given(body=BODY, dice=st.randoms(use_true_random=False), count=st.sampled_from([0, 1, 9, 70]))
def test_the_form_in_which_cells_arrive_does_not_matter(
    form: str, body: dict[str, Any], dice: random.Random, count: int
) -> None:
    assume(compilable(body))
    table = table_of(dice, body, count)
    plain = {name: pa.array(cells, pa.string()) for name, cells in table.items()}
    shaped = {name: FORMS[form](cells) for name, cells in table.items()}
    assert from_texts(body, table, shaped) == from_texts(body, table, plain)


@quiet(20)
@given(BODY, st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_a_column_that_the_file_does_not_have_is_absent_from_its_rows(
    body: dict[str, Any], dice: random.Random, without: str
) -> None:
    assume(compilable(body))
    table = table_of(dice, body, 40)
    del table[without]
    from_texts(body, table, {name: pa.array(cells, pa.string()) for name, cells in table.items()})


EDGES = [0, 1, -1, 7, 500, 2**31 - 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
DAYS = [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(1969, 12, 31), date(2025, 10, 3)]
MOMENTS = [
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(1924, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
]
FLOATS = [
    0.0,
    -0.0,
    1.0,
    1.5,
    0.07,
    1e300,
    float("inf"),
    float("-inf"),
    float("nan"),
    2.0**53,
    9e18,
]


def typed_column(dice: random.Random, kind: pa.DataType, count: int) -> pa.Array:
    """Random values of a type, some null."""
    if pa.types.is_integer(kind):
        bits = kind.bit_width - (0 if pa.types.is_unsigned_integer(kind) else 1)
        low = 0 if pa.types.is_unsigned_integer(kind) else -(2**bits)
        pool: list[Any] = [e for e in [*EDGES, *range(-3, 12)] if low <= e < 2**bits]
        pool.append(2**bits - 1)
    elif pa.types.is_floating(kind):
        pool = FLOATS
    elif pa.types.is_boolean(kind):
        pool = [True, False]
    elif pa.types.is_date(kind):
        pool = DAYS
    elif pa.types.is_timestamp(kind):
        pool = MOMENTS if kind.tz else [moment.replace(tzinfo=None) for moment in MOMENTS]
        pool = pool[:2] if kind.unit == "ns" else pool
    else:
        pool = CELLS
    return pa.array([dice.choice([None, *pool]) for _ in range(count)], kind)


KINDS_OF_PARQUET = [
    pa.int8(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_(), pa.date32(),
    pa.timestamp("us", "UTC"), pa.timestamp("ms", "+07:00"), pa.timestamp("us", "Asia/Jakarta"), pa.timestamp("s"),
    pa.string(), pa.null(),
]  # fmt: skip


@quiet(80)
@given(BODY, st.randoms(use_true_random=False), st.booleans())
def test_typed_columns_mean_what_the_row_path_reads_from_them(
    body: dict[str, Any], dice: random.Random, cut: bool
) -> None:
    assume(compilable(body))
    cells = {}
    for name in NAMES:
        fit = fitting(columns_of(body)[name].kind)
        kind = dice.choice(fit if dice.random() < 0.7 else KINDS_OF_PARQUET)
        column = typed_column(dice, kind, 45)
        cells[name] = column.slice(5, 40) if cut else column
    table = {name: column.to_pylist() for name, column in cells.items()}
    rows, findings = rows_of(table, columns_of(body), typed=True, spreadsheet=False)
    assert not findings
    check_proven(body, rows, cells)


def fitting(kind: str) -> list[pa.DataType]:
    """Types of Arrow in which a column of this kind often comes."""
    match kind:
        case "integer" | "number":
            return KINDS_OF_PARQUET[:7]
        case "boolean":
            return [pa.bool_()]
        case "date":
            return [pa.date32()]
        case "date-time":
            return KINDS_OF_PARQUET[9:12]
        case _:
            return [pa.string()]


def test_ordinary_rows_are_proven() -> None:
    """The proof would be sound if it proved nothing; these rows it must not leave to others."""
    body = {
        "type": "object",
        "additionalProperties": False,
        "required": ["nik", "tanggal", "waktu", "jumlah"],
        "properties": {
            "nik": {"type": "string", "pattern": "^[0-9]{16}$"},
            "nama": {"type": "string", "minLength": 1, "maxLength": 100},
            "tanggal": {"type": "string", "format": "date"},
            "waktu": {"$ref": "#/$defs/waktu"},
            "jumlah": {"type": "integer", "minimum": 0, "multipleOf": 500},
            "nilai": {"type": ["number", "null"], "minimum": -5.5},
            "jenis": {"oneOf": [{"const": "L", "title": "Laki-laki"}, {"const": "P"}]},
            "surel": {"type": ["string", "null"], "format": "email"},
            "id": {"type": "string", "format": "uuid"},
            "penerima": {"type": "boolean"},
            "kode": {"type": ["string", "null"], "pattern": "^\\d{2}(\\.\\d{2}){0,3}$"},
        },
        "$defs": {"waktu": {"type": "string", "format": "date-time"}},
        "if": {"properties": {"penerima": {"const": True}}, "required": ["penerima"]},
        "then": {"required": ["kode"], "properties": {"kode": {"type": "string"}}},
    }
    rows = {
        "nik": ["0012345678901234", "3204050101900001"],
        "nama": ["Sitī Nurhaliza", "B"],
        "tanggal": ["2024-02-29", "0001-01-01"],
        "waktu": ["2026-01-01T23:59:59+08:00", "2026-01-01T00:00:00.5Z"],
        "jumlah": ["0", "1500"],
        "nilai": ["", "-0.25"],
        "jenis": ["L", "P"],
        "surel": ["warga1@contoh.go.id", "nama_lain+x@contoh-dua.go.id"],
        "id": ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"],
        "penerima": ["true", "false"],
        "kode": ["33.04", ""],
    }
    cells = {name: pa.array(column, pa.string()) for name, column in rows.items()}
    assert Proof(body, columns_of(body)).of(cells).rows is None
    assert from_texts(body, rows, cells) == 2


def test_several_threads_may_use_one_proof() -> None:
    body = {"properties": {"a": {"type": "integer", "minimum": 5}, "b": {"enum": ["x", "y"]}}}
    proof = Proof(body, columns_of(body))

    def proven(start: int) -> int:
        numbers = [str(n % 10) for n in range(start, start + 5_000)]
        cells = {"a": pa.array(numbers), "b": pa.array(["x"] * 5_000)}
        rows = proof.of(cells).rows
        return 0 if rows is None else rows.true_count

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(proven, range(40))) == {2_500}


def test_neither_naming_the_gate_nor_proving_loads_pandas() -> None:
    """`pa.array` would load it; a reader of files does not."""
    code = (
        "import io, sys, schemas.gate\n"
        "assert not {'polars', 'pyarrow', 'numpy'} & set(sys.modules)\n"
        "import pyarrow.csv\n"
        "from schemas.columnar import Proof\n"
        "from schemas.columns import columns_of\n"
        "table = pyarrow.csv.read_csv(io.BytesIO(b'a,b,c\\nx,y,1\\n'))\n"
        "body = {'properties': {'a': {'enum': ['x', 'y', 'z']}, 'b': {'const': 'y'}, 'c': {'minimum': 1}}}\n"
        "cells = dict(zip('abc', table.to_batches()[0].columns))\n"
        "body['properties']['c']['type'] = 'integer'\n"
        "assert Proof(body, columns_of(body)).of(cells).rows is None\n"
        "assert 'pandas' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_schema_made_to_explode_is_not_proven_but_ends() -> None:
    """Twenty levels of two references each are a million parts."""
    steps = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(20)}
    body = {
        "properties": {"a": {"$ref": "#/$defs/d0", "type": "string"}},
        "$defs": {**steps, "d20": {"minLength": 2}},
    }
    proof = Proof(body, columns_of({"properties": {"a": {"type": "string"}}}))
    assert proof.hopeless
    deep: dict[str, Any] = {"minLength": 2}
    for _ in range(25):
        deep = {"if": deep, "then": {"not": {"oneOf": [deep, {"maxLength": 1}]}}, "else": deep}
    assert Proof({"properties": {"a": deep}}, columns_of({"properties": {"a": {"type": "string"}}}))
