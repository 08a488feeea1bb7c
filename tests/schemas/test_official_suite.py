"""The official JSON Schema test suite (draft 2020-12, required part) through the gate's own verdict."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyarrow as pa
import pytest

from schemas.columnar import Proof
from schemas.columns import columns_of
from schemas.engine import DIALECT, compile_schema
from schemas.gate.ruling import Ruling
from schemas.publication import faults_of

FOLDER = Path(__file__).parents[2].parent / "shared/conformance/json-schema-test-suite/draft2020-12"

_BY_DEFAULT = "is only an annotation by default"
"""`format` asserts here, by choice; the suite's cases for the other choice do not apply."""

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the suite is not beside the project")


def groups(part: str = ".") -> list[Any]:
    files = sorted((FOLDER / part).glob("*.json")) if FOLDER.exists() else []
    return [(file.stem, group) for file in files for group in json.loads(file.read_text())]


def test_every_required_case_gets_its_verdict_and_nothing_is_fetched() -> None:
    """What needs another document to be fetched is refused when it is compiled, never looked up."""
    passed, refused, wrong = 0, set(), []
    for name, group in groups():
        if isinstance(group["schema"], dict) and group["schema"].get("$schema", DIALECT) != DIALECT:
            refused.add((name, group["description"]))  # a metaschema that would have to be fetched
            continue
        try:
            ruling = Ruling(group["schema"])
        except jsonschema_rs.ValidationError:
            refused.add((name, group["description"]))
            continue
        for case in group["tests"]:
            valid = not ruling.findings([case["data"]])
            if valid == case["valid"]:
                passed += 1
            elif not case["description"].endswith(_BY_DEFAULT):
                wrong.append((name, group["description"], case["description"]))
    assert wrong == []
    assert passed >= 1_200
    assert all(
        _reaches_out(name, group)
        for name, group in groups()
        if (name, group["description"]) in refused
    )


def _reaches_out(name: str, group: dict[str, Any]) -> bool:
    return "http://localhost:1234" in json.dumps(group["schema"])


def test_no_invalid_case_passes_the_columnar_proof() -> None:
    """Flat objects as a row, scalars as its one column `x`, each as text cells and as typed columns."""
    asked, proven, passed = 0, 0, []
    for name, group in [*groups(), *groups("optional"), *groups("optional/format")]:
        schema = group["schema"]
        for case in group["tests"]:
            row = case["data"] if isinstance(case["data"], dict) else {"x": case["data"]}
            if isinstance(case["data"], list) or not all(map(_is_cell, row.values())):
                continue
            body = schema if row is case["data"] else _about_one_column(schema)
            if body is None:
                continue
            sure = _proven(body, row)
            asked += len(sure)
            proven += sum(sure)
            if any(sure) and not _valid(body, row, case["valid"]):
                passed.append((name, group["description"], case["description"]))
    assert passed == []
    assert asked >= 3_000
    assert proven >= 700


def _is_cell(value: Any) -> bool:
    """A value that a cell of a text file can carry, too."""
    small = not isinstance(value, int) or abs(value) < 2**63
    return isinstance(value, str | int | float | bool | None) and value != "" and small


def _about_one_column(schema: Any) -> dict[str, Any] | None:
    """The schema for `x`; None where its references would lead elsewhere."""
    if isinstance(schema, dict) and ("$ref" in json.dumps(schema) or "$id" in schema):
        return None
    return {"properties": {"x": schema}}


def _valid(body: Any, row: dict[str, Any], stated: bool) -> bool:
    """As the case states it; where `format` is said to assert nothing, as our engine has it."""
    return stated and compile_schema(body).is_valid(row)


def _proven(body: Any, row: dict[str, Any]) -> list[bool]:
    names = {1: "boolean", 2: "integer", 3: "number", 4: "string", 5: ["string", "null"]}
    kinds = (
        5 if v is None else 1 if isinstance(v, bool) else 2 if isinstance(v, int) else 3 if isinstance(v, float) else 4
        for v in row.values()
    )  # fmt: skip
    columns = columns_of(
        {"properties": {n: {"type": names[k]} for n, k in zip(row, kinds, strict=True)}}
    )
    texts = {
        name: pa.array([None if v is None else v if isinstance(v, str) else json.dumps(v)], pa.string())
        for name, v in row.items()
    }  # fmt: skip
    typed = {name: texts[name] if v is None else pa.array([v]) for name, v in row.items()}
    proof = Proof(body, columns)
    judged = [proof.of(cells).rows for cells in (texts, typed)] if row else []
    return [rows is None or rows[0].as_py() for rows in judged]


def test_a_schema_that_reaches_out_is_not_publishable() -> None:
    for name, group in groups():
        if name == "refRemote" and isinstance(group["schema"], dict):
            assert faults_of(group["schema"])
