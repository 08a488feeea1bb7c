"""Analyst SQL: one decision per table, the gate, slices, a worker that can be killed, evidence."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from catalog import sqlgate
from catalog.cursors import seal, unseal
from catalog.engine import Limits, Told
from catalog.errors import CursorInvalid, DatasetNotFound, QueryFailed, QueryTooSlow
from catalog.marking import Shown
from catalog.sizes import Size, size_of
from catalog.slices import slice_files
from catalog.sqlgate import Checked, dataset_of
from hub.access import kept, marking
from hub.access.arriving import Arriving
from hub.access.door import Asked, Door, open_door, still_open
from hub.access.downloads import CHECK_EVERY, Spooled
from hub.access.errors import NoGrant
from hub.access.judging import Action
from hub.access.kept import Kept
from hub.access.reader import Reader
from hub.access.subjects import About, Watch, about
from hub.access.witness import actor_of, keyed_digest, of_same_read, prove, read_facts
from hub.access.workers import Workers
from hub.agencies.principal import Principal
from hub.db import reading
from hub.errors import EvidenceUnavailable
from hub.ledger.also import Also
from hub.ledger.entry import Facts, Target
from hub.ledger.service import Receipt
from hub.settings import Settings

KEPT = "kept"
"""Folder, in that of the hub's work, of what is left of answers."""
LARGE = 2**62
"""No limit of rows: an answer is cut by the hub, and what follows is kept."""


@dataclass(frozen=True)
class Question:
    """One SELECT. `forms` are versions of the schemas in whose form tables are read, by their name in
    SQL; "*" is for all others. `cursor` asks for what follows an earlier answer.
    """

    sql: str
    forms: Mapping[str, str]
    cursor: str | None = None


@dataclass(frozen=True)
class Ready:
    """A question with its open doors, by name in SQL; `looked` is when they opened (monotonic).

    `marks` are the rows that each table shows as reported wrong.
    """

    principal: Principal
    question: Question
    checked: Checked
    doors: Mapping[str, Door]
    looked: float
    marks: Mapping[str, Shown]
    rest: "Rest | None" = None

    @property
    def datasets(self) -> list[str]:
        return [door.dataset.id for door in self.doors.values()]


@dataclass(frozen=True)
class Rest:
    """What is kept of an answer, from the row `at` on."""

    kept: Kept
    at: int


@dataclass(frozen=True)
class Following:
    """What is kept of an answer: the cursor for it, and how many rows it holds."""

    cursor: str
    rows: int


@dataclass(frozen=True)
class Answered:
    """How an answer left the hub; `facts` are those of the query as a whole."""

    receipt: Receipt
    facts: Facts


def prepare(reader: Reader, principal: Principal, question: Question) -> Ready:
    """Let the question through the gate and open its tables.

    Raises QueryRefused (also for tables that may not be read, in the words for those that do not
    exist), ReleaseNotFound, UnknownSchema, IncompatibleSchema; CursorInvalid when an earlier answer
    cannot go on, since it is gone or a door of it would open otherwise now.
    """
    principal.must("data:read")
    said = _unsealed(reader, principal, question) if question.cursor else {"tables": {}}
    looked = time.monotonic()
    with reading(reader.engine) as session:
        checked, doors = _doors(session, reader, principal, question, said["tables"])
    rest = None
    if question.cursor:
        if _mark(doors) != said["mark"]:
            raise CursorInvalid
        rest = Rest(kept.from_list(said["kept"]), said["at"])
    marks = {name: marking.shown(reader, door) for name, door in doors.items()}
    return Ready(principal, question, checked, doors, looked, marks, rest)


def submit(reader: Reader, workers: Workers, ready: Ready, *, confirm: bool) -> str:
    """Give the query to a worker and return the engine's id of it; raises EngineBusy, StorageFull."""
    settings = reader.settings
    limits = Limits(
        seconds=settings.query_seconds,
        rows=LARGE,
        bytes=settings.query_kept_bytes,
        work=None if confirm else settings.query_confirm_rows,
    )
    files = {name: _slices(reader, door) for name, door in ready.doors.items()}
    return workers.submit(workers.open(files, _told(ready)), ready.question.sql, limits)


def _told(ready: Ready) -> dict[str, Told]:
    """The marks that tables carry in this query, by name."""
    told = {
        name: marking.in_sql(marks, ready.checked.columns) for name, marks in ready.marks.items()
    }
    return {name: one for name, one in told.items() if one is not None}


