"""The query workers of one web process; no process is started before the first query."""

from typing import Annotated

from fastapi import Depends, Request

from catalog.engine import DuckDBWorkers
from hub.settings import Settings

Workers = DuckDBWorkers


def workers_of(settings: Settings) -> Workers:
    """A pool for these settings; `start` it early so that no caller waits for a cold worker."""
    return DuckDBWorkers(concurrent=settings.query_workers)


def get_workers(request: Request) -> Workers:
    workers: Workers = request.app.state.workers
    return workers


WorkersDep = Annotated[Workers, Depends(get_workers)]
