"""Evidence of reads and calls: many callers, one writer, one commit for all who wait.

A read has no transaction of its own to write its entry in, and a commit each would cost a sync of
the disk each. So callers queue, one thread takes all that has queued and commits it at once, and
only then does anything leave. What cannot be written is refused: no evidence, no exchange.
"""

import asyncio
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Unpack

import structlog
from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from hub.ledger.entry import Facts
from hub.ledger.service import TABLE, Ledger, Receipt, Sealed, unavailable

MOST_AT_ONCE = 256
ROOM = 4096
PATIENCE = 20.0
"""Seconds a caller waits; longer than SQLite's busy timeout, so that the database answers first."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One sealed entry and the promise to its caller that it will be on disk."""

    sealed: Sealed
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
        """Return once the entry is on disk; EvidenceUnavailable when it is not, and may not be."""
        waiting = self._submit(facts)
        try:
            waiting.written.result(self._patience)
        except TooSlow:
            waiting.written.cancel()
            raise unavailable() from None
        return waiting.sealed.receipt

    async def arecord(self, **facts: Unpack[Facts]) -> Receipt:
        """The same for coroutines: the event loop goes on while the disk works."""
        waiting = self._submit(facts)
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.wrap_future(waiting.written)
        except TimeoutError:
            raise unavailable() from None
        return waiting.sealed.receipt

    def close(self) -> None:
        """Write what has queued, then refuse everything that follows."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()
        self._engine.dispose()

    def _submit(self, facts: Facts) -> Waiting:
        waiting = Waiting(self._ledger.seal(facts))
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
        stored = False
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(TABLE), [waiting.sealed.row for waiting in batch])
            stored = True
        except SQLAlchemyError as broken:
            # No traceback: while the database is down this is said for every group of callers.
            log.error("evidence_not_written", entries=len(batch), reason=str(broken.__cause__))
        finally:  # whatever happened, nobody is left waiting
            for waiting in batch:
                if stored:
                    waiting.written.set_result(None)
                else:
                    waiting.written.set_exception(unavailable())
