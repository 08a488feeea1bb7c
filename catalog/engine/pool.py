"""A pool of warm DuckDB workers, one query each, replaced ahead of need."""

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from catalog.engine import frames
from catalog.engine.contract import CAPPED, Capabilities, Limits, Opened, Tables, Told
from catalog.engine.forking import START_SECONDS, Nursery, Worker
from catalog.errors import EngineBusy, QueryCancelled, QueryCostly, QueryFailed, QueryTooSlow

PAUSE = 0.03
"""Seconds between the end of a query and the making of the next worker: the answer is on its way."""
PATIENCE = 0.5
"""Seconds for which running queries come first; under constant load workers are made all the same."""


@dataclass(eq=False)
class _Query:
    worker: Worker
    limits: Limits
    deadline: float
    cancelled: bool = False
    late: bool = False


class DuckDBWorkers:
    """The embedded engine. `start` early, so that no caller waits for a cold worker.

    At most `concurrent` queries run at once; `spare` workers wait warm. Safe from any thread.
    """

    def __init__(
        self,
        *,
        concurrent: int = 2,
        spare: int = 4,
        threads: int | None = None,
        memory: int = 2 * 1024**3,
    ) -> None:
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._nursery = Nursery(memory, self._threads)
        self._concurrent, self._spare = concurrent, spare
        self._slots = threading.Semaphore(concurrent)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._queries: dict[str, _Query] = {}
        self._wake = threading.Event()
        self._closed = False
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Begin to keep spare workers warm; returns at once."""
        with self._lock:
            if self._keeper is None and not self._closed:
                self._keeper = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
                self._keeper.start()
        self._wake.set()

    def capabilities(self) -> Capabilities:
        return Capabilities("duckdb", duckdb.__version__, self._concurrent)

    def open(self, tables: Tables, marked: Mapping[str, Told] | None = None) -> Opened:
        return Opened({name: tuple(files) for name, files in tables.items()}, marked or {})

    def submit(self, opened: Opened, sql: str, limits: Limits) -> str:
        self.start()
        if not self._slots.acquire(timeout=limits.wait_seconds):
            raise EngineBusy(limits.wait_seconds)
        query = uuid.uuid4().hex
        try:
            running = _Query(self._take(), limits, time.monotonic() + limits.seconds)
            self._ask(running, opened, sql)
        except BaseException:
            self._slots.release()
            raise
        with self._lock:
            self._queries[query] = running
        return query

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        with self._lock:
            running = self._queries.get(query)
        if running is None:
            raise QueryCancelled
        try:
            yield from self._receive(running)
        except TimeoutError:
            raise QueryTooSlow(running.limits.seconds) from None
        except (EOFError, OSError):
            if running.cancelled:
                raise QueryCancelled from None
            if running.late or time.monotonic() >= running.deadline:
                raise QueryTooSlow(running.limits.seconds) from None
            raise QueryFailed(
                "The query used more memory or processor time than one query may."
            ) from None
        finally:
            self._end(query)

    def estimate(self, opened: Opened, sql: str, limits: Limits) -> int:
        try:
            # No plan handles less than nothing, so none is run.
            for _ in self.batches(self.submit(opened, sql, replace(limits, work=-1))):
                pass
        except QueryCostly as told:
            return told.work
        raise AssertionError("a query ran that was only to be estimated")

    def cancel(self, query: str) -> None:
        with self._lock:
            running = self._queries.get(query)
            if running is not None:
                running.cancelled = True
        if running is not None:
            self._nursery.kill(running.worker.pid)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            keeper = self._keeper
        self._wake.set()
        if keeper is not None:
            keeper.join()
        self._nursery.close()
        for worker in idle:
            worker.channel.close()

    def run(self, sql: str, tables: Tables, limits: Limits | None = None) -> pa.Table:
        """Answer one query whole; `capped(table)` tells whether it was cut.

        Raises QueryFailed, QueryTooSlow, QueryCancelled, EngineBusy.
        """
        received = list(self.batches(self.submit(self.open(tables), sql, limits or Limits())))
        schema = received[-1].schema
        return (
            pa.Table.from_batches([b.replace_schema_metadata() for b in received])
            .cast(schema.remove_metadata())
            .replace_schema_metadata(schema.metadata)
        )

    def _ask(self, running: _Query, opened: Opened, sql: str) -> None:
        limits = running.limits
        request = {
            "sql": sql,
            "tables": {name: [str(p) for p in files] for name, files in opened.tables.items()},
            "marked": {
                name: {"key": told.key, "said": dict(told.said)}
                for name, told in opened.marked.items()
            },
            "seconds": limits.seconds,
            "rows": limits.rows,
            "bytes": limits.bytes,
            "work": limits.work,
            "threads": self._threads,
        }
        frames.send(running.worker.channel, frames.ASK, json.dumps(request).encode())

    def _receive(self, running: _Query) -> Iterator[pa.RecordBatch]:
        channel, schema, sent = running.worker.channel, pa.schema([]), False
        while True:
            left = running.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            channel.settimeout(left)
            kind, payload = frames.receive(channel)
            if kind == frames.SCHEMA:
                schema = pa.ipc.read_schema(pa.py_buffer(payload))
            elif kind == frames.BATCH:
                sent = True
                yield pa.ipc.read_record_batch(pa.py_buffer(payload), schema)
            elif kind == frames.FAILED:
                raise _failure(payload)
            elif kind == frames.WORK:
                raise QueryCostly(int(payload), running.limits.work or 0)
            else:
                if payload:
                    schema = schema.with_metadata({**(schema.metadata or {}), CAPPED: payload})
                if payload or not sent:
                    yield _no_rows(schema)
                return

    def _take(self) -> Worker:
        """A warm worker; a cold one is started when none is left."""
        for _ in range(self._spare + 3):
            with self._lock:
                idle = self._idle.pop(0) if self._idle else None
            if idle is not None and not self._nursery.alive():
                idle.channel.close()
                idle = None
            worker = idle or self._nursery.fork()
            try:
                self._await_warm(worker)
            except (EOFError, OSError):
                worker.channel.close()
                continue
            return worker
        raise QueryFailed("No query worker could be started.")

    def _await_warm(self, worker: Worker) -> None:
        if not worker.warm:
            worker.channel.settimeout(START_SECONDS)
            frames.receive(worker.channel)
            worker.warm = True
        worker.channel.settimeout(START_SECONDS)

    def _end(self, query: str) -> None:
        with self._lock:
            running = self._queries.pop(query, None)
        if running is None:
            return
        self._nursery.kill(running.worker.pid)
        running.worker.channel.close()
        self._slots.release()
        self._wake.set()

    def _keep(self) -> None:
        """Keep spares warm and stop queries nobody is reading that are past their time."""
        while True:
            self._wake.wait(timeout=1.0)
            self._wake.clear()
            with self._lock:
                if self._closed:
                    return
                missing = self._spare - len(self._idle)
                late = [(q, r) for q, r in self._queries.items() if r.deadline < time.monotonic()]
            for query, running in late:
                running.late = True
                self._end(query)
            if missing > 0:
                self._let_go_first()
            for _ in range(max(missing, 0)):
                self._add_spare()

    def _let_go_first(self) -> None:
        """Making a worker takes 20 ms of a core: not from a running query while one waits warm."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            time.sleep(PAUSE)
            with self._lock:
                if self._closed or not (self._queries and self._idle):
                    return

    def _add_spare(self) -> None:
        try:
            worker = self._nursery.fork()
        except OSError:
            return  # Tried again at the next round.
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.channel.close()


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    # pa.array([]) would import pandas for the whole process; this does not.
    return pa.RecordBatch.from_arrays([pa.nulls(0, type_) for type_ in schema.types], schema=schema)


def _failure(payload: bytes) -> QueryFailed:
    kind, message = json.loads(payload)
    if kind == "memory":
        return QueryFailed("The query needs more memory than one query may use.")
    return QueryFailed(message)
