"""The official JSON Schema test suite (draft 2020-12, required part) through the gate's own verdict."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas.engine import DIALECT
from schemas.gate.ruling import Ruling
from schemas.publication import faults_of

FOLDER = Path(__file__).parents[2].parent / "shared/conformance/json-schema-test-suite/draft2020-12"

_BY_DEFAULT = "is only an annotation by default"
"""`format` asserts here, by choice; the suite's cases for the other choice do not apply."""

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the suite is not beside the project")


def groups() -> list[Any]:
    files = sorted(FOLDER.glob("*.json")) if FOLDER.exists() else []
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


def test_a_schema_that_reaches_out_is_not_publishable() -> None:
    for name, group in groups():
        if name == "refRemote" and isinstance(group["schema"], dict):
            assert faults_of(group["schema"])
