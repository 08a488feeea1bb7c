"""Asking a query and getting its answer: watched over, proven, written into the history."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from catalog import export
from catalog.errors import (
    CatalogError,
    ExportTooLarge,
    QueryCancelled,
    QueryFailed,
    QueryTooSlow,
)
from catalog.storage.writing import full_disks_told
from hub.access import downloads, query, texts
from hub.access.arriving import Arriving
from hub.access.downloads import Spooled
from hub.access.formats import Format
from hub.access.query import Question, Ready
from hub.access.reader import Reader
from hub.access.workers import Workers
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import EvidenceUnavailable, HubError
from hub.ledger.service import Receipt
from hub.problems import problem_of
from hub.queries import history
from hub.queries.attending import Attendant, Watched
from hub.queries.models import Query, QueryState

TELLING = (QueryFailed, QueryTooSlow, ExportTooLarge)
"""Failures that depend on what is in the rows: whoever provokes them has asked something."""


@dataclass(frozen=True)
class Desk:
    """What answering queries needs of the running hub."""

    reader: Reader
    workers: Workers
    attendant: Attendant


@dataclass(frozen=True)
class Wanted:
    """A question, the form of its answer, and whether a costly one is to be run.

    `most` rows are enough; None is as many as the hub gives at once.
    """

    question: Question
    format: Format
    confirm: bool
    most: int | None = None


@dataclass(frozen=True)
class Answer:
    """An answer that may leave: proven, and on disk; `body` sends it and closes it.

    `cut` is "rows" or "bytes" when there was more; `next` is the cursor for it, and `left` how many
    rows it leads to.
    """

    id: str
    types: dict[str, str]
    count: int
    cut: str | None
    next: str | None
    left: int
    ms: int
    ready: Ready
    receipt: Receipt
    size: int
    body: Iterator[bytes]


def ask(desk: Desk, principal: Principal, wanted: Wanted, query_id: str) -> Answer:
    """Answer one SELECT. Raises what `prepare`, `submit`, `arriving` and `proven` of
    `hub.access.query` raise, ExportTooLarge, QueryCancelled when it was stopped, and EvidenceUnavailable in place of a
    failure that could not be recorded.
    """
    reader, now = desk.reader, real_now()
    ready = query.prepare(reader, principal, wanted.question)
    entry = Query(
        id=query_id,
        asked_by=principal.id,
        sealed=history.sealed(reader.secret, query_id, wanted.question.sql),
        format=wanted.format.value,
        state=QueryState.RUNNING,
        begun_at=now,
        seen_at=now,
        tables=ready.datasets,
    )
    with desk.attendant.watch(entry) as watched:
        try:
            return _answered(desk, ready, wanted, watched)
        except (CatalogError, HubError) as error:
            _ended(desk, ready, watched, error)
            raise


def _answered(desk: Desk, ready: Ready, wanted: Wanted, watched: Watched) -> Answer:
    reader, entry = desk.reader, watched.query
    rows = _rows(desk, ready, wanted, watched)
    spooled = downloads.spool(reader, lambda path: _write(rows, wanted.format, path))

    def finish() -> Answer:
        following = query.following(reader, ready, rows)
        if watched.stopped:
            raise QueryCancelled
        done = _as_ended(watched, QueryState.DONE, rows=rows.count, capped=rows.cut)
        which = "response" if wanted.format is Format.JSON else "file"
        answered = query.proven(
            reader,
            ready,
            entry.id,
            {which: spooled.sha256},
            rows,
            also=[history.noted(done)],
        )

        def stopped() -> None:
            aborted = done.model_copy(update={"state": QueryState.ABORTED})
            reader.evidence.write(history.noted(aborted))

        body = query.guarded(reader, ready, answered, spooled, stopped)
        cursor, left = (following.cursor, following.rows) if following else (None, 0)
        told = (rows.types, rows.count, rows.cut, cursor, left, done.ms or 0)
        return Answer(entry.id, *told, ready, answered.receipt, spooled.size, body)

    return _or_closed(spooled, finish)


def _rows(desk: Desk, ready: Ready, wanted: Wanted, watched: Watched) -> Arriving:
    limit = desk.reader.settings.query_rows
    most = limit if wanted.most is None else min(limit, wanted.most)
    if ready.rest is not None:
        return query.resumed(desk.reader, ready, ready.rest, most)
    engine_id = query.submit(desk.reader, desk.workers, ready, confirm=wanted.confirm)
    desk.attendant.given(watched, engine_id)
    return query.arriving(desk.workers, ready, engine_id, most)


def _write(rows: Arriving, format: Format, path: Path) -> None:
    if format.value != "json":
        export.to_file(rows, format.value, path)
        return
    with full_disks_told(), path.open("wb") as file:
        for piece in texts.json_arrays(rows):
            file.write(piece)


def _or_closed(spooled: Spooled, finish: Callable[[], Answer]) -> Answer:
    """The answer; when there is none its file goes away with the error."""
    try:
        return finish()
    except (CatalogError, HubError):
        spooled.file.close()
        raise


def _ended(desk: Desk, ready: Ready, watched: Watched, error: CatalogError | HubError) -> None:
    """Into the history; a failure that tells of the rows goes into the ledger first, or is not told."""
    if isinstance(error, QueryCancelled):
        ended = _as_ended(watched, QueryState.CANCELLED)
    else:
        ended = _as_ended(watched, QueryState.FAILED, problem=problem_of(error).slug)
    if isinstance(error, TELLING):
        query.proven_failed(desk.reader, ready, watched.query.id, also=[history.noted(ended)])
        return
    # Whoever asked is to learn why there is no answer, also when that cannot be written down.
    with suppress(EvidenceUnavailable):
        desk.reader.evidence.write(history.noted(ended))


def _as_ended(watched: Watched, state: QueryState, **facts: object) -> Query:
    told = {"state": state, "ms": watched.ms, "seen_at": real_now(), **facts}
    return watched.query.model_copy(update=told)
