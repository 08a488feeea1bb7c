"""What a property of a schema means for a column: which JSON types it may hold, and how it is kept."""

from dataclasses import dataclass
from typing import Any

from schemas.pointers import unescaped

EVERY_TYPE = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_MAX_REFS = 32


@dataclass(frozen=True)
class Column:
    """One property of the record. `kind` is string, integer, number, boolean, date, date-time or json."""

    name: str
    types: frozenset[str]
    kind: str
    schema: dict[str, Any]

    @property
    def nullable(self) -> bool:
        return "null" in self.types

    @property
    def textual(self) -> bool:
        """A text cell stays text: the schema lets the column hold a string."""
        return "string" in self.types


def columns_of(body: dict[str, Any]) -> dict[str, Column]:
    """The columns of a schema by name, in the order in which the document lists them."""
    return {
        name: column_of(name, schema, body) for name, schema in body.get("properties", {}).items()
    }


def resolve(reference: str, root: dict[str, Any]) -> Any:
    """The part of the document a local `#/…` reference points to; True when it is not a plain pointer."""
    if not reference.startswith("#/"):
        return root if reference == "#" else True
    here: Any = root
    for token in map(unescaped, reference[2:].split("/")):
        if isinstance(here, list):
            here = here[int(token)] if token.isdigit() and int(token) < len(here) else True
        else:
            here = here.get(token, True) if isinstance(here, dict) else True
    return here


def allowed_types(
    schema: Any,
    root: dict[str, Any],
    depth: int = 0,
    known: dict[str, frozenset[str]] | None = None,
) -> frozenset[str]:
    """JSON types that can still be valid; a superset where keywords say more than types.

    `known` holds what each reference came to, for definitions may name one another any number of times.
    """
    if schema is False:
        return frozenset()
    if not isinstance(schema, dict) or depth > _MAX_REFS:
        return EVERY_TYPE
    types, known = EVERY_TYPE, {} if known is None else known
    if "type" in schema:
        types &= _named(schema["type"])
    if "const" in schema:
        types &= frozenset({_type_of(schema["const"])})
    if "enum" in schema:
        types &= frozenset(_type_of(value) for value in schema["enum"])
    if "$ref" in schema:
        reference = schema["$ref"]
        if reference not in known:
            known[reference] = EVERY_TYPE  # while it is asked about itself
            target = resolve(reference, root)
            known[reference] = allowed_types(target, root, depth + 1, known)
        types &= known[reference]
    for branch in schema.get("allOf", []):
        types &= allowed_types(branch, root, depth + 1, known)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            branches = (allowed_types(b, root, depth + 1, known) for b in schema[word])
            types &= frozenset().union(*branches)
    return types


def stated_format(
    schema: Any, root: dict[str, Any], depth: int = 0, known: dict[str, str | None] | None = None
) -> str | None:
    """The `format` every string of the column has, or None; `known` holds what each reference came to."""
    if not isinstance(schema, dict) or depth > _MAX_REFS:
        return None
    if "format" in schema:
        return str(schema["format"])
    known = {} if known is None else known
    found: list[str | None] = []
    if "$ref" in schema:
        reference = schema["$ref"]
        if reference not in known:
            known[reference] = None  # while it is asked about itself
            known[reference] = stated_format(resolve(reference, root), root, depth + 1, known)
        found.append(known[reference])
    found += [stated_format(part, root, depth + 1, known) for part in schema.get("allOf", [])]
    for word in ("anyOf", "oneOf"):
        branches = [
            b for b in schema.get(word, []) if "string" in allowed_types(b, root, depth + 1)
        ]
        formats = {stated_format(b, root, depth + 1, known) for b in branches}
        found += formats if len(formats) == 1 else []
    return next((f for f in found if f), None)


def column_of(name: str, schema: Any, root: dict[str, Any]) -> Column:
    """One property of the schema `root`, or of an object inside it."""
    types = allowed_types(schema, root)
    kind = _kind(types - {"null"})
    if kind == "string":
        form = stated_format(schema, root)
        kind = form if form in ("date", "date-time") else kind
    return Column(name, types, kind, schema if isinstance(schema, dict) else {})


def _kind(types: frozenset[str]) -> str:
    if len(types) == 1:
        (only,) = types
        return "json" if only in ("array", "object") else only
    return "number" if types and types <= {"integer", "number"} else "json"


def _named(types: Any) -> frozenset[str]:
    names = frozenset([types] if isinstance(types, str) else types)
    return names | {"integer"} if "number" in names else names


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
