"""Columns with personal data, by what a grant must say to open them (`x-data-pribadi`)."""

from collections.abc import Iterable

from schemas.document import SchemaDocument

ALWAYS = frozenset({"umum", "spesifik"})
"""Personal in every row: hidden until a grant names the column together with a basis."""


def must_be_named(document: SchemaDocument) -> frozenset[str]:
    """Columns that are personal in every row."""
    return frozenset(name for name, kind in document.personal.items() if kind in ALWAYS)


def when_a_person(document: SchemaDocument) -> frozenset[str]:
    """Columns that are personal only where the row speaks of a natural person.

    The feeds replace those values by PERORANGAN; so they open with any grant, but not to everybody.
    """
    return frozenset(document.personal) - must_be_named(document)


def named(document: SchemaDocument, columns: Iterable[str] | None) -> tuple[str, ...]:
    """Which of the asked columns are personal in every row, in the order asked."""
    hidden = must_be_named(document)
    return tuple(column for column in columns or () if column in hidden)
