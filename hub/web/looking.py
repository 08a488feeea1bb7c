"""A look into a dataset through the reader's own decision: columns, their profile, sample rows."""

import json
from dataclasses import dataclass

from catalog.errors import ReleaseNotFound
from hub.access import rows
from hub.access.door import Asked, Door
from hub.access.errors import NoGrant
from hub.access.judging import Action
from hub.access.reader import Reader
from hub.errors import NotAuthenticated
from hub.web.columns import Cell, ColumnView, Spread, cells, views
from hub.web.page import Page
from schemas.document import SchemaDocument

SAMPLE_ROWS = 8


@dataclass(frozen=True)
class Look:
    """`columns` always; the rest is there when the reader may read. `grant` is the one it rests on."""

    columns: list[ColumnView]
    sample: list[list[Cell]] | None = None
    rows: int | None = None
    grant: str | None = None

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
    return Look(
        columns=views(document, page.language, clear=clear, profiles=profiles),
        sample=cells(json.loads(sampled.items), document, clear_of(sampled.door), page.language),
        rows=found.rows,
        grant=found.door.decision.grant_id,
    )


def clear_of(door: Door) -> frozenset[str]:
    """Columns of which this reader sees something, be it masked."""
    return frozenset(door.policy.askable(dict.fromkeys(door.schema.names, "")))
