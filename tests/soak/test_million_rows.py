"""A million generated rows: the gate accepts exactly the rows that the engine accepts one by one."""

import csv
import io
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyarrow.parquet as pq
import pytest

from schemas.document import SchemaDocument
from schemas.gate import Limits, judge

pytestmark = pytest.mark.soak

ROWS = int(os.environ.get("SOAK_ROWS", "1000000"))
SEED = int(os.environ.get("SOAK_SEED", "20261124"))
ROWS_OF_A_SCHEMA = 1000
BLOCKS = (1 << 10, 1 << 13, 4 << 20)
"""Bytes judged at once: small ones put many borders into a file."""
OUT_OF_REACH = "di-luar-jangkauan"
"""The gate's own rule: a value that the schema allows and no column holds."""

TEXTS = [
    "a", "ab\n", "  spasi  ", "007", "1.0", "null", "true", "TRUE", "é", "e\u0301", "😀", "٣", "\u200b",
    "=1+1", '"', "''", "a,b", "a;b", "\t", "\\", "{", "[1,2]", '{"a":1}', "x" * 300, "\ufeff", "NaN",
    "01a", "Ka\u00adbupaten", "\u2028", "A-1", "b2", "ffff",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "7", "-3", "1.50", "1e3", "1E+2", "1e-2", "2.0", "+1", "01", ".5", "5.", "0x1", "1_000",
    " 1", "1 ", "1,5", "1.000,00", "Infinity", "-Infinity", "NaN", "1e", "--1", "٣", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.07", "4.35", "1" * 30,
    "123456789.123456", "0.1234567890123456789", "1e300", "1-2",
]  # fmt: skip
DATES = [
    "2025-10-03", "2024-02-29", "2025-02-29", "2025-2-3", "0000-01-01", "9999-12-31", "0001-01-01",
    "2025-13-01", "2025-10-03T00:00:00Z", "03-10-2025", "2025-10-03 ", "٢٠٢٥-10-03", "20251003",
]  # fmt: skip
MOMENTS = [
    "2025-10-03T08:00:00Z", "2025-10-03T08:00:00+08:00", "2025-10-03t08:00:00z", "2025-10-03 08:00:00Z",
    "2025-10-03T08:00:00", "2016-12-31T23:59:60Z", "2025-10-03T24:00:00Z", "2025-10-03T08:00:00.123456789Z",
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+08:00", "2025-10-03T08:00Z",
]  # fmt: skip
EVERYTHING = [*TEXTS, *NUMBERS, *DATES, *MOMENTS, "", "", "true", "false", "True", "1", "[]", "[1]"]
BROKEN = [
    '{"a": NaN}', '{"a": 1, "a": 2}', "{", '{"a": 1}}', "[1", '"teks"', "7", "null", "[]", '{"a": "\\ud800"}',
    "{'a': 1}", '{"a": 01}', '{"a": 1,}', "[" * 200 + "]" * 200, '{"a": "\t"}',
]  # fmt: skip
"""Lines that are no record, or no strict JSON; every schema here wants an object."""
PATTERNS = ["^[0-9]+$", "^.{2,4}$", "a|b", "^\\d{3}$", "[^x]", "^\\w+$", "^[A-Z]-[0-9]$"]


