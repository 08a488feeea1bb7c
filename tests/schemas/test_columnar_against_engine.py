"""Differential test: no row that the columnar proof lets pass is refused by the engine."""

import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from schemas.columnar import Proof
from schemas.columns import columns_of
from schemas.gate.cells import rows_of
from tests.schemas.columns_at_random import (
    BODY,
    CELL,
    CELLS,
    NAMES,
    check_proven,
    compilable,
    from_texts,
    table_of,
)


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
    elif pa.types.is_null(kind):
        pool = []
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
        "nik": ["0012345678901234", "3204050101900000"],
        "nama": ["Sitī Nurhaliza", "B"],
        "tanggal": ["2024-02-29", "0001-01-01"],
        "waktu": ["2026-01-01T23:59:59+08:00", "2026-01-01T00:00:00.5Z"],
        "jumlah": ["0", "1500"],
        "nilai": ["", "-0.25"],
        "jenis": ["L", "P"],
        "surel": ["warga1@contoh.invalid", "nama_lain+x@contoh-dua.invalid"],
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
    proven = proof.of({"a": pa.array(["abc", ""], pa.string())}).rows
    assert proven is not None
    assert proven.to_pylist() == [False, False]
    deep: dict[str, Any] = {"minLength": 2}
    for _ in range(25):
        deep = {"if": deep, "then": {"not": {"oneOf": [deep, {"maxLength": 1}]}}, "else": deep}
    assert Proof({"properties": {"a": deep}}, columns_of({"properties": {"a": {"type": "string"}}}))
