"""The verdict of the schema on a block of records, as findings by row."""

from collections.abc import Iterator, Sequence
from typing import Any

import jsonschema_rs

from schemas.engine import compile_rows
from schemas.gate.blocks import Finding
from schemas.publication import escaped

_LISTS_NAMES = ("additionalProperties", "unevaluatedProperties")


class Ruling:
    """A schema compiled once for many blocks."""

    def __init__(self, body: dict[str, Any] | bool) -> None:
        self._rows = compile_rows(body)

    def findings(self, records: Sequence[Any]) -> dict[int, list[Finding]]:
        """What the schema has against each row, by index; a row that is not there is valid."""
        found: dict[int, list[Finding]] = {}
        for error in self._rows.iter_errors(list(records)):
            row = int(error.instance_path[0])
            found.setdefault(row, []).extend(_findings(error))
        return found


def _findings(error: jsonschema_rs.ValidationError) -> Iterator[Finding]:
    """Usually one; one per column where the schema names several that it does not know."""
    path = error.instance_path[1:]
    facts = error.kind.as_dict()
    schema_path = "".join(f"/{escaped(str(part))}" for part in error.schema_path[1:])
    if error.kind.name in _LISTS_NAMES:
        for name in facts["unexpected"]:
            value = error.instance.get(name) if isinstance(error.instance, dict) else None
            yield _finding([*path, name], error, value, None, schema_path)
    elif error.kind.name == "required":
        yield _finding([*path, facts["property"]], error, None, None, schema_path)
    else:
        expected = next((facts[k] for k in facts if k not in ("context", "error")), None)
        yield _finding(path, error, error.instance, expected, schema_path)


def _finding(
    path: list[str | int],
    error: jsonschema_rs.ValidationError,
    value: Any,
    expected: Any,
    schema_path: str,
) -> Finding:
    pointer = "".join(f"/{escaped(str(part))}" for part in path)
    column = str(path[0]) if path else ""
    return Finding(column, pointer, error.kind.name, value, expected, schema_path, error.message)
