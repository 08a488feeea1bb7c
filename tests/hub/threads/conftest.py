"""Rows and schemas of datasets that refer to one another, and the worker's step that joins them."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.outbox.delivery import deliver
from hub.subscribers import subscribers
from hub.threads.service import Indexer

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def push(
    make_client: Callable[..., TestClient], ndjson: Callable[[list[dict[str, Any]]], bytes]
) -> Callable[..., None]:
    """Send records to a dataset as its agency's steward; they replace what is there."""

    def send(name: str, records: list[dict[str, Any]]) -> None:
        steward = make_client("steward", name.partition("/")[0])
        answer = steward.post(
            f"/api/v1/datasets/{name}/batches?mode=replace",
            content=ndjson(records),
            headers=NDJSON,
        )
        assert answer.status_code == 201, answer.text

    return send


@pytest.fixture
def indexer(hub: TestClient) -> Indexer:
    assert isinstance(hub.app, FastAPI)
    return Indexer(hub.app.state.engine, hub.app.state.settings)


@pytest.fixture
def work_off(indexer: Indexer) -> Callable[[], int]:
    """Tell the hub's subscribers what has happened, as the worker does each second."""
    return lambda: deliver(indexer.engine, subscribers(indexer.engine, indexer.settings))