@dataclass
class Seen:
    """What the gate did with the rows; `wrong` holds examples of rows it judged otherwise."""

    schemas: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    out_of_reach: int = 0
    false_accepts: int = 0
    false_rejects: int = 0
    wrong: list[str] = field(default_factory=list)


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_the_gate_agrees_with_the_engine_on_every_row(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, began = Seen(), time.monotonic()
    for number in range(max(1, ROWS // 2 // ROWS_OF_A_SCHEMA)):
        dice = random.Random(f"{SEED} {form} {number}")
        body = _schema(dice)
        make = _lines if form == "ndjson" else _cells
        text, records = make(dice, body)
        _compare(seen, f"{SEED} {form} {number}", tmp_path, form, body, text, records, dice)
    told = f"{seen.schemas} schemas, {dict(seen.rows)}, {seen.out_of_reach} {OUT_OF_REACH}"
    wrong = f"{seen.false_accepts} false accepts, {seen.false_rejects} false rejects"
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {SEED} {form}: {told}, {wrong}, {time.monotonic() - began:.0f} s\n"
        )
    assert seen.rows["accepted"] > seen.rows["rejected"] // 20, "hardly anything is valid"
    assert (seen.false_accepts, seen.false_rejects) == (0, 0), "\n".join(seen.wrong)


Records = dict[int, Any]
"""What each row means, by its number in the file; None for a row that cannot be read at all."""


def _compare(
    seen: Seen,
    seed: str,
    folder: Path,
    form: str,
    body: dict[str, Any],
    text: str,
    records: Records,
    dice: random.Random,
) -> None:
    document = SchemaDocument.parse(body)
    one = jsonschema_rs.Draft202012Validator(body, validate_formats=True)
    path = folder / f"berkas.{form}"
    path.write_text(text, encoding="utf-8", newline="")
    verdict = judge(path, form, document, [], work=folder, limits=Limits(block=dice.choice(BLOCKS)))
    assert not verdict.header_errors, (seed, verdict.header_errors)
    assert verdict.accepted_file is not None
    refused: dict[int, set[str]] = {}
    with verdict.quarantine_file.open() as lines:
        for line in map(json.loads, lines):
            refused[line["row"]] = {error["rule"] for error in line["errors"]}
    for number, record in records.items():
        fits = record is not None and one.is_valid(record)
        if fits and refused.get(number) == {OUT_OF_REACH} and _unstorable(document, record):
            seen.out_of_reach += 1
        elif fits == (number in refused):
            seen.false_rejects += fits
            seen.false_accepts += not fits
            if len(seen.wrong) < 5:
                seen.wrong.append(f"{seed} row {number}: {record!r} {refused.get(number)} {body}")
    assert refused.keys() <= records.keys(), (seed, refused.keys() - records.keys())
    assert verdict.rows == len(records), seed
    kept = pq.read_metadata(verdict.accepted_file).num_rows
    assert kept == verdict.accepted == len(records) - len(refused), seed
    seen.schemas += 1
    seen.rows["accepted"] += kept
    seen.rows["rejected"] += len(refused)


def _unstorable(document: SchemaDocument, record: dict[str, Any]) -> bool:
    """Whole numbers beyond 64 bits, moments outside the years 1 to 9999."""
    for name, value in record.items():
        kind = document.by_name[name].kind if name in document.by_name else ""
        if kind == "integer" and isinstance(value, int | float) and abs(int(value)) >= 2**63:
            return True
        if kind in ("date", "date-time") and str(value)[:4] in ("0000", "0001", "9999"):
            return True
    return False


def _schema(dice: random.Random) -> dict[str, Any]:
    """A flat schema of two to six columns."""
    names = [f"kolom_{n}" for n in range(dice.randint(2, 6))]
    body: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://simpul.invalid/schemas/uji/juta/1.0.0.json",
        "type": "object",
        "properties": {name: _column(dice) for name in names},
        "required": dice.sample(names, dice.randint(0, 2)),
        "additionalProperties": dice.random() < 0.3,
    }
    if dice.random() < 0.2:
        body["if"] = {"properties": {names[0]: {"type": "string"}}, "required": [names[0]]}
        body["then"] = {"required": [names[1]]}
    return body


def _column(dice: random.Random) -> dict[str, Any]:
    kinds = ["string", "string", "integer", "number", "boolean", "array"]
    chosen = dice.choice(kinds)
    types = [chosen]
    if dice.random() < 0.15:
        types.append(dice.choice([kind for kind in kinds if kind != chosen]))
    if dice.random() < 0.4:
        types.append("null")
    column: dict[str, Any] = {"type": types if len(types) > 1 else chosen}
    if dice.random() < 0.5:
        column |= _limit(dice, chosen)
    return column


def _limit(dice: random.Random, kind: str) -> dict[str, Any]:
    if kind in ("integer", "number"):
        limits: list[dict[str, Any]] = [
            {"minimum": dice.randint(-5, 5)},
            {"maximum": dice.choice([5, 2.5, 10**6])},
            {"exclusiveMinimum": 0},
            {"multipleOf": dice.choice([1, 2, 0.5, 0.01])},
            {"enum": [0, 1, 7, -3, 2.5]},
            {"minimum": -(2**62), "maximum": 2**63 - 1},
        ]
    elif kind == "string":
        limits = [
            {"minLength": dice.randint(0, 3)},
            {"maxLength": dice.randint(0, 8)},
            {"pattern": dice.choice(PATTERNS)},
            {"format": dice.choice(["date", "date-time", "email", "uuid"])},
            {"format": "date"},
            {"enum": ["a", "007", "A-1", "true", "é"]},
            {"not": {"enum": ["null", "NaN"]}},
        ]
    else:
        limits = [{"enum": [True, [1], []]}, {"not": {"const": False}}, {"maxItems": 1}]
    return dice.choice(limits)


def _lines(dice: random.Random, body: dict[str, Any]) -> tuple[str, Records]:
    out: list[str] = []
    records: Records = {}
    for number in range(1, ROWS_OF_A_SCHEMA + 1):
        if dice.random() < 0.01:
            records[number] = None
            out.append(dice.choice(BROKEN))
            continue
        row = {
            name: _value(dice, column)
            for name, column in body["properties"].items()
            if dice.random() < 0.97
        }
        if dice.random() < 0.02:
            row["lain"] = dice.choice(TEXTS)
        records[number] = row
        out.append(json.dumps(row, ensure_ascii=dice.random() < 0.5))
    return "\n".join(out) + "\n" * dice.randint(0, 1), records


def _value(dice: random.Random, column: dict[str, Any]) -> Any:
    """Most often of a type that the column allows."""
    types = column["type"] if isinstance(column["type"], list) else [column["type"]]
    if dice.random() < 0.04:
        return dice.choice([None, True, 1, 1.0, -0.0, 1e300, 2**63, [], {}, {"a": [1]}, "", *TEXTS])
    match dice.choice(types):
        case "string":
            return _text(dice, column)
        case "integer":
            return dice.choice([dice.randint(-9, 9), dice.randint(-(2**63), 2**63 - 1), 7, 1.0, 0])
        case "number":
            return dice.choice(
                [round(dice.uniform(-9, 9), 2), dice.uniform(-1e9, 1e9), 3, 0.07, 4.35]
            )
        case "boolean":
            return dice.random() < 0.5
        case "array":
            return dice.choice([[], [1], [1, 2], ["a", None]])
        case _:
            return None


def _text(dice: random.Random, column: dict[str, Any]) -> str:
    if dice.random() < 0.5:
        if "enum" in column:
            return str(dice.choice(["a", "007", "A-1", "true", "é"]))
        if column.get("format") in ("date", "date-time"):
            return dice.choice(DATES if column["format"] == "date" else MOMENTS)
        if "pattern" in column or "maxLength" in column:
            return dice.choice(["123", "ab", "A-1", "a", "12"])
    if dice.random() < 0.2:
        return "".join(chr(dice.choice([*range(32, 127), 233, 0x661, 0x1F600])) for _ in range(5))
    return dice.choice(TEXTS)


def _cells(dice: random.Random, body: dict[str, Any]) -> tuple[str, Records]:
    """A CSV file with its header as record 1; some records have a cell too many."""
    properties: dict[str, Any] = body["properties"]
    out = io.StringIO()
    quoting: Any = dice.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    writer = csv.writer(out, quoting=quoting, lineterminator=dice.choice(["\n", "\r\n"]))
    writer.writerow(list(properties))
    records: Records = {}
    for number in range(2, ROWS_OF_A_SCHEMA + 2):
        cells = [_cell(dice, column) for column in properties.values()]
        if not any(cells):
            cells[0] = "a"  # a line without anything is no record
        ragged = dice.random() < 0.005
        writer.writerow([*cells, "lebih"] if ragged else cells)
        records[number] = None if ragged else _meant(properties, cells)
    return out.getvalue(), records


def _cell(dice: random.Random, column: dict[str, Any]) -> str:
    if dice.random() < 0.08:
        return dice.choice(EVERYTHING)
    if dice.random() < 0.1 and "number" in str(column["type"]) + "number" * (
        column["type"] == "integer"
    ):
        return dice.choice(NUMBERS)
    value = _value(dice, column)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _meant(properties: dict[str, Any], cells: list[str]) -> dict[str, Any]:
    """The record that a line of cells states: JSON where the column holds no text, by Python's reader."""
    record: dict[str, Any] = {}
    for (name, column), cell in zip(properties.items(), cells, strict=True):
        types = _possible(column)
        if cell == "":
            if "null" in types:
                record[name] = None
        elif "string" in types:
            record[name] = cell
        else:
            record[name] = _read(cell)
    return record


def _possible(column: dict[str, Any]) -> set[str]:
    """The types that a value can have; an enumeration without texts or null leaves no room for them."""
    types = set(column["type"] if isinstance(column["type"], list) else [column["type"]])
    if "enum" not in column:
        return types
    listed: dict[str, type] = {"null": type(None), "string": str}
    return {
        name
        for name in types
        if name not in listed or any(isinstance(v, listed[name]) for v in column["enum"])
    }


def _read(cell: str) -> Any:
    """A JSON value that stands for itself; anything else, also NaN and null, is text."""
    try:
        value = json.loads(cell) if cell == cell.strip() else cell
    except ValueError:
        return cell
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return value if value is not None and finite else cell
