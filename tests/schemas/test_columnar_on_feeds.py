"""Real rows: what the procurement feeds hold is proven by columns, so that hardly a row takes the slow path."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.columnar import Proof
from schemas.engine import compile_schema
from schemas.gate.cells import rows_of
from schemas.registry import Registry
from schemas.steps import Pipeline

DEMO = Path(__file__).parents[2] / "hub" / "demo"
DATASETS = [
    dataset
    for dataset in json.loads((DEMO / "regency.json").read_text())["datasets"]
    if dataset["format"] == "ndjson"
]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: str(dataset["slug"]))
def test_every_valid_row_of_a_feed_is_proven(dataset: dict[str, Any]) -> None:
    document = Registry.packaged().get(dataset["schema_name"], dataset["schema_version"])
    lines = gzip.decompress((DEMO / "data" / dataset["file"]).read_bytes()).splitlines()
    received, _ = Pipeline(dataset["intake"], document).records(
        [json.loads(line) for line in lines]
    )
    table = {name: [_cell(record.get(name)) for record in received] for name in document.columns}
    rows, _ = rows_of(table, document.by_name, typed=False, spreadsheet=False)
    cells = {name: pa.array(column, pa.string()) for name, column in table.items()}
    proven = Proof(document.body, document.by_name).of(cells).rows
    sure = [True] * len(rows) if proven is None else proven.to_pylist()
    validator = compile_schema(document.body)
    assert sure == [validator.is_valid(record) for record in rows.records]


def _cell(value: Any) -> str:
    """As a spreadsheet saved as CSV would have it."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)
