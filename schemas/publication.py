"""What a document must satisfy before it may be published."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from schemas.engine import compile_schema
from schemas.errors import Fault
from schemas.linear import pattern_fault
from schemas.pointers import escaped as escaped
from schemas.pointers import pointer_of as pointer_of
from schemas.references import reference_faults
from schemas.rules.faults import rule_faults

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_COLUMNS = 1_000
_PATTERN_PLACES = re.compile(r"/(pattern|patternProperties)(/|$)")


def faults_of(body: Any) -> list[Fault]:
    """Everything wrong with the document, the outermost faults first; empty if it may be published."""
    if not isinstance(body, dict):
        return [Fault("", "Skema harus berupa objek JSON.", "A schema must be a JSON object.")]
    too_big = _size_faults(body)
    if too_big:
        return too_big
    shape = [*_remote_references(body, ""), *_metaschema_faults(body), *_annotation_faults(body)]
    return shape or [
        *_key_faults(body),
        *rule_faults(body),
        *reference_faults(body),
        *_compile_faults(body),
    ]


def _size_faults(body: dict[str, Any]) -> list[Fault]:
    if _depth(body) > MAX_DEPTH:
        return [
            Fault(
                "",
                f"Skema bersarang lebih dari {MAX_DEPTH} tingkat.",
                f"The schema is nested deeper than {MAX_DEPTH} levels.",
            )
        ]
    if len(json.dumps(body)) > MAX_BYTES:
        return [
            Fault(
                "",
                f"Skema lebih besar dari {MAX_BYTES} bita.",
                f"The schema is larger than {MAX_BYTES} bytes.",
            )
        ]
    properties = body.get("properties")
    if isinstance(properties, dict) and len(properties) > MAX_COLUMNS:
        return [
            Fault(
                "/properties",
                f"Skema mempunyai lebih dari {MAX_COLUMNS} kolom.",
                f"The schema has more than {MAX_COLUMNS} columns.",
            )
        ]
    return []


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion and no further than one past the limit."""
    level, here = 0, [value]
    while here and level <= MAX_DEPTH:
        level += 1
        here = [
            child
            for node in here
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return level


def _remote_references(node: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _remote_references(child, f"{pointer}/{index}")
    if not isinstance(node, dict):
        return
    for key, child in node.items():
        here = f"{pointer}/{escaped(key)}"
        is_reference = key in ("$ref", "$dynamicRef") and isinstance(child, str)
        if is_reference and not child.startswith("#"):
            yield Fault(
                here,
                f"Rujukan ke luar dokumen ({child}) tidak diambil; salin definisinya ke $defs.",
                f"A reference outside the document ({child}) is never fetched; copy it into $defs.",
            )
        elif key not in ("const", "enum", "default", "examples"):
            yield from _remote_references(child, here)


def _metaschema_faults(body: dict[str, Any]) -> Iterator[Fault]:
    for error in _metaschema().iter_errors(body):
        pointer = pointer_of(list(error.absolute_path))
        if _PATTERN_PLACES.search(pointer):
            yield pattern_fault(pointer, error.instance, error.message)
        else:
            yield Fault(
                pointer,
                "Bukan JSON Schema 2020-12 yang benar di bagian ini.",
                "This part is not valid JSON Schema 2020-12.",
                error.message,
            )


def _annotation_faults(body: dict[str, Any]) -> Iterator[Fault]:
    for error in _annotations().iter_errors(body):
        pointer = pointer_of(error.instance_path)
        if error.kind.name == "required":
            missing = error.kind.as_dict()["property"]
            yield Fault(
                f"{pointer}/{missing}", f"{missing} wajib ada.", f"{missing} must be present."
            )
        elif pointer == "/$id":
            yield Fault(
                pointer,
                "$id harus https://simpul.invalid/schemas/{sistem}/{rekaman}/{x.y.z}.json "
                "dengan huruf kecil dan tanda hubung.",
                "$id must be https://simpul.invalid/schemas/{system}/{record}/{x.y.z}.json "
                "in lower case with hyphens.",
            )
        else:
            yield Fault(
                pointer,
                "Anotasi tidak sesuai dengan yang didokumentasikan.",
                "The annotation is not as documented.",
                error.message,
            )


def _key_faults(body: dict[str, Any]) -> Iterator[Fault]:
    for index, name in enumerate(body.get("x-kunci", [])):
        if name not in body["properties"]:
            yield Fault(
                f"/x-kunci/{index}",
                f"Kunci menyebut kolom {name} yang tidak ada.",
                f"The key names the column {name}, which does not exist.",
            )
    for name in body.get("required", []):
        if name not in body["properties"]:
            yield Fault(
                "/required",
                f"Kolom wajib {name} tidak ada di properties.",
                f"The required column {name} is not among the properties.",
            )


def _compile_faults(body: dict[str, Any]) -> Iterator[Fault]:
    try:
        compile_schema(body)
    except jsonschema_rs.ValidationError as error:
        pointer = pointer_of(error.instance_path)
        if _PATTERN_PLACES.search(f"/{error.kind.name}") or "regex" in error.message:
            yield pattern_fault(pointer, error.instance, error.message)
        else:
            yield Fault(
                pointer,
                "Skema tidak dapat dipakai: ada rujukan yang tidak ditemukan atau bagian yang rusak.",
                "The schema cannot be used: a reference is not found or a part is broken.",
                error.message,
            )


@cache
def _metaschema() -> "Draft202012Validator":
    """The metaschema by the library that the standard's authors keep; it fetches nothing, all is packaged.

    Only here: what agencies write is judged by `jsonschema_rs` (ADR 2).
    """
    from jsonschema import Draft202012Validator  # late: only publishing needs it

    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


@cache
def _annotations() -> jsonschema_rs.Validator:
    text = (files("schemas") / "annotations.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), offline=True)
