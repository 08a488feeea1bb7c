"""Every rule that a row can break has a sentence of its own, in both languages."""

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import schemas
from schemas.document import SchemaDocument
from schemas.gate.sentences import SENTENCES
from schemas.gate.wording import WORDINGS

KEYWORDS = {
    "Constant": "const",
    "OneOfMultipleValid": "oneOf",
    "OneOfNotValid": "oneOf",
    "Referencing": "$ref",
}
"""Kinds of error of the engine whose keyword is not their name with a small letter."""


def keywords() -> list[str]:
    kinds = [name for name in dir(jsonschema_rs.ValidationErrorKind) if name[0].isupper()]
    return [KEYWORDS.get(kind, kind[0].lower() + kind[1:]) for kind in kinds]


def own_rules() -> set[str]:
    """Names written out where the gate makes a finding."""
    found: set[str] = set()
    for path in Path(schemas.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                named = [word.value for word in node.keywords if word.arg == "rule"]
                found |= {
                    rule.value
                    for rule in [*node.args[2:3], *named]
                    if isinstance(rule, ast.Constant) and isinstance(rule.value, str)
                }
    return found


@pytest.mark.parametrize("keyword", keywords())
def test_every_keyword_of_the_engine_has_its_own_wording(keyword: str) -> None:
    assert keyword in WORDINGS


def test_every_rule_of_our_own_has_its_own_words() -> None:
    rules = own_rules()
    assert {"sel-angka", "kunci-kosong", "baris-tidak-utuh"} <= rules
    assert sorted(rules - set(WORDINGS) - set(SENTENCES)) == []


RECORD = {
    "daftar": ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3,
                "uniqueItems": True}, [[1], [1, 2, 3, 4], [1, 1], ["a", 2]]),
    "isi": ({"type": "array", "contains": {"const": 7}}, [[1]]),
    "pasangan": ({"type": "array", "prefixItems": [{}], "unevaluatedItems": False}, [[1, 2]]),
    "orang": ({"type": "object", "required": ["nama"], "minProperties": 1,
               "propertyNames": {"maxLength": 5}, "maxProperties": 2},
              [{}, {"nama": 1, "alamat": 2}, {"nama": 1, "a": 2, "b": 3}]),
    "bentuk": ({"anyOf": [{"type": "integer"}, {"const": "x"}]}, ["y"]),
    "satu": ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, [1]),
    "bukan": ({"not": {"const": 3}}, [3]),
    "tutup": (False, [1]),
}  # fmt: skip
"""A column each: its schema, and values that break it."""


def test_broken_lists_and_objects_are_told_in_words(
    gate: Callable[..., Any], document_of: Callable[..., SchemaDocument]
) -> None:
    document = document_of({name: schema for name, (schema, _) in RECORD.items()})
    rows = [{name: value} for name, (_, values) in RECORD.items() for value in values]
    verdict = gate("".join(json.dumps(row) + "\n" for row in rows), "ndjson", document=document)
    assert verdict.rejected == len(rows)
    for rule in verdict.by_rule:
        assert rule.rule in WORDINGS
        assert rule.column in rule.message_id
        assert "aturan skema untuk kolom ini" not in rule.message_id
    said = {rule.pointer: rule.message_id for rule in verdict.by_rule}
    assert "Kolom daftar, tiap butir harus bilangan bulat" in said["/daftar/*"]
    assert "Kolom orang, nama harus diisi" in said["/orang/nama"]


def test_a_condition_of_the_schema_is_said_to_be_one(
    gate: Callable[..., Any], document_of: Callable[..., SchemaDocument]
) -> None:
    document = document_of(
        {"cara": {"type": "string"}, "alasan": {"type": "string"}, "nomor": {"type": "string"}},
        **{
            "if": {"properties": {"cara": {"const": "khusus"}}, "required": ["cara"]},
            "then": {"required": ["alasan"], "properties": {"nomor": False}},
        },
    )
    verdict = gate('{"cara": "khusus", "nomor": "1"}\n', "ndjson", document=document)
    said = {rule.pointer: (rule.message_id, rule.message_en) for rule in verdict.by_rule}
    assert "karena isi kolom lain" in said["/alasan"][0]
    assert "the other columns" in said["/alasan"][1]
    assert "harus dikosongkan" in said["/nomor"][0]


def test_names_that_a_sender_invents_do_not_make_the_summary_endless(
    gate: Callable[..., Any],
) -> None:
    rows = [{"kode": f"{n:04}", "jumlah": 1, f"x{n}": "rahasia"} for n in range(2_000)]
    verdict = gate("".join(json.dumps(row) + "\n" for row in rows), "ndjson")
    assert verdict.errors == sum(rule.count for rule in verdict.by_rule) == 2_000
    assert len(verdict.by_rule) == 1_001
    assert not any(rule.examples for rule in verdict.by_rule)
