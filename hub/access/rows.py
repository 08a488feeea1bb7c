"""Rows of a release through a decision: pages, samples, profiles, changes between releases."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pyarrow as pa

from catalog import changes, reading
from catalog.cursors import seal, unseal
from catalog.errors import ReleaseNotFound
from catalog.slices import Slices
from catalog.storage import from_json
from hub.access import marking
from hub.access.door import Asked, Door, open_door
from hub.access.reader import Reader
from hub.access.subjects import About, about
from hub.access.texts import json_objects
from hub.access.witness import prove, read_facts
from hub.db import reading as reading_session
from hub.ledger.service import Receipt

PAGE_ROWS = 100


@dataclass(frozen=True)
class Wish:
    """What is wanted of the permitted rows; `filter` is a JSON tree or a readable line."""

    columns: Sequence[str] | None = None
    filter: str | None = None
    sort: str | None = None
    limit: int | None = None
    cursor: str | None = None

    def told(self, **more: Any) -> dict[str, Any]:
        """The question as evidence keeps a digest of it."""
        columns = ",".join(self.columns) if self.columns is not None else None
        return {**asdict(self), "columns": columns, **more}


@dataclass(frozen=True)
class Answer:
    """One answer with its receipt; `items` is the text of a JSON array.

    `marked` rows of the release, as far as they are shown, are said to be wrong.
    """

    door: Door
    items: str
    next: str | None
    receipt: Receipt
    marked: int = 0


@dataclass(frozen=True)
class TableAnswer:
    """The same as an Arrow table, for every format that is not JSON."""

    door: Door
    table: pa.Table
    next: str | None
    receipt: Receipt
    marked: int = 0


def page(reader: Reader, asked: Asked, wish: Wish) -> Answer:
    """One page of rows. Raises what `open_door` raises, ColumnNotReadable, FilterInvalid,
    CursorInvalid, EvidenceUnavailable.
    """
    door = _open(reader, asked)
    found = _read(reader, door, wish, "json")
    seen = about(door.personal, found.columns, found.beside)
    receipt = _proven(reader, door, wish.told(format="json"), rows=found.count, seen=seen)
    return Answer(door, found.json, found.next, receipt, _marked(reader, door))


def table_page(reader: Reader, asked: Asked, wish: Wish) -> TableAnswer:
    """One page of rows as an Arrow table; raises what `page` raises."""
    door = _open(reader, asked)
    found = _read(reader, door, wish, "arrow")
    seen = about(door.personal, found.columns, found.beside)
    receipt = _proven(reader, door, wish.told(format="arrow"), rows=found.count, seen=seen)
    assert found.table is not None  # noqa: S101 - the form asked for
    return TableAnswer(door, found.table, found.next, receipt, _marked(reader, door))


def _read(reader: Reader, door: Door, wish: Wish, form: Literal["json", "arrow"]) -> reading.Page:
    asked = {"filter": wish.filter, "sort": wish.sort, "cursor": wish.cursor}
    limit = PAGE_ROWS if wish.limit is None else wish.limit
    return _page(reader, door, wish.columns, form, limit=limit, **asked)


def _page(
    reader: Reader,
    door: Door,
    columns: Sequence[str] | None,
    form: Literal["json", "arrow"],
    **asked: Any,
) -> reading.Page:
    """A page with its marks, which are looked up for every answer."""
    marks = marking.shown(reader, door)
    asked |= {**through(reader, door), "secret": reader.secret, "beside": beside(door)}
    if not marks.of(columns):
        return reading.rows(**asked, columns=columns, form=form)
    wide = reading.rows(**asked, columns=marking.widened(marks, columns), form="arrow")
    return marking.marked_page(marks, wide, columns, form)


def _marked(reader: Reader, door: Door) -> int:
    return marking.shown(reader, door).count


def beside(door: Door) -> str | None:
    """The column by which the persons behind the rows are recorded, when something personal leaves."""
    return None if door.personal is None else door.personal.subject


def through(reader: Reader, door: Door) -> dict[str, Any]:
    """The release behind a door, as every reading of the catalog takes it."""
    settings = reader.settings
    return {
        "table": door.table,
        "manifest": door.manifest,
        "schema": door.schema,
        "policy": door.policy,
        "key": door.key,
        "stored": door.stored,
        "slices": Slices(
            settings.home.absolute() / "slices",
            f"{door.dataset.id}/{door.release.number}",
            settings.slice_cache_bytes,
        ),
    }


def sample(reader: Reader, asked: Asked, *, size: int) -> Answer:
    """The first permitted rows, for a look at the form of the data."""
    door = _open(reader, asked)
    found = _page(reader, door, None, "json", limit=size)
    seen = about(door.personal, found.columns, found.beside)
    receipt = _proven(reader, door, {"size": size}, rows=found.count, seen=seen)
    return Answer(door, found.json, None, receipt, _marked(reader, door))


@dataclass(frozen=True)
class Profile:
    """How many rows may be seen and what their columns hold, with the receipt."""

    door: Door
    rows: int
    columns: list[reading.ColumnProfile]
    receipt: Receipt


def profile(reader: Reader, asked: Asked) -> Profile:
    """Counts, extremes and gaps of every visible column over the permitted rows."""
    door = _open(reader, asked)
    rows = reading.count(**through(reader, door))
    columns = reading.profile(**through(reader, door))
    # Extremes are values of somebody, of whom is not known.
    seen = about(door.personal, None, None)
    receipt = _proven(reader, door, {}, rows=rows, seen=seen)
    return Profile(door, rows, columns, receipt)


@dataclass(frozen=True)
class Changes:
    """What appeared, changed and went from release `since` to the one that `door` opens."""

    door: Door
    since: int
    tally: changes.Tally
    items: str
    next: str | None
    receipt: Receipt
    marked: int = 0


def changes_since(
    reader: Reader, asked: Asked, since: int | None, *, limit: int, cursor: str | None
) -> Changes:
    """Raises ReleaseNotFound when `since` is not an earlier release; 0 stands for nothing."""
    assert asked.release is not None  # noqa: S101 - the path names a release
    before = asked.release - 1 if since is None else since
    if not 0 <= before < asked.release:
        raise ReleaseNotFound(asked.dataset, before)
    door, old = _open_pair(reader, asked, before)
    binding = f"changes {door.dataset.id} {asked.release} {before} {door.decision.policy_digest}"
    offset = int(unseal(cursor, binding, reader.secret)) if cursor else 0
    told = {"schema": door.schema, "policy": door.policy}
    tally = changes.tally(door.table, old, door.manifest, door.key, **told)
    found = changes.diff(
        door.table, old, door.manifest, door.key, **told, limit=limit + 1, offset=offset
    )
    more = found.num_rows > limit
    shown = found.slice(0, limit)
    following = seal(offset + limit, binding, reader.secret) if more else None
    seen = about(door.personal, shown.column_names, _people(door, shown))
    told = {"since": before, "offset": offset}
    receipt = _proven(reader, door, told, rows=shown.num_rows, seen=seen)
    marks = marking.shown(reader, door)
    items = json_objects(marking.marked_table(marks, shown))
    return Changes(door, before, tally, items, following, receipt, marks.count)


def _open(reader: Reader, asked: Asked) -> Door:
    with reading_session(reader.engine) as session:
        return open_door(session, reader, asked)


def _open_pair(reader: Reader, asked: Asked, before: int) -> tuple[Door, Any]:
    """The door, and the files of the older release (none for release 0)."""
    with reading_session(reader.engine) as session:
        if before == 0:
            return open_door(session, reader, asked), None
        door = open_door(session, reader, asked, before)
        return door, from_json(door.beside[0].files)


def _people(door: Door, shown: pa.Table) -> list[Any] | None:
    """Whom changed rows are about, where the answer itself says it."""
    column = beside(door)
    if column is None or column not in shown.column_names or door.policy.is_masked(column):
        return None
    told: list[Any] = shown[column].to_pylist()
    return told


def _proven(
    reader: Reader, door: Door, told: dict[str, Any], *, rows: int, seen: About | None
) -> Receipt:
    return prove(reader.evidence, read_facts(door, reader.secret, told, rows=rows, about=seen))
