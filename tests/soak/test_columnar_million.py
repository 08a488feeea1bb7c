"""A million rows of random schemas through the columnar proof and through the whole gate, against two engines."""

import csv
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from schemas.columns import columns_of
from schemas.document import SchemaDocument
from schemas.engine import compile_schema
from schemas.gate import Limits, judge
from schemas.gate.cells import rows_of
from schemas.gate.rows import Rows
from tests.schemas.columns_at_random import BODY, Table, check_proven, compilable, table_of

pytestmark = pytest.mark.soak

ROWS = int(os.environ.get("SOAK_ROWS", "1000000"))
SEED = int(os.environ.get("SOAK_SEED", "20261124"))
ROWS_OF_A_SCHEMA = 500
BLOCKS = (1 << 12, 1 << 14, 4 << 20)
OUT_OF_REACH = "di-luar-jangkauan"
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER
OPINIONS = 40
"""Rows of a schema on which `jsonschema` is asked too; it takes a hundred times as long."""


def test_nothing_invalid_is_proven_and_the_gate_gives_the_verdict_of_the_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: Counter[str] = Counter()
    opinion: Counter[str] = Counter()
    began = time.monotonic()

    @seed(SEED)
    @settings(
        max_examples=max(1, ROWS // ROWS_OF_A_SCHEMA),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(BODY, st.integers(0, 2**32))
    def compare(body: dict[str, Any], number: int) -> None:
        if not compilable(body):
            seen["schemas no engine takes"] += 1
            return
        dice = random.Random(number)
        table = table_of(dice, body, ROWS_OF_A_SCHEMA)
        table = {n: [cell.replace("\0", "") for cell in cells] for n, cells in table.items()}
        seen["schemas"] += 1
        seen["rows"] += ROWS_OF_A_SCHEMA
        cells = {name: pa.array(column, pa.string()) for name, column in table.items()}
        seen["proven"] += check_proven(body, _rows(body, table), cells)
        seen.update(_through_the_gate(body, table, tmp_path, dice))
        opinion.update(_second_opinion(body, _rows(body, table).records[:OPINIONS]))

    compare()
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {dict(seen)}, {time.monotonic() - began:.0f} s\n")
        sys.stdout.write(f"second opinion: {dict(opinion)}\n")
    assert (seen["false accepts"], seen["false rejects"]) == (0, 0)


def _rows(body: dict[str, Any], table: Table) -> Rows:
    return rows_of(table, columns_of(body), typed=False, spreadsheet=False)[0]


def _through_the_gate(
    body: dict[str, Any], table: Table, folder: Path, dice: random.Random
) -> Counter[str]:
    """The same cells as a CSV file; every row gets the verdict that the engine gives it alone."""
    path = folder / "berkas.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    identified = {"$id": "https://simpul.invalid/schemas/uji/acak/1.0.0.json", **body}
    limits = Limits(block=dice.choice(BLOCKS))
    verdict = judge(path, "csv", SchemaDocument.known(identified), [], work=folder, limits=limits)
    if verdict.header_errors:
        return Counter({"files refused by their header": 1})
    with verdict.quarantine_file.open() as lines:
        refused = {
            line["row"] - 2: {error["rule"] for error in line["errors"]}
            for line in map(json.loads, lines)
        }
    assert verdict.rows == ROWS_OF_A_SCHEMA
    assert verdict.accepted == verdict.rows - len(refused)
    validator = compile_schema(body)
    seen: Counter[str] = Counter()
    for index, record in enumerate(_rows(body, table).records):
        valid = validator.is_valid(record)
        if valid and refused.get(index) == {OUT_OF_REACH}:
            seen["beyond any column"] += 1
        else:
            seen["accepted" if valid else "rejected"] += 1
            seen["false accepts"] += not valid and index not in refused
            seen["false rejects"] += valid and index in refused
    return seen


def _second_opinion(body: dict[str, Any], records: Sequence[Any]) -> Counter[str]:
    """Where `jsonschema` disagrees, by what it says and the keyword that it says it of."""
    ours = compile_schema(body)
    theirs = jsonschema.Draft202012Validator(body, format_checker=FORMATS)
    seen: Counter[str] = Counter()
    for record in records:
        seen["rows"] += 1
        valid = ours.is_valid(record)
        try:
            error = next(theirs.iter_errors(record), None)
        except Exception as crash:  # noqa: BLE001 - it is the other library that is on trial
            seen[f"crashes with {type(crash).__name__}"] += 1
            continue
        if error is not None and valid:
            seen[f"refuses what is valid, by {error.validator}"] += 1
        elif error is None and not valid:
            keyword = next(ours.iter_errors(record)).kind.name
            seen[f"accepts what is invalid by {keyword}"] += 1
    return seen
