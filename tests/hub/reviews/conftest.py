"""Agencies that publish and reviewers who judge; the clock of the hub is fixed in the morning."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from hub.calendar import BusinessClock
from hub.intake import waiting
from hub.intake.models import BatchState
from hub.proceedings import ticking
from hub.proceedings.office import Office
from hub.reviews.subject import PROCEDURE, ReviewSubject
from hub.standards import service as standards

ZONE = ZoneInfo("Asia/Makassar")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
RESIDENTS: dict[str, Any] = {
    "nik": {"type": "string", "x-data-pribadi": "umum"},
    "nama_lengkap": {"type": "string", "x-data-pribadi": "umum"},
    "tgl_lahir": {"type": "string", "x-data-pribadi": "umum"},
}
ROADS: dict[str, Any] = {
    "kode_ruas": {"type": "string"},
    "panjang": {"type": "number", "x-istilah": "jalan/panjang-ruas"},
}
WHY = {"reason": "Panjang menurut survei angkutan sendiri tiap triwulan", "ground": "Perbup 1/2026"}


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
def enter(make_client: Callable[..., TestClient]) -> Callable[..., TestClient]:
    """Publish a schema under an agency's code and enter its dataset; the steward comes back."""

    def make(
        name: str,
        columns: dict[str, Any],
        *,
        version: str = "1.0.0",
        access_class: str = "BERBAGI",
        required: list[str] | None = None,
    ) -> TestClient:
        agency, _, slug = name.partition("/")
        steward = make_client("steward", agency)
        body = {
            "$id": f"https://simpul.invalid/schemas/{name}/{version}.json",
            "title": slug,
            "type": "object",
            "properties": columns,
            "required": required or [],
            "additionalProperties": False,
        }
        answer = steward.post(f"/api/v1/schemas/{name}/versions", content=json.dumps(body))
        assert answer.status_code == 201, answer.text
        if version == "1.0.0":
            said = {
                "agency": agency,
                "slug": slug,
                "title": slug.title(),
                "schema": f"{name}/{version}",
                "access_class": access_class,
                "restriction_basis": "UU 27/2022",
                "personal_data": "umum" if "x-data-pribadi" in json.dumps(body) else "tidak",
            }
            answer = steward.post("/api/v1/datasets", json=said)
            assert answer.status_code == 201, answer.text
        return steward

    return make


@pytest.fixture
def send(
    hub: TestClient, ndjson: Callable[..., bytes], make_client: Callable[..., TestClient]
) -> Callable[..., Any]:
    """Send rows as the steward; the answer comes back. What waits for a second person is signed."""

    def push(steward: TestClient, name: str, *rows: dict[str, Any]) -> Any:
        answer = steward.post(
            f"/api/v1/datasets/{name}/batches?mode=append",
            content=ndjson(list(rows)),
            headers={"Content-Type": "application/x-ndjson"},
        )
        if answer.json().get("state") == BatchState.HELD:
            moves = f"/api/v1/datasets/{name}/batches/{answer.json()['batch']}/moves"
            signed = make_client("walidata", "dkisp").post(moves, json={"event": "sahkan"})
            assert signed.status_code == 200, signed.text
            state = hub.app.state  # type: ignore[attr-defined]
            waiting.work_off(state.intake, find_document=standards.find)
        return answer

    return push


@pytest.fixture
def roads(enter: Callable[..., TestClient], send: Callable[..., Any]) -> str:
    """`dpupr/jalan` publishes the length of roads under a reference term."""
    steward = enter("dpupr/jalan", ROADS)
    assert send(steward, "dpupr/jalan", {"kode_ruas": "R1", "panjang": 2.5}).status_code == 201
    return "dpupr/jalan"


@pytest.fixture
def tick(hub: TestClient, clock: Clock) -> Callable[[datetime], None]:
    """Let the clock of the proceedings run until a moment."""

    def run(until: datetime) -> None:
        state = hub.app.state  # type: ignore[attr-defined]
        clock.hands[0] = until
        office = Office(state.ledger, clock)
        ticked = ticking.tick(state.engine, office, {PROCEDURE: ReviewSubject()}, now=until)
        assert ticked.failed == 0

    return run