def arriving(workers: Workers, ready: Ready, query: str, most: int) -> Arriving:
    """The answer as it comes, cut at so many rows.

    Raises QueryFailed, QueryCostly, QueryTooSlow, QueryCancelled.
    """
    return Arriving(workers.batches(query), most, watch=_watch(ready))


def resumed(reader: Reader, ready: Ready, rest: Rest, most: int) -> Arriving:
    """An earlier answer as it goes on; raises CursorInvalid when it is gone."""
    batches = kept.batches(_kept_folder(reader), rest.kept, rest.at)
    return Arriving(batches, most, watch=_watch(ready))


def following(reader: Reader, ready: Ready, rows: Arriving) -> Following | None:
    """What comes after `rows`, which have been read; None when nothing does.

    What could not be computed in time does not follow. Raises QueryCancelled, StorageFull.
    """
    if rows.cut != "rows":
        return None
    if ready.rest is not None:
        rest = Rest(ready.rest.kept, ready.rest.at + rows.count)
    else:
        try:
            left = kept.keep(_kept_folder(reader), ready.principal.id, rows.left())
        except (QueryTooSlow, QueryFailed):
            return None
        rest = Rest(left, 0)
    releases = {name: door.release.number for name, door in ready.doors.items()}
    told = {
        "kept": rest.kept.as_list(),
        "at": rest.at,
        "tables": releases,
        "mark": _mark(ready.doors),
    }
    cursor = seal(told, _binding(reader, ready.principal, ready.question), reader.secret)
    return Following(cursor, rest.kept.rows - rest.at)


def proven(
    reader: Reader,
    ready: Ready,
    query: str,
    digests: Mapping[str, str],
    rows: Arriving,
    also: Sequence[Also] = (),
) -> Answered:
    """Evidence for every dataset that was read and for the query as a whole, in one commit.

    `digests` are those of what is handed over. Raises NoGrant when a leave ended meanwhile,
    QuotaSpent, EvidenceUnavailable; then nothing may leave.
    """
    if time.monotonic() - ready.looked >= CHECK_EVERY:
        for door in ready.doors.values():
            if not still_open(reader.engine, door):
                raise NoGrant(door.dataset.id)
    return _recorded(reader, ready, query, digests, rows, also)


def proven_failed(reader: Reader, ready: Ready, query: str, also: Sequence[Also] = ()) -> None:
    """Evidence that a query was run and failed: whether it fails may be a question to the rows.

    No row leaves, so it takes nothing of a quota. Raises EvidenceUnavailable; then not even the
    failure may be told.
    """
    _recorded(reader, ready, query, {}, None, also)


def _recorded(
    reader: Reader,
    ready: Ready,
    query: str,
    digests: Mapping[str, str],
    answer: Arriving | None,
    also: Sequence[Also],
) -> Answered:
    """Entries for the tables and the whole; without an answer it failed."""
    rows, outcome = (0, "failed") if answer is None else (answer.count, "ok")
    told = {"sql": ready.question.sql}
    file = digests.get("file")
    parts = [
        Facts(
            **read_facts(
                door, reader.secret, told, rows=rows, file=file, about=_about(door, ready, answer)
            )
            | {"trace_id": query, "outcome": outcome}
        )
        for door in ready.doors.values()
    ]
    whole = Facts(
        kind="query.answered",
        actor=actor_of(ready.principal),
        target=Target("query", query),
        outcome=outcome,
        digests={"request": keyed_digest(reader.secret, told), **digests},
        counts={"rows": rows, "datasets": len(ready.doors)},
        trace_id=query,
        also=also,
    )
    return Answered(reader.evidence.record_together(*parts, whole)[-1], whole)


def _personal_columns(door: Door, ready: Ready) -> list[str]:
    """The personal columns of a table that a query may read."""
    if door.personal is None:
        return []
    named = ready.checked.columns
    return [one for one in door.personal.columns if named is None or one.lower() in named]


def _watch(ready: Ready) -> Watch | None:
    """Who looks for persons in the answer, when a table behind it shows some."""
    for door in ready.doors.values():
        if door.personal is not None and door.personal.subject and _personal_columns(door, ready):
            return Watch(door.personal.kind, door.personal.most)
    return None


def _about(door: Door, ready: Ready, answer: Arriving | None) -> About | None:
    if answer is None:
        return None
    found = None if answer.watch is None else answer.watch.values
    return about(door.personal, _personal_columns(door, ready), found)


