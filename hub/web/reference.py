"""The API as its reference page tells it, from the document that the app itself writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    required: bool
    kind: str
    about: str


@dataclass(frozen=True)
class Operation:
    """`example` is a curl command that can be copied; names in capitals are to be filled in."""

    method: str
    path: str
    summary: str
    about: str
    parameters: list[Parameter]
    body: str
    example: str
    anchor: str


def groups(document: Mapping[str, Any], base: str) -> dict[str, list[Operation]]:
    """Operations by their first tag, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = next(iter(operation.get("tags", ())), "simpul")
                made = _operation(document, base.rstrip("/"), method, path, operation)
                found.setdefault(tag, []).append(made)
    return found


def _operation(
    document: Mapping[str, Any], base: str, method: str, path: str, said: Mapping[str, Any]
) -> Operation:
    parameters = [_parameter(document, each) for each in said.get("parameters", ())]
    body = said.get("requestBody", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=_first_sentence(said),
        about=str(said.get("description", "")),
        parameters=parameters,
        body=", ".join(body),
        example=_curl(document, base, method, path, body),
        anchor=str(said.get("operationId", f"{method}{path}")),
    )


def _first_sentence(said: Mapping[str, Any]) -> str:
    """What the operation says of itself, rather than the name that was made of its function's."""
    told = str(said.get("description", "")) or str(said.get("summary", ""))
    return told.split("\n\n")[0].split(". ")[0].rstrip(".")


def _parameter(document: Mapping[str, Any], said: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=str(said["name"]),
        place=str(said["in"]),
        required=bool(said.get("required")),
        kind=_kind(document, said.get("schema", {})),
        about=str(said.get("description", "")),
    )


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The type in one line: choices, else the JSON type, else what a reference or union leads to."""
    schema = _resolved(document, schema)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        kinds = [_kind(document, each) for each in schema["anyOf"]]
        return " | ".join(kind for kind in kinds if kind != "null")
    if schema.get("type") == "array":
        return f"{_kind(document, schema.get('items', {}))} …"
    return str(schema.get("format") or schema.get("type") or "")


def _curl(
    document: Mapping[str, Any], base: str, method: str, path: str, body: Mapping[str, Any]
) -> str:
    filled = path
    for name in _names(path):
        filled = filled.replace("{" + name + "}", name.upper())
    lines = ["curl -fsS" + ("" if method == "get" else f" -X {method.upper()}")]
    if path.startswith("/api/"):
        lines.append('-H "Authorization: Bearer $SIMPUL_TOKEN"')
    if "application/json" in body:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{_sample(document, body['application/json'].get('schema', {}))}'")
    return " \\\n  ".join([*lines, f'"{base}{filled}"'])


def _sample(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The required members of a body, each with a value of its type."""
    schema = _resolved(document, schema)
    needed = schema.get("required", ())
    properties = schema.get("properties", {})
    return json.dumps({name: _value(document, properties.get(name, {})) for name in needed})


def _value(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    schema = _resolved(document, schema)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
    return "…"


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "")
    if not reference.startswith("#/"):
        return schema
    here: Any = document
    for part in reference[2:].split("/"):
        here = here[part]
    return dict(here)


def _names(path: str) -> list[str]:
    return [part.split("}")[0] for part in path.split("{")[1:]]
