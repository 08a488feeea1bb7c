"""A dataset of real packages that programs push to."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.demo.regency import DemoDataset, regency

PAKET = "bpbj/paket-nontender"
Rows = list[dict[str, Any]]


@pytest.fixture
def make_dataset(enter_demo: Callable[..., None]) -> Callable[..., DemoDataset]:
    """Enter one of the demonstration's datasets in the catalog."""

    def make(name: str = PAKET, **changes: Any) -> DemoDataset:
        enter_demo(name, **changes)
        return regency().dataset(name)

    return make


@pytest.fixture
def steward(hub: TestClient, make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("steward", "bpbj")


@pytest.fixture(scope="session")
def rows(served: Callable[[str], Rows]) -> Rows:
    """The real packages, as LKPP serves them."""
    return served(PAKET)


@pytest.fixture
def pushed(
    make_dataset: Callable[..., Any], steward: TestClient, ndjson: Callable[[Rows], bytes]
) -> Callable[..., str]:
    """Send packages, or a CSV, with the mode `upsert`; returns the batch, whatever became of it."""
    make_dataset()

    def push(sent: Rows | str, on_error: str = "quarantine") -> str:
        is_csv = isinstance(sent, str)
        answer = steward.post(
            f"/api/v1/datasets/{PAKET}/batches?mode=upsert&on_error={on_error}",
            content=sent if isinstance(sent, str) else ndjson(sent),
            headers={"Content-Type": "text/csv" if is_csv else "application/x-ndjson"},
        )
        return str(answer.json()["batch"])

    return push
