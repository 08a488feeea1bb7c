"""The one place where validators are compiled: linear patterns, formats asserted, nothing fetched."""

from typing import Any

import jsonschema_rs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ROW = "https://simpul.invalid/schemas/gate/row.json"


def compile_schema(body: dict[str, Any] | bool) -> jsonschema_rs.Validator:
    """A validator of one instance; raises `jsonschema_rs.ValidationError` for a schema it refuses."""
    return jsonschema_rs.Draft202012Validator(
        body,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


def compile_rows(body: dict[str, Any] | bool) -> jsonschema_rs.Validator:
    """A validator of a list of rows; `instance_path[0]` of each error is the row's index.

    The row's schema is embedded as a resource of its own, so that its local references stay local.
    """
    row = {"$id": _ROW, **body} if isinstance(body, dict) else body
    return compile_schema({"$schema": DIALECT, "type": "array", "items": row})


def canonical(body: dict[str, Any] | bool) -> jsonschema_rs.CanonicalSchema:
    """The canonical form, by which containment is proven: as strict as the gate.

    Raises `jsonschema_rs.canonical.CanonicalizationError` and `jsonschema_rs.ValidationError`.
    """
    named = ("$id", "title")
    return jsonschema_rs.canonicalize(
        {w: v for w, v in body.items() if w not in named} if isinstance(body, dict) else body,
        draft=jsonschema_rs.Draft202012,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )
