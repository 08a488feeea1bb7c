"""Evidence of reads and calls: many callers, one writer, one commit for all who wait.

A read has no transaction of its own to write its entry in, and a commit each would cost a sync of
the disk each. So callers queue, one thread takes all that has queued and commits it at once, and
only then does anything leave. What cannot be written is refused: no evidence, no exchange. Rows that
must stand or fall with an entry (`also`) go into the same commit.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Unpack

import structlog
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from hub.errors import HubError, InvalidInput
from hub.ledger import also as alongside
from hub.ledger.also import Also
from hub.ledger.entry import Facts
from hub.ledger.service import TABLE, Ledger, Receipt, Sealed, unavailable

MOST_AT_ONCE = 256
ROOM = 4096
PATIENCE = 20.0
"""Seconds a caller waits; longer than SQLite's busy timeout, so that the database answers first."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The sealed entries of one caller, and the promise that they will be on disk together."""

    sealed: tuple[Sealed, ...]
    also: tuple[Also, ...]
    written: Future[None] = field(default_factory=Future)


class Evidence:
    """The group-commit writer of one web process; its thread begins with the first entry.

    It owns `engine`: were it the application's, readers who hold every connection of the pool
    while they wait for their evidence would wait for ever. A caller may hold a reading session,
    but no unit of work: on SQLite it would hold the very lock that the writer needs.
    """

    def __init__(
        self, engine: Engine, ledger: Ledger, *, room: int = ROOM, patience: float = PATIENCE
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._room = room
        self._patience = patience
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def record(self, **facts: Unpack[Facts]) -> Receipt:
        """Return once the entry is on disk; EvidenceUnavailable when it is not, and may not be.

        Raises also what a condition in `also` refuses with; then nothing was written.
        """
        return self.record_together(facts)[0]

    def record_together(self, *entries: Facts) -> list[Receipt]:
        """The same for several entries that are all on disk, or none."""
        waiting = self._submit(entries)
        self._wait(waiting)
        return [sealed.receipt for sealed in waiting.sealed]

    def write(self, *also: Also) -> None:
        """Rows without an entry, in the commit of whatever else waits; raises what `record` does."""
        self._wait(self._submit((), also))

    async def arecord(self, **facts: Unpack[Facts]) -> Receipt:
        """The same for coroutines: the event loop goes on while the disk works."""
        waiting = self._submit((facts,))
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.wrap_future(waiting.written)
        except TimeoutError:
            raise unavailable() from None
        return waiting.sealed[0].receipt

    def close(self) -> None:
        """Write what has queued, then refuse everything that follows."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()
        self._engine.dispose()

    def _wait(self, waiting: Waiting) -> None:
        try:
            waiting.written.result(self._patience)
        except TooSlow:
            waiting.written.cancel()
            raise unavailable() from None

    def _submit(self, entries: Sequence[Facts], also: Sequence[Also] = ()) -> Waiting:
        sealed = tuple(self._ledger.seal(facts) for facts in entries)
        more = (
            one.beside(sealed_one.receipt.entry_id)
            for facts, sealed_one in zip(entries, sealed, strict=True)
            for one in facts.get("also", ())
        )
        waiting = Waiting(sealed, (*also, *more))
        with self._lock:
            if self._closed or self._queue.qsize() >= self._room:
                raise unavailable()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="simpul-evidence", daemon=True
                )
                self._thread.start()
            self._queue.put(waiting)
        return waiting

    def _work(self) -> None:
        open_still = True
        while open_still:
            batch, open_still = self._next_batch()
            live = [w for w in batch if w.written.set_running_or_notify_cancel()]
            if live:
                self._store(live)

    def _next_batch(self) -> tuple[list[Waiting], bool]:
        """All that has queued, at least one; False once the queue was closed behind it."""
        batch: list[Waiting] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == MOST_AT_ONCE:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _store(self, batch: list[Waiting]) -> None:
        """Commit all of them; one who is refused is told so, and the rest goes on without him."""
        try:
            while batch and (refused := self._commit(batch)):
                for waiting, why in refused:
                    waiting.written.set_exception(why)
                batch = [waiting for waiting in batch if not waiting.written.done()]
            for waiting in batch:
                waiting.written.set_result(None)
        except (IntegrityError, InvalidInput) as broken:
            # Something in one of them cannot be stored: it is found by trying each alone.
            if len(batch) == 1:
                log.error("evidence_not_written", entries=1, reason=str(broken))
            else:
                for waiting in batch:
                    self._store([waiting])
        except SQLAlchemyError as broken:
            # No traceback: while the database is down this is said for every group of callers.
            log.error("evidence_not_written", entries=len(batch), reason=str(broken.__cause__))
        finally:  # whatever happened, nobody is left waiting
            for waiting in batch:
                if not waiting.written.done():
                    waiting.written.set_exception(unavailable())

    def _commit(self, batch: list[Waiting]) -> list[tuple[Waiting, HubError]]:
        """Write all in one transaction; when somebody is refused, nothing of anybody's yet."""
        entries = [sealed.row for waiting in batch for sealed in waiting.sealed]
        with self._engine.connect() as connection, connection.begin() as transaction:
            refused = _refused(connection, batch)
            if refused:
                transaction.rollback()
                return refused
            if entries:
                connection.execute(insert(TABLE), entries)
            alongside.write(connection, (one for waiting in batch for one in waiting.also))
        return []


def _refused(connection: Connection, batch: list[Waiting]) -> list[tuple[Waiting, HubError]]:
    """Those whose conditions do not hold, by the first of each that does not."""
    asked = [(one, waiting) for waiting in batch for one in alongside.conditions(waiting.also)]
    found: dict[int, tuple[Waiting, HubError]] = {}
    for one, waiting in sorted(asked, key=lambda pair: pair[0].key):
        if one.refusal is None or id(waiting) in found:
            continue
        if not one.holds(connection):
            found[id(waiting)] = (waiting, one.refusal(connection))
    return list(found.values())
