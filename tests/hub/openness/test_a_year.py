"""A random year of requests: the index, measured month by month, is what an independent count says."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from hub.db import reading, unit_of_work
from hub.openness import keeping, reports
from hub.openness.deps import measure_of
from hub.openness.models import Snapshot
from hub.openness.months import Month
from tests.hub.openness.conftest import PRODUCER, Move, seed

AGENCIES = [f"dinas-{letter}" for letter in "abcdef"]
REQUESTS = 240
NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def story(rnd: random.Random, producer: str) -> tuple[Move, ...]:
    """Asked on some day of the year and answered in one of the ways that agencies have."""
    first = datetime.fromisoformat("2025-01-02T10:00")
    asked = first + timedelta(days=rnd.randrange(330), minutes=rnd.randrange(300))
    passed = asked + timedelta(hours=rnd.randrange(1, 20))
    due = passed + timedelta(days=7)
    opening = [
        Move(_text(asked), "diajukan", _text(asked + timedelta(days=1))),
        Move(_text(passed), PRODUCER, _text(due), agency="dkisp"),
    ]
    at = _text(passed + timedelta(hours=rnd.randrange(1, 160)))
    late, later = _text(due), _text(due + timedelta(days=2))
    overdue = Move(late, "terlambat", later, clock=True)
    ends = {
        "given": [Move(at, "disetujui", agency=producer)],
        "part": [Move(at, "disetujui_sebagian", agency=producer)],
        "refused": [Move(at, "ditolak", agency=producer, ground=f"T{rnd.randrange(1, 14):02}")],
        "last hour": [
            Move(_text(due - timedelta(hours=2)), "ditolak", agency=producer, ground="T13")
        ],
        "annulled": [
            Move(at, "ditolak", agency=producer, ground="T08"),
            Move(late, "keberatan"),
            Move(later, "disetujui", agency="dkisp"),
        ],
        "deemed": [overdue, Move(later, "dianggap_disetujui", clock=True)],
        "above": [overdue, Move(later, "eskalasi_sekda", clock=True)],
        "mediated": [overdue, Move(later, "disetujui", agency=producer)],
    }
    return (*opening, *ends[rnd.choice(sorted(ends))])


@pytest.fixture
def year(hub: TestClient, make_agency: Callable[..., str]) -> FastAPI:
    app = hub.app
    assert isinstance(app, FastAPI)
    rnd = random.Random(2025)
    for agency in [*AGENCIES, "dkisp"]:
        make_agency(agency)
    with unit_of_work(app.state.engine) as session:
        for number in range(1, REQUESTS + 1):
            producer = rnd.choice(AGENCIES)
            asker = rnd.choice([code for code in AGENCIES if code != producer])
            seed(
                session,
                f"PD-2025-{number:06}",
                producer,
                asker,
                f"{producer}/x",
                story(rnd, producer),
            )
    by = measure_of(app.state.engine, app.state.settings, app.state.clock)
    for number in range(1, 13):
        with unit_of_work(app.state.engine) as session:
            keeping.take(session, app.state.ledger, by, Month(2025, number), now=NOW)
    with unit_of_work(app.state.engine) as session:
        reports.keep(session, app.state.ledger, by, 2025, now=NOW)
    return app


COUNT = """
    SELECT p.producer, s.proceeding, s.at, s.from_state, s.to_state
    FROM hub_proceeding_step s JOIN hub_proceeding p ON p.id = s.proceeding
    ORDER BY s.proceeding, s.number
"""


def test_every_months_index_is_what_an_independent_count_says(year: FastAPI) -> None:
    """B and C of twelve months and six agencies, counted from the rows of the table with nothing of ours."""
    with reading(year.state.engine) as session:
        rows = session.execute(text(COUNT)).all()
        snapshots = {
            (one.agency, one.month): {c["letter"]: c["value"] for c in one.components}
            for one in session.exec(select(Snapshot))
        }
    zone = year.state.settings.zone
    timely: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
    opened: dict[tuple[str, str], tuple[datetime, int | None]] = {}
    for producer, proceeding, at, before, after in rows:
        told = datetime.fromisoformat(at) if isinstance(at, str) else at
        utc = told if told.tzinfo else told.replace(tzinfo=UTC)
        moment = utc.astimezone(zone).replace(tzinfo=None)
        if after == "terlambat":
            timely.setdefault((producer, proceeding), []).append((moment, 0))
        elif before == PRODUCER and after in ("disetujui", "disetujui_sebagian", "ditolak"):
            timely.setdefault((producer, proceeding), []).append((moment, 1))
        good = {"disetujui": 1, "disetujui_sebagian": 1, "dianggap_disetujui": 0, "ditolak": None}
        if after in good:
            opened[producer, proceeding] = (moment, 0 if before == "keberatan" else good[after])
    checked = 0
    for number in range(1, 13):
        month = Month(2025, number)
        end = datetime.combine(month.plus(1).first, datetime.min.time())
        start = datetime.combine(month.plus(-2).first, datetime.min.time())
        unused = {
            key
            for key, (at, value) in opened.items()
            if value == 1 and at + timedelta(days=30) < end
        }
        for agency in AGENCIES:
            b = [
                found[0][1]
                for (who, name), found in timely.items()
                if who == agency and start <= found[0][0] < end and (who, name) not in unused
            ]
            c = [
                value
                for (who, name), (at, value) in opened.items()
                if who == agency and start <= at < end and value is not None
                and (who, name) not in unused
            ]  # fmt: skip
            shown = snapshots[agency, str(month)]
            for letter, counted in (("B", b), ("C", c)):
                wanted = 100 * sum(counted) / len(counted) if len(counted) >= 3 else None
                assert shown[letter] == (None if wanted is None else pytest.approx(wanted))
                checked += wanted is not None
    assert checked > 60  # the year is full enough to say something


def test_the_report_of_the_year_counts_every_request_once(year: FastAPI) -> None:
    with reading(year.state.engine) as session:
        report = reports.latest(session, 2025)
    assert report is not None
    whole, agencies = report.body["whole"], report.body["agencies"]
    assert whole["requests"] == REQUESTS == len(report.body["requests"])
    assert sum(whole["outcomes"].values()) + whole["undecided"] == REQUESTS
    for name in (
        "requests",
        "overdue",
        "refusals",
        "last_hour",
        "objections",
        "escalations",
        "deemed",
    ):
        assert whole[name] == sum(one[name] for one in agencies.values()), name
    assert sum(line["refusals"] for line in report.body["grounds"]) == whole["refusals"]
    assert whole["last_hour"] > 0
