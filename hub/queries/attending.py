"""Watching over the queries of one web process: they can be stopped from anywhere, and are not lost.

One thread looks at the database while something runs, and rests while nothing does.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from catalog.errors import QueryCancelled
from hub.access.workers import Workers
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.queries import history
from hub.queries.models import Query

LOOK_EVERY = 0.25
LONG = 0.5
"""Seconds after which a query is written down while it still runs."""
TELL_EVERY = 5.0
"""Seconds between two signs of life."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Watched:
    """A query that runs in this process. `engine_id` is there while a worker has it."""

    query: Query
    begun: float = field(default_factory=time.monotonic)
    engine_id: str | None = None
    stopped: bool = False
    written: bool = False
    told: float = 0.0

    @property
    def ms(self) -> int:
        return round((time.monotonic() - self.begun) * 1000)


class Attendant:
    """Of one web process; its thread begins with the first query. Safe from any thread."""

    def __init__(self, engine: Engine, workers: Workers) -> None:
        self._engine, self._workers = engine, workers
        self._lock = threading.Lock()
        self._running: dict[str, Watched] = {}
        self._something = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, query: Query) -> Iterator[Watched]:
        """Watch over a query as long as the context is open; raises Conflict when its id is taken."""
        watched = Watched(query)
        with self._lock:
            if query.id in self._running:
                raise history.taken(query.id)
            self._running[query.id] = watched
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._attend, name="query-attendant", daemon=True
                )
                self._thread.start()
        self._something.set()
        try:
            yield watched
        finally:
            with self._lock:
                self._running.pop(query.id, None)

    def given(self, watched: Watched, engine_id: str) -> None:
        """Note that a worker has the query; raises QueryCancelled when it was stopped before."""
        watched.engine_id = engine_id
        if watched.stopped:
            self._workers.cancel(engine_id)
            raise QueryCancelled

    def stop(self, query: str) -> None:
        """Stop a query of this process; a no-op for any other."""
        with self._lock:
            watched = self._running.get(query)
        if watched is not None:
            watched.stopped = True
            if watched.engine_id is not None:
                self._workers.cancel(watched.engine_id)

    def close(self) -> None:
        """Stop every query and the thread."""
        with self._lock:
            self._closed = True
            running, thread = list(self._running), self._thread
        for query in running:
            self.stop(query)
        self._something.set()
        if thread is not None:
            thread.join()

    def _attend(self) -> None:
        while True:
            self._something.wait()
            time.sleep(LOOK_EVERY)
            with self._lock:
                if self._closed:
                    return
                running = list(self._running.values())
                if not running:
                    self._something.clear()
            self._look(running)

    def _look(self, running: list[Watched]) -> None:
        now = time.monotonic()
        long = [watched for watched in running if now - watched.begun >= LONG]
        if not long:
            return
        try:
            self._tell([watched for watched in long if now - watched.told >= TELL_EVERY])
            for query in history.to_stop(self._engine, [watched.query.id for watched in long]):
                self.stop(query)
        except SQLAlchemyError as broken:
            # The queries go on; their evidence will meet the same database.
            log.warning("queries_not_attended", reason=str(broken.__cause__))

    def _tell(self, silent: list[Watched]) -> None:
        if not silent:
            return
        with unit_of_work(self._engine) as session:
            for watched in silent:
                if not watched.written:
                    watched.query.seen_at = real_now()
                    also = history.noted(watched.query)
                    session.connection().execute(
                        also.statement.on(session.connection()), also.values
                    )
        old = [watched.query.id for watched in silent if watched.written]
        if old:
            history.still_running(self._engine, old, now=real_now())
        for watched in silent:
            watched.written, watched.told = True, time.monotonic()
