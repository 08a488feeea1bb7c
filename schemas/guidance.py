"""A schema's columns in plain words, for those who fill them in: what one is, what may stand in it, an example."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.columns import Column, resolve
from schemas.document import SchemaDocument
from schemas.engine import compile_schema
from schemas.gate.blocks import Finding
from schemas.gate.wording import WORDINGS
from schemas.sampling import Sampler

_KINDS = {
    "id": {
        "string": "teks",
        "integer": "bilangan bulat",
        "number": "angka",
        "boolean": "TRUE atau FALSE",
        "date": "tanggal",
        "date-time": "tanggal dan jam",
        "json": "teks",
    },
    "en": {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "TRUE or FALSE",
        "date": "date",
        "date-time": "date and time",
        "json": "text",
    },
}
_SAID = (
    "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
)  # fmt: skip
_DIGITS = re.compile(r"\^(?:\[0-9\]|\\d)\{(\d{1,4})\}\$")
_KEYS = {"id": "bagian dari kunci: tidak boleh berulang", "en": "part of the key: never twice"}
_MOST_REFS = 8


@dataclass(frozen=True)
class Guide:
    """One column in the words of one language; `rules` are the keywords that hold for its values."""

    column: Column
    title: str
    about: str
    kind: str
    allowed: str
    example: str
    required: bool
    choices: tuple[Any, ...]
    rules: dict[str, Any]


def guides(document: SchemaDocument, lang: str) -> list[Guide]:
    """Every column in the order of the document."""
    return [_guide(document, column, lang) for column in document.by_name.values()]


def _guide(document: SchemaDocument, column: Column, lang: str) -> Guide:
    rules = _rules(column.schema, document.body)
    choices = tuple(value for value in rules.get("enum", ()) if value is not None)
    return Guide(
        column,
        title=_worded(column.schema, "title", lang) or column.name,
        about=_worded(column.schema, "description", lang),
        kind=_kind(column, rules, lang),
        allowed=". ".join(_allowed(document, column, rules, lang)),
        example=_example(document, column),
        required=column.name in document.required,
        choices=choices if all(isinstance(c, str | int | float) for c in choices) else (),
        rules=rules,
    )


def _rules(schema: dict[str, Any], root: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Keywords of the column, of what it refers to and of `allOf`; the nearer one wins."""
    found: dict[str, Any] = {}
    if depth > _MOST_REFS:
        return found
    inner = [resolve(schema["$ref"], root)] if "$ref" in schema else []
    for other in (*schema.get("allOf", ()), *inner):
        if isinstance(other, dict):
            found = {**_rules(other, root, depth + 1), **found}
    found = {**found, **schema}
    digits = _DIGITS.fullmatch(str(found.get("pattern", "")))
    if digits:
        found.setdefault("minLength", int(digits[1]))
        found.setdefault("maxLength", int(digits[1]))
    return found


def _kind(column: Column, rules: dict[str, Any], lang: str) -> str:
    word = _KINDS[lang][column.kind]
    unit = rules.get("x-satuan")
    return f"{word} ({unit})" if unit else word


def _allowed(
    document: SchemaDocument, column: Column, rules: dict[str, Any], lang: str
) -> Iterator[str]:
    own = rules.get("x-pesan")
    if own:
        yield str(own if isinstance(own, str) else own.get(lang, own["id"])).rstrip(".")
    else:
        for rule in _SAID:
            if rule in rules and not (rule.endswith("Length") and "pattern" in rules):
                wording = WORDINGS[rule](Finding(column.name, "", rule, None, _listed(rules[rule])))
                yield wording.expected_en if lang == "en" else wording.expected_id
    code_list = document.codes.get(column.name)
    if code_list:
        yield f"kode dari {code_list}" if lang == "id" else f"a code of {code_list}"
    if column.name in document.key:
        yield _KEYS[lang]


def _listed(expected: Any) -> Any:
    return [v for v in expected if v is not None] if isinstance(expected, list) else expected


def _example(document: SchemaDocument, column: Column) -> str:
    """The schema's own example, else one that the engine accepts; none is made up of a person."""
    samples = column.schema.get("examples", [])
    if not samples and column.name not in document.personal:
        samples = Sampler(document.body).values(column.schema)
    about: dict[str, Any] = {
        w: document.body[w] for w in ("$defs", "$schema") if w in document.body
    }
    judge = compile_schema({**about, **column.schema})
    for sample in samples:
        if sample not in (None, "", [], {}) and judge.is_valid(sample):
            text = sample if isinstance(sample, str) else json.dumps(sample, ensure_ascii=False)
            return text if len(text) <= 80 else ""
    return ""


def _worded(schema: dict[str, Any], word: str, lang: str) -> str:
    english = schema.get(f"x-{word}-en", "") if lang == "en" else ""
    return str(english or schema.get(word, ""))