def guarded(
    reader: Reader,
    ready: Ready,
    answered: Answered,
    spooled: Spooled,
    stopped: Callable[[], None],
) -> Iterator[bytes]:
    """The answer, as long as each of its doors would still open; else the connection is cut."""
    looked, sent = time.monotonic(), 0
    for piece in spooled.pieces():
        if time.monotonic() - looked >= CHECK_EVERY:
            if not all(still_open(reader.engine, door) for door in ready.doors.values()):
                cut = of_same_read(answered.facts, outcome="aborted", counts={"bytes": sent})
                with suppress(EvidenceUnavailable):
                    prove(reader.evidence, cut)
                stopped()
                return
            looked = time.monotonic()
        yield piece
        sent += len(piece)


def tables(ready: Ready) -> list[dict[str, str | int | None]]:
    """What was read, through what: dataset, release and grant (none for own and open data).

    `under_research` counts the rows that are reported wrong, where there are any.
    """
    return [
        {
            "name": name,
            "dataset": door.dataset.id,
            "release": door.release.number,
            "grant": door.decision.grant_id,
            **({"under_research": marked} if (marked := ready.marks[name].count) else {}),
        }
        for name, door in ready.doors.items()
    ]


@dataclass(frozen=True)
class Cost:
    """What a query scans, by table, and the rows that the largest step of its plan handles."""

    work: int
    sizes: Mapping[str, Size]


def cost(reader: Reader, workers: Workers, ready: Ready) -> Cost:
    """Estimated over the slices alone, so that it tells nothing of rows that may not be read.

    Raises QueryFailed, QueryTooSlow, EngineBusy, StorageFull.
    """
    files = {name: _slices(reader, door) for name, door in ready.doors.items()}
    limits = Limits(seconds=reader.settings.query_seconds)
    work = workers.estimate(workers.open(files, _told(ready)), ready.question.sql, limits)
    columns = ready.checked.columns
    return Cost(work, {name: size_of(paths, columns) for name, paths in files.items()})


def forget_kept(settings: Settings) -> None:
    """Remove what was kept of answers for longer than the settings say."""
    kept.sweep(settings.work / KEPT, seconds=settings.query_kept_minutes * 60.0)


def _doors(
    session: Session,
    reader: Reader,
    principal: Principal,
    question: Question,
    releases: Mapping[str, int],
) -> tuple[Checked, dict[str, Door]]:
    """The tables of a query, each opened by a decision of its own, at its latest or given release."""
    checked = sqlgate.check(question.sql, None)
    doors, closed = {}, set()
    for name in sorted(checked.tables):
        form = question.forms.get(name, question.forms.get("*"))
        dataset, release = dataset_of(name), releases.get(name)
        asked = Asked(principal, Action.QUERY, dataset, release, as_=form)
        try:
            doors[name] = open_door(session, reader, asked)
        except (NoGrant, DatasetNotFound):
            closed.add(name)
    if closed:
        # Refused by the gate, so that the words are those for a table that does not exist.
        sqlgate.check(question.sql, checked.tables - closed)
    return checked, doors


def _mark(doors: Mapping[str, Door]) -> str:
    """All by which the rows of the tables could differ: release, policy, form and marks."""
    told = [
        [
            name,
            door.release.number,
            door.policy.digest(),
            door.document.version,
            door.marks and door.marks.stamp,
        ]
        for name, door in sorted(doors.items())
    ]
    return sha256(json.dumps(told).encode()).hexdigest()


def _unsealed(reader: Reader, principal: Principal, question: Question) -> dict[str, Any]:
    binding = _binding(reader, principal, question)
    told: dict[str, Any] = unseal(question.cursor or "", binding, reader.secret)
    return told


def _binding(reader: Reader, principal: Principal, question: Question) -> str:
    asked = {"sql": question.sql, **{f"as {name}": v for name, v in question.forms.items()}}
    return f"query {principal.id} {keyed_digest(reader.secret, asked)}"


def _kept_folder(reader: Reader) -> Path:
    return reader.settings.work / KEPT


def _slices(reader: Reader, door: Door) -> list[Path]:
    settings = reader.settings
    return slice_files(
        settings.home.absolute() / "slices",
        door.table,
        door.manifest,
        door.policy,
        f"{door.dataset.id}/{door.release.number}",
        schema=door.schema,
        key=door.key,
        cap_bytes=settings.slice_cache_bytes,
        stored=door.stored,
    )
