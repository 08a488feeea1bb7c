"""The marks that travel with the rows a door opens, and pointing at one cell behind it.

Nothing here is kept with a file or a slice: marks are looked up for every answer and joined to it, so the
next reader in any process sees them. What a policy hides is not marked, neither by name nor by count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import pyarrow as pa

from catalog import marking
from catalog.engine import Told
from catalog.export import Answer, Rows
from catalog.joining import COLUMN
from catalog.marking import NOTHING, Cell, Marked, Shown
from catalog.models import Dataset
from catalog.reading import Page
from hub.access.door import Asked, Door, open_door
from hub.access.reader import Reader
from hub.access.subjects import about
from hub.access.texts import json_objects
from hub.access.vault import digest_of
from hub.access.witness import prove, read_facts
from hub.db import reading
from hub.errors import InvalidInput, NotFound

MOST_KEPT = 256
"""Resolved marks of so many combinations of release, policy and change are kept; each is small."""


@dataclass(frozen=True)
class Pointed:
    """A cell that somebody may read now, as the hub knows it; `digest` is keyed, of its value."""

    dataset: Dataset
    release: int
    cell: Cell
    field: str
    digest: str


@dataclass(frozen=True, eq=False)
class _Behind:
    """A door and the key of digests; `name` says all on which its marks depend."""

    door: Door
    secret: bytes
    name: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Behind) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def shown(reader: Reader, door: Door) -> Shown:
    """The marked rows that this door shows in its release."""
    if door.marks is None:
        return NOTHING
    release, document = door.release, door.document
    name = (door.marks.stamp, release.dataset, str(release.number), door.policy.digest())
    return _shown(_Behind(door, reader.secret, (*name, document.version)))


@lru_cache(maxsize=MOST_KEPT)
def _shown(behind: _Behind) -> Shown:
    """Stamps are random and releases never change, so this stays true of its name."""
    door = behind.door
    assert door.marks is not None  # noqa: S101 - only such doors are asked
    return marking.shown(
        door.table,
        door.manifest,
        door.schema,
        door.policy,
        key=door.key,
        marks=door.marks.marks,
        digest=digest_of(behind.secret),
        stored=door.stored,
    )


def widened(found: Shown, columns: Sequence[str] | None) -> tuple[str, ...] | None:
    """The columns to read so that marked rows can be told: those asked for, and the whole key."""
    if columns is None or not found.of(columns):
        return None if columns is None else tuple(columns)
    return (*columns, *(name for name in found.key if name not in columns))


def with_marks(found: Shown, rows: Rows, columns: Sequence[str] | None) -> Rows:
    """Rows that were read with `widened` columns; marked when the release has a mark on what is shown."""
    said = found.of(columns)
    if not said:
        return rows
    return Marked(rows, tuple(rows.types) if columns is None else tuple(columns), found.key, said)


def marked_page(
    found: Shown, page: Page, columns: Sequence[str] | None, form: Literal["json", "arrow"]
) -> Page:
    """A page that was read as Arrow with `widened` columns, as it leaves; `columns` are those asked for."""
    assert page.table is not None  # noqa: S101 - the form asked for
    table = marked_table(found, page.table, columns)
    asked = page.columns if columns is None else tuple(columns)
    if form == "arrow":
        return replace(page, columns=asked, table=table)
    return replace(page, columns=asked, table=None, json=json_objects(table))


def marked_table(found: Shown, table: pa.Table, columns: Sequence[str] | None = None) -> pa.Table:
    rows = with_marks(found, Answer(table), columns)
    return pa.Table.from_batches(list(rows.batches()), schema=rows.schema())


def in_sql(found: Shown, columns: frozenset[str] | None) -> Told | None:
    """What a query engine joins to a table whose `columns` a query names (None: whole rows): nothing
    unless some row is marked, or the query asks for the column of marks.
    """
    said = found.of(None)
    if columns is not None and COLUMN not in columns:
        return None
    return Told(found.key, said) if said or columns is not None else None


def point(reader: Reader, asked: Asked, at: Mapping[str, str], field: str) -> Pointed:
    """The cell that the caller names by the key as he sees it, with evidence of the look.

    Raises what `open_door` raises, QuotaSpent, EvidenceUnavailable, and NotFound for a row or a column
    that is not there or not shown to him: the two look the same. InvalidInput where rows have no key.
    """
    with reading(reader.engine) as session:
        door = open_door(session, reader, asked)
    if not door.key:
        raise InvalidInput(
            f"Skema {asked.dataset} tidak menyebut kunci (x-kunci), jadi barisnya tidak dapat ditunjuk; "
            "sampaikan kepada pengelola datanya.",
            f"The schema of {asked.dataset} names no key (x-kunci), so no row can be pointed at; tell "
            "its steward.",
        )
    found = marking.cell(
        door.table,
        door.manifest,
        door.schema,
        door.policy,
        key=door.key,
        at=at,
        field=field,
        stored=door.stored,
    )
    told = {"field": field, **{f"key.{name}": text for name, text in at.items()}}
    seen = about(door.personal, [field], None)
    rows = int(found is not None)
    prove(reader.evidence, read_facts(door, reader.secret, told, rows=rows, about=seen))
    if found is None:
        raise NotFound(
            f"Tidak ada nilai itu di {asked.dataset}: baris atau kolomnya tidak ada, atau tidak "
            f"terbuka bagi Anda. Tunjuk barisnya dengan seluruh kunci ({', '.join(_named(door))}).",
            f"There is no such value in {asked.dataset}: row or column is not there, or not open "
            f"to you. Name the row by its whole key ({', '.join(_named(door))}).",
        )
    digest = digest_of(reader.secret)(found.text)
    return Pointed(door.dataset, door.release.number, found, field, digest)


def _named(door: Door) -> list[str]:
    """The key's columns, as far as the caller sees them."""
    return [name for name in door.key if name in door.policy.askable(dict.fromkeys(door.key, ""))]
