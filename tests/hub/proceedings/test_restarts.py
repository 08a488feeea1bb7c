"""Kills, replicas and clocks that jump: every silent step is made once, and nobody loses by the hub's absence."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from hub.db import unit_of_work
from hub.grants import ending
from hub.grants.models import Grant
from hub.health import service as health
from hub.jobs import Worker
from hub.ledger.models import LedgerEntry
from hub.notices.models import Notice
from hub.proceedings import heartbeat, machine
from hub.proceedings.models import Heartbeat, NoticeState
from hub.proceedings.pace import Pace
from hub.settings import Settings
from hub.subjects import subjects
from tests.hub.proceedings.conftest import Regency, moment

GAP = timedelta(hours=2)
TOLD = {"1", "2", "3", "4", "2/H+1", "2/H+3"}
"""By the steps of which it is told; what warns comes too late on that day."""
SILENCE = ["menunggu_produsen", "terlambat", "dianggap_disetujui"]


def ticker(settings: Settings, text: str, left: int) -> "subprocess.Popen[str]":
    child = "tests.hub.proceedings.ticker_child"
    arguments = [settings.database, str(settings.home), text, str(left)]
    return subprocess.Popen(
        [sys.executable, "-m", child, *arguments], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_and_a_kill_make_every_silent_step_once(
    regency: Regency, settings: Settings
) -> None:
    """Two workers at once, each killed in the middle of a step; a third comes after them."""
    regency.at("2026-06-08 09:00")
    numbers = [regency.ask() for _ in range(8)]
    late = "2026-08-03 09:00"
    dying = [ticker(settings, late, left) for left in (5, 8)]
    said = [child.communicate(timeout=60)[0].split() for child in dying]
    assert [child.returncode for child in dying] == [-9, -9]
    both = [ticker(settings, late, 0) for _ in range(2)]
    said = [child.communicate(timeout=60)[0].split() for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert [failed for _, _, failed in said] == ["0", "0"]
    for number in numbers:
        steps = regency.steps(number)
        assert [step.to_state for step in steps if step.by_clock] == SILENCE
        assert machine.broken_at(steps) is None
        assert sorted(regency.entries(number)) == sorted(step.entry for step in steps)
        with Session(regency.engine) as session:
            grants = session.exec(select(Grant).where(Grant.request == number)).all()
            told = session.exec(
                select(Notice.once).where(col(Notice.once).startswith(f"{number}/"))
            ).all()
        assert len(grants) == 1
        assert {once.partition("/")[2] for once in told} == TOLD


def beat(regency: Regency, text: str) -> int:
    now = regency.at(text)
    with unit_of_work(regency.engine) as session:
        return heartbeat.beat(session, regency.office, subjects(), now=now, longest_gap=GAP)


def with_producer(regency: Regency) -> str:
    """Until Monday, 15 June 2026, 16.00."""
    regency.at("2026-06-08 09:00")
    number = regency.ask()
    regency.move(number, "walidata", "lengkap")
    return number


def test_a_term_that_ended_while_the_hub_was_away_ends_a_full_working_day_later(
    regency: Regency,
) -> None:
    number = with_producer(regency)
    assert beat(regency, "2026-06-15 13:00") == 0
    assert beat(regency, "2026-06-17 09:00") == 1
    assert (regency.state(number), regency.due(number)) == ("menunggu_produsen", "2026-06-18 16:00")
    regency.tick()
    assert regency.state(number) == "menunggu_produsen"
    last = regency.steps(number)[-1]
    assert (last.event, last.by_clock) == ("tunda", False)
    assert last.reason == "Simpul tidak berjalan dari 15-06-2026 13.00 sampai 17-06-2026 09.00."
    assert machine.broken_at(regency.steps(number)) is None
    with Session(regency.engine) as session:
        kinds = session.exec(select(LedgerEntry.kind)).all()
    assert kinds.count("clock.gap") == kinds.count("request.postponed") == 1


def test_what_is_told_moves_with_a_postponed_term(regency: Regency) -> None:
    number = with_producer(regency)
    beat(regency, "2026-06-15 07:00")
    beat(regency, "2026-06-17 09:00")
    planned = [n for n in regency.notices(number) if n.state is NoticeState.PLANNED]
    assert [(n.mark, f"{n.at:%m-%d %H}") for n in planned] == [
        ("H", "06-18 00"),
        ("H+1", "06-19 00"),
        ("H+3", "06-23 00"),
    ]


def test_terms_that_do_not_end_in_the_gap_stay_as_they_are(regency: Regency) -> None:
    number = with_producer(regency)
    beat(regency, "2026-06-10 13:00")
    assert beat(regency, "2026-06-12 09:00") == 0
    assert regency.due(number) == "2026-06-15 16:00"


def test_a_short_absence_is_none(regency: Regency) -> None:
    number = with_producer(regency)
    beat(regency, "2026-06-15 14:30")
    assert beat(regency, "2026-06-15 16:30") == 0
    regency.tick()
    assert regency.state(number) == "terlambat"


def test_a_clock_that_goes_back_changes_nothing(regency: Regency) -> None:
    number = with_producer(regency)
    beat(regency, "2026-06-15 15:00")
    assert beat(regency, "2026-06-01 15:00") == 0
    regency.tick()
    assert regency.state(number) == "menunggu_produsen"
    assert beat(regency, "2026-06-15 16:05") == 0
    with Session(regency.engine) as session:
        assert session.get_one(Heartbeat, 1).at == moment("2026-06-15 16:05")


def test_a_clock_that_jumps_ahead_at_a_restart_takes_no_term_away(regency: Regency) -> None:
    number = with_producer(regency)
    beat(regency, "2026-06-09 10:00")
    assert beat(regency, "2026-07-20 10:00") == 1
    regency.tick()
    assert regency.state(number) == "menunggu_produsen"


class Hands:
    """A wall clock and the time that passes, each set by the test."""

    def __init__(self) -> None:
        self.wall, self.steady = datetime(2026, 6, 8, tzinfo=UTC), 100.0

    def go_on(self, wall: timedelta, steady: timedelta) -> None:
        self.wall += wall
        self.steady += steady.total_seconds()


@pytest.mark.parametrize(
    ("wall", "steady", "kept"),
    [
        (timedelta(days=30), timedelta(days=30), True),
        (timedelta(days=3, hours=1), timedelta(days=3), True),
        (timedelta(days=3, hours=3), timedelta(days=3), False),
        (timedelta(hours=-3), timedelta(minutes=1), False),
    ],
)
def test_a_wall_clock_that_runs_away_is_noticed(
    wall: timedelta, steady: timedelta, kept: bool
) -> None:
    hands = Hands()
    pace = Pace(GAP, wall=lambda: hands.wall, steady=lambda: hands.steady)
    hands.go_on(wall, steady)
    assert pace.is_kept() is kept
    hands.go_on(steady - wall, timedelta())
    assert pace.is_kept()


def test_a_worker_whose_clock_ran_away_makes_no_silent_moves(
    regency: Regency, settings: Settings
) -> None:
    regency.at("2026-06-08 09:00")
    number = regency.ask()
    worker, hands = Worker(settings), Hands()
    worker._pace = Pace(GAP, wall=lambda: hands.wall, steady=lambda: hands.steady)
    hands.go_on(timedelta(days=1), timedelta())
    with capture_logs() as logs:
        worker.tick()
    assert [(log["event"], log["seconds"]) for log in logs] == [("clock.runs_away", 86400)]
    assert regency.state(number) == "diajukan"
    hands.go_on(timedelta(days=-1), timedelta())
    worker.tick()
    assert regency.state(number) == "aktif"  # those terms ended long before any worker began
    assert 0 <= health.clock_age(regency.engine, now=datetime.now(UTC)) < 60
    worker.judges.close()
    worker.engine.dispose()


def test_a_request_ends_with_its_grant(regency: Regency) -> None:
    number = with_producer(regency)
    regency.move(number, "head", "setujui")
    assert regency.state(number) == "aktif"
    now = datetime.now(UTC)
    assert ending.close(regency.engine, regency.office, now=now) == 0
    later = now + timedelta(days=400)
    assert ending.close(regency.engine, regency.office, now=later) == 1
    assert regency.state(number) == "berakhir"
    assert ending.close(regency.engine, regency.office, now=later) == 0


def test_a_request_whose_contract_nobody_signed_ends(regency: Regency) -> None:
    number = with_producer(regency)
    regency.move(number, "head", "setujui")
    now = datetime.now(UTC)
    with unit_of_work(regency.engine) as session:
        waits = update(Grant).where(col(Grant.request) == number).values(waits_until=now)
        session.connection().execute(waits)
    assert ending.close(regency.engine, regency.office, now=now) == 1
    assert regency.state(number) == "berakhir"


def test_a_request_whose_grant_was_replaced_ends(regency: Regency) -> None:
    number = with_producer(regency)
    regency.move(number, "head", "setujui")
    now = datetime.now(UTC)
    with unit_of_work(regency.engine) as session:
        replaced = update(Grant).where(col(Grant.request) == number).values(revoked_at=now)
        session.connection().execute(replaced)
    assert ending.close(regency.engine, regency.office, now=now) == 1
    assert regency.state(number) == "berakhir"
