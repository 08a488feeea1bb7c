"""Data prioritas by the calendar: who is told of what is overdue, and the calendar to subscribe to."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from hub.access import priority_dues
from hub.calendar import StoppedClock
from hub.notices.models import Notice

Make = Callable[..., TestClient]


@pytest.fixture
def on(hub: TestClient) -> Callable[[str], StoppedClock]:
    """The business clock at noon of a day."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def clock(day: str) -> StoppedClock:
        noon = datetime.combine(date.fromisoformat(day), time(12), state.settings.zone)
        return StoppedClock(state.settings.zone, moment=noon)

    return clock


@pytest.fixture
def walidata(make_client: Make) -> TestClient:
    return make_client("walidata", "dkisp")


def enter(walidata: TestClient, **more: Any) -> str:
    said = {
        "title": "Data stunting; Kecamatan",
        "agency": "bpbj",
        "frequency": "bulanan",
        "first_due": "2025-01-31",
        "basis": "SK Bupati 1/2025 (sintetis)",
    }
    answer = walidata.post("/api/v1/priority-data", json=said | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def told(hub: TestClient) -> list[str]:
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with Session(state.engine) as session:
        wanted = select(Notice.once).where(Notice.topic == "priority.overdue")
        return list(session.exec(wanted.order_by(col(Notice.once))))


def test_the_head_is_told_once_for_each_due_day_that_passed(
    hub: TestClient,
    walidata: TestClient,
    make_client: Make,
    on: Callable[[str], StoppedClock],
) -> None:
    make_client("head", "bpbj")
    entry, state = enter(walidata), hub.app.state  # type: ignore[attr-defined]
    assert priority_dues.remind(state.engine, on("2025-01-31")) == 0
    assert priority_dues.remind(state.engine, on("2025-02-03")) == 1
    assert priority_dues.remind(state.engine, on("2025-02-10")) == 0
    assert priority_dues.remind(state.engine, on("2025-03-03")) == 1
    assert told(hub) == [f"priority/{entry}/2025-01-31", f"priority/{entry}/2025-02-28"]


def test_a_release_meets_its_day_and_no_later_one(
    hub: TestClient,
    walidata: TestClient,
    make_client: Make,
    penerima: Callable[..., str],
    publish_rows: Callable[..., Any],
    on: Callable[[str], StoppedClock],
) -> None:
    make_client("head", "bpbj")
    name = penerima("BERBAGI")
    publish_rows(name)
    state: Any = hub.app.state  # type: ignore[attr-defined]
    released = state.clock.now().astimezone(state.settings.zone).date()
    enter(walidata, dataset=name, frequency="mingguan", first_due=released.isoformat())
    steps = [0, 6, 15]
    days = [date.fromordinal(released.toordinal() + step).isoformat() for step in steps]
    assert [priority_dues.remind(state.engine, on(day)) for day in days] == [0, 0, 1]


def test_the_calendar_is_open_to_everybody_and_says_no_hidden_dataset(
    hub: TestClient, walidata: TestClient, make_dataset: Callable[..., str]
) -> None:
    name = make_dataset("DIKECUALIKAN")
    today = hub.app.state.clock.today()  # type: ignore[attr-defined]
    enter(walidata, dataset=name, first_due=today.replace(day=1).isoformat(), title="Ä" * 60)
    answer = hub.get("/api/v1/priority-data.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert name not in answer.text
    lines = answer.content.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    assert 12 <= lines.count(b"BEGIN:VEVENT") <= 14
    unfolded = answer.content.replace(b"\r\n ", b"").decode()
    assert f"SUMMARY:{'Ä' * 60} (" in unfolded


def test_the_desk_shows_a_month_with_what_was_met(
    hub: TestClient, walidata: TestClient, make_agency: Callable[..., str]
) -> None:
    make_agency("bpbj")
    enter(walidata)
    walidata.headers["Accept"] = "text/html"
    page = walidata.get("/kelola/data-prioritas?bulan=2025-02").text
    (entry,) = hub.get("/api/v1/priority-data").json()["items"]
    assert date.fromisoformat(entry["next_due"]) >= hub.app.state.clock.today()  # type: ignore[attr-defined]
    assert "Jatuh tempo Februari 2025" in page
    assert "lewat jatuh tempo" in page
    for odd in ("2025-99", "9999-12", "0001-01", "x"):
        assert walidata.get(f"/kelola/data-prioritas?bulan={odd}").status_code == 200
