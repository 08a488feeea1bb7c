"""The published cases of another registry: how many we agree with, and why not with the others."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas.compatibility import covers
from schemas.engine import canonical
from schemas.witness import search

FILE = Path(__file__).parents[2].parent / "shared/conformance/compat-cases-apache2.json"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "compatibility.md"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the conformance cases are not beside the project"
)

READ_ONE_BY_ONE = {
    "test_array_and_tuples_are_incompatible#L758.106": "the rule that was added says nothing new",
    "test_pattern_properties#L1385.300": "the rule that was added says nothing new",
    "test_object_properties#L1393.301": "the rule that was added says nothing new",
    "test_property_names#L1421.306": "the rule that was added says nothing new",
    "test_property_names#L1426.307": "true, but not proven",
}


@cache
def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FILE.read_text())["cases"]
    return found


def in_2020(schema: Any) -> Any:
    """A draft-07 schema in the words of 2020-12."""
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for word, value in schema.items():
        match word:
            case "$schema" | "additionalItems":
                continue
            case "const" | "enum" | "default" | "examples":
                made[word] = value
            case "items" if isinstance(value, list):
                made["prefixItems"] = [in_2020(one) for one in value]
                if "additionalItems" in schema:
                    made["items"] = in_2020(schema["additionalItems"])
            case "definitions" | "properties" | "patternProperties":
                new = "$defs" if word == "definitions" else word
                made[new] = {name: in_2020(one) for name, one in value.items()}
            case "dependencies":
                for name, rule in value.items():
                    new = "dependentRequired" if isinstance(rule, list) else "dependentSchemas"
                    made.setdefault(new, {})[name] = in_2020(rule)
            case "$ref":
                made[word] = value.replace("#/definitions/", "#/$defs/")
            case _ if isinstance(value, list):
                made[word] = [in_2020(one) for one in value]
            case _:
                made[word] = in_2020(value)
    return made


def cause(case: dict[str, Any]) -> str:
    """Why we say otherwise than the case expects; it is JSON Schema that decides."""
    old, new = in_2020(case["old"]), in_2020(case["new"])
    known = READ_ONE_BY_ONE.get(case["id"].removeprefix("karapace/"))
    if known:
        return known
    if not case["expected_compatible"] and new is True:
        return "the new version accepts everything"
    if not case["expected_compatible"] and _accepts_nothing(old):
        return "the old version accepts nothing"
    if case["expected_compatible"] and search(old, new).found:
        return "a row disproves the expectation"
    return "unexplained"


def _accepts_nothing(body: Any) -> bool:
    return bool(canonical(body).satisfiability() == jsonschema_rs.canonical.Satisfiability.NO)


def disagreements() -> list[dict[str, Any]]:
    return [
        case
        for case in cases()
        if covers(in_2020(case["new"]), in_2020(case["old"])) != case["expected_compatible"]
    ]


def test_every_disagreement_is_explained_in_the_manual(capsys: pytest.CaptureFixture[str]) -> None:
    causes = Counter(map(cause, disagreements()))
    agreed = len(cases()) - causes.total()
    with capsys.disabled():
        print(  # noqa: T201 - the rate is what one wants to see
            f"\ncompatibility cases: {agreed} of {len(cases())} agree, {dict(causes)}"
        )
    assert "unexplained" not in causes
    page = PAGE.read_text()
    assert f"{agreed} of {len(cases())}" in page
    for what, count in causes.items():
        assert f"| {what} | {count} |" in page


def test_no_yes_of_ours_is_disproved() -> None:
    for case in cases():
        old, new = in_2020(case["old"]), in_2020(case["new"])
        assert not (covers(new, old) and search(old, new).found), case["id"]


def test_nearly_every_no_shows_a_row() -> None:
    pairs = [(in_2020(case["old"]), in_2020(case["new"])) for case in cases()]
    refused = [search(old, new).found for old, new in pairs if not covers(new, old)]
    assert len(refused) > 60
    assert sum(refused) / len(refused) >= 0.95
