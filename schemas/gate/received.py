"""How the columns of a file were called and written before the steps, for whoever sends rows back."""

from collections.abc import Sequence
from typing import Any

from schemas.document import SchemaDocument
from schemas.steps.locales import expanded


def renamed(steps: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Received names of columns to the names they are judged under, where the two differ."""
    names: dict[str, str] = {}
    for step in steps:
        if step["step"] == "rename":
            moved = {old: step["columns"].get(new, new) for old, new in names.items()}
            names = {**step["columns"], **moved}
    return names


def decimal_commas(steps: Sequence[dict[str, Any]], document: SchemaDocument) -> list[str]:
    """Received names of the columns whose text is read as `1.234,56`; `*` stands for all of them.

    A number that came as a number (Excel, JSON) must be written so when its row is sent back as
    text: 234.567 would be read as 234567.
    """
    received: dict[str, str] = {}
    found: set[str] = set()
    for step in expanded(steps, document):
        columns = step.get("columns", ())
        if step["step"] == "rename":
            moved = {new: received.pop(old, old) for old, new in columns.items()}
            received = {**received, **moved}
        elif step["step"] == "number" and step["locale"] == "id":
            found |= {received.get(name, name) for name in columns}
    return sorted(found)
