"""Whether a list of steps can be executed against a schema."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from schemas.document import SchemaDocument
from schemas.engine import compile_schema
from schemas.errors import Fault, InvalidSteps
from schemas.publication import pointer_of


def check(steps: Sequence[Any], document: SchemaDocument) -> None:
    """Raise InvalidSteps with every fault: in the form of a step, or in the columns it names."""
    faults = list(_form_faults(list(steps))) or list(_column_faults(steps, document))
    if faults:
        raise InvalidSteps(faults)


def _form_faults(steps: list[Any]) -> Iterator[Fault]:
    for error in _form().iter_errors(steps):
        yield Fault(
            pointer_of(error.instance_path),
            "Langkah ini tidak sesuai dengan bentuk yang didokumentasikan.",
            "This step does not have the documented form.",
            error.message,
        )


def _column_faults(steps: Sequence[dict[str, Any]], document: SchemaDocument) -> Iterator[Fault]:
    known = set(document.columns)
    for step in steps:
        if step["step"] == "rename":
            known |= set(step["columns"]) | set(step["columns"].values())
    dropped = {n for s in steps if s["step"] == "drop" for n in s["columns"]}
    for index, step in enumerate(steps):
        yield from _unknown(index, step, known, dropped | set(document.columns))
        if step["step"] == "date":
            yield from _wrong_target(index, step, document)


def _unknown(index: int, step: dict[str, Any], known: set[str], final: set[str]) -> Iterator[Fault]:
    columns = step.get("columns", "*")
    if columns == "*" or step["step"] == "drop":
        return
    if step["step"] == "rename":
        names, among = list(columns.values()), final | set(columns)
    else:
        names, among = columns, known | final
    for name in names:
        if name not in among:
            yield Fault(
                f"/{index}/columns",
                f"Kolom {name} tidak ada di skema.",
                f"The column {name} is not in the schema.",
            )


def _wrong_target(index: int, step: dict[str, Any], document: SchemaDocument) -> Iterator[Fault]:
    for name in step["columns"]:
        column = document.by_name.get(name)
        if column and column.kind in ("date", "date-time") and column.kind != step["to"]:
            yield Fault(
                f"/{index}/to",
                f"Skema meminta {column.kind} di kolom {name}, langkah ini menghasilkan {step['to']}.",
                f"The schema wants {column.kind} in {name}; this step makes {step['to']}.",
            )


@cache
def _form() -> jsonschema_rs.Validator:
    return compile_schema(json.loads((files("schemas") / "steps.json").read_text(encoding="utf-8")))
