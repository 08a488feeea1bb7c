"""A look into a dataset through the reader's own decision: columns, their profile, sample rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import ReleaseNotFound
from catalog.joining import COLUMN
from hub.access import rows
from hub.access.door import Asked, Door
from hub.access.errors import NoGrant
from hub.access.judging import Action
from hub.access.reader import Reader
from hub.errors import NotAuthenticated
from hub.web.columns import Cell, ColumnView, Spread, cells, views
from hub.web.correction_words import MARKS
from hub.web.page import Page
from schemas.document import SchemaDocument

SAMPLE_ROWS = 8


@dataclass(frozen=True)
class Look:
    """`columns` always; the rest is there when the reader may read. `grant` is the one it rests on.

    `marks` are what is said of each row of the sample, by column; `keys` its key where it is shown.
    """

    columns: list[ColumnView]
    sample: list[list[Cell]] | None = None
    rows: int | None = None
    grant: str | None = None
    marks: list[dict[str, str]] = field(default_factory=list)
    keys: list[list[str]] = field(default_factory=list)

    @property
    def withheld(self) -> int:
        return sum(column.withheld for column in self.columns)


def look(page: Page, reader: Reader, dataset: str, document: SchemaDocument) -> Look:
    """Leaves evidence like every read; without leave it shows the columns alone."""
    try:
        found = rows.profile(reader, Asked(page.actor, Action.PROFILE, dataset))
        sampled = rows.sample(reader, Asked(page.actor, Action.SAMPLE, dataset), size=SAMPLE_ROWS)
    except (NoGrant, NotAuthenticated, ReleaseNotFound):
        return Look(views(document, page.language))
    clear = clear_of(found.door)
    profiles = {
        column.column: Spread(column.empty, column.distinct, column.lowest, column.highest)
        for column in found.columns
    }
    items = json.loads(sampled.items)
    return Look(
        columns=views(document, page.language, clear=clear, profiles=profiles),
        sample=cells(items, document, clear_of(sampled.door), page.language),
        marks=[marks_of(item) for item in items],
        keys=keys_of(sampled.door, items),
        rows=found.rows,
        grant=found.door.decision.grant_id,
    )


def marks_of(item: Mapping[str, Any]) -> dict[str, str]:
    """What a row that left says of its own values, by column."""
    said: dict[str, str] = json.loads(item.get(COLUMN) or "{}")
    return {name: MARKS.get(text, text) for name, text in said.items()}


def keys_of(door: Door, items: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The key of each row as the reader sees it; nothing where it does not tell rows apart."""
    if not door.policy.tells_apart(dict.fromkeys(door.schema.names, ""), door.key):
        return []
    return [[str(item[name]) for name in door.key] for item in items]


def clear_of(door: Door) -> frozenset[str]:
    """Columns of which this reader sees something, be it masked."""
    return frozenset(door.policy.askable(dict.fromkeys(door.schema.names, "")))
