"""How the answer of a saved query is drawn: a few words, judged by a schema."""

from typing import Annotated, Any

import jsonschema
from pydantic import AfterValidator

from catalog.free_objects import FreeObject

_COLUMN = {"type": "string", "minLength": 1, "maxLength": 128}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "x", "y"],
    "properties": {
        "kind": {"enum": ["bar", "line", "area", "point"]},
        "x": _COLUMN,
        "y": {
            "type": "array",
            "minItems": 1,
            "maxItems": 8,
            "uniqueItems": True,
            "items": _COLUMN,
        },
        "series": _COLUMN,
        "agg": {"enum": ["none", "sum", "avg", "min", "max", "count"]},
    },
}
_JUDGE = jsonschema.Draft202012Validator(SCHEMA)


def _is_chart(chart: dict[str, Any]) -> dict[str, Any]:
    """Raise ValueError, with the place and what is expected there."""
    for fault in _JUDGE.iter_errors(chart):
        raise ValueError(f"{fault.json_path}: {fault.message[:200]}")
    return chart


Chart = Annotated[FreeObject, AfterValidator(_is_chart)]
"""`kind` bar, line, area or point; column `x`, columns `y`; `series` and `agg` if wanted."""
