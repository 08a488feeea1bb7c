"""Reports on the small dataset of the tests of access; the clock of the hub is fixed in the morning."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from hub.calendar import BusinessClock
from hub.db import unit_of_work
from hub.outbox import service as outbox
from hub.outbox.delivery import deliver
from hub.outbox.service import EventType
from hub.proceedings import ticking
from hub.proceedings.office import Office
from hub.subjects import subjects
from hub.subscribers import subscribers
from tests.hub.access.conftest import (  # noqa: F401 - fixtures
    give,
    penerima,
    publish_rows,
)

ZONE = ZoneInfo("Asia/Makassar")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
EVIDENCE = "Dokumen kontrak halaman 3 menyebut nilai lain"


@dataclass(frozen=True)
class Clock(BusinessClock):
    """A business clock that a test sets forward: `hands` holds the moment."""

    hands: list[datetime] = field(default_factory=lambda: [MORNING])

    def now(self) -> datetime:
        return self.hands[0]


@pytest.fixture
def clock(hub: TestClient) -> Clock:
    state = hub.app.state  # type: ignore[attr-defined]
    state.clock = Clock(ZONE, None, state.clock.local)
    return state.clock


@pytest.fixture
def pass_days(hub: TestClient, clock: Clock) -> Callable[[int], None]:
    """Let so many days go by, and the clock of the hub do what it does."""
    state = hub.app.state  # type: ignore[attr-defined]

    def go(days: int) -> None:
        clock.hands[0] += timedelta(days=days)
        ticking.tick(state.engine, Office(state.ledger, clock), subjects(), now=clock.now())

    return go


@pytest.fixture
def released(hub: TestClient, publish_rows: Callable[..., int]) -> Callable[..., int]:  # noqa: F811
    """Publish rows as the intake does, with its event, and let the worker hear of it."""
    state = hub.app.state  # type: ignore[attr-defined]

    def publish(dataset: str, *said: Any) -> int:
        number = publish_rows(dataset, *said)
        with unit_of_work(state.engine) as session:
            outbox.record(
                session, EventType.RELEASE_PUBLISHED, dataset=dataset, data={"release": number}
            )
        hear()
        return number

    def hear() -> None:
        deliver(state.engine, subscribers(state.engine, state.settings))

    publish.hear = hear  # type: ignore[attr-defined]
    return publish


def wrong(
    row: str = "0003", name: str = "nilai", observed: Any = 3000, **more: Any
) -> dict[str, Any]:
    return {
        "row": {"kode": row},
        "field": name,
        "observed": observed,
        "evidence": EVIDENCE,
        **more,
    }
