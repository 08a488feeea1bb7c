"""One declared way of writing for a whole dataset: what the step `locale` comes to, column by column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.document import SchemaDocument


@dataclass(frozen=True)
class Profile:
    """How numbers, dates and truth values are written; `true` and `false` themselves always pass."""

    dates: tuple[str, ...]
    moments: tuple[str, ...]
    true: tuple[str, ...] = ("true",)
    false: tuple[str, ...] = ("false",)


PROFILES = {
    "id": Profile(
        ("iso-date", "id-date"),
        ("iso-datetime", "iso-date", "id-datetime", "id-date"),
        ("true", "ya"),
        ("false", "tidak"),
    ),
    "en": Profile(
        ("iso-date", "en-date"),
        ("iso-datetime", "iso-date", "en-datetime", "en-date"),
        ("true", "yes"),
        ("false", "no"),
    ),
    "iso": Profile(("iso-date",), ("iso-datetime", "iso-date")),
}
"""A date that begins with four digits of a year means one thing only, so every profile reads it."""


def expanded(steps: Iterable[dict[str, Any]], document: SchemaDocument) -> Iterator[dict[str, Any]]:
    """The steps with every `locale` replaced by steps for the columns that the schema gives a kind."""
    for step in steps:
        if step["step"] == "locale":
            yield from _steps_of(step, document)
        else:
            yield step


def _steps_of(step: dict[str, Any], document: SchemaDocument) -> Iterator[dict[str, Any]]:
    name = step["profile"]
    profile = PROFILES[name]
    zone = {"zone": step["zone"]} if "zone" in step else {}
    numbers = _of_kind(document, "integer", "number")
    days, moments = _of_kind(document, "date"), _of_kind(document, "date-time")
    truths = _of_kind(document, "boolean")
    if numbers:
        yield {"step": "number", "columns": numbers, "locale": name, "strict": True}
    if days:
        # A cell of a workbook with a time of day would lose it: that one is the schema's to refuse.
        forms = {"forms": profile.dates, "strict": True}
        yield {"step": "date", "columns": days, "to": "date", **forms, **zone}
    if moments:
        forms = {"forms": profile.moments}
        yield {"step": "date", "columns": moments, "to": "date-time", **forms, **zone}
    if truths:
        words = {"true": profile.true, "false": profile.false}
        yield {"step": "boolean", "columns": truths, **words}


def _of_kind(document: SchemaDocument, *kinds: str) -> list[str]:
    return [name for name, column in document.by_name.items() if column.kind in kinds]
