"""The SELECT by which a table carries its marks; light, for query workers import it."""
# ruff: noqa: S608 - names and values are quoted by catalog.duck

import json
from collections.abc import Mapping, Sequence

from catalog.duck import identifier, literal

COLUMN = "_dalam_penelitian"
"""The column that travels with the rows: JSON text, a field's name to what is said of its value."""


def joined(
    source: str, types: Mapping[str, str], key: Sequence[str], said: Mapping[str, str]
) -> str:
    """The SELECT of a table with the mark column, for a query engine; `types` are those shown."""
    if not said:
        return f"SELECT *, CAST(NULL AS VARCHAR) AS {identifier(COLUMN)} FROM {source}"
    names = [f"k{place}" for place in range(len(key))]
    listed = ", ".join(
        "(" + ", ".join(literal(text) for text in (*json.loads(place), told)) + ")"
        for place, told in said.items()
    )
    equal = " AND ".join(
        f"t.{identifier(column)} = CAST(m.{name} AS {types[column]})"
        for column, name in zip(key, names, strict=True)
    )
    return (
        f"SELECT t.*, m.told AS {identifier(COLUMN)} FROM {source} AS t"
        f" LEFT JOIN (VALUES {listed}) AS m({', '.join([*names, 'told'])}) ON {equal}"
    )
