"""The days by which data prioritas is due, by its schedule and the working days of the regency."""

from datetime import date
from itertools import islice

import pytest

from catalog.models import Frequency
from hub.agencies.due_days import due_days


@pytest.mark.parametrize(
    ("first", "frequency", "expected"),
    [
        # 31 January is a Saturday, 28 February and 31 March 2026 a Saturday and a Tuesday.
        ("2026-01-31", "bulanan", ["2026-02-02", "2026-03-02", "2026-03-31", "2026-04-30"]),
        ("2026-01-05", "triwulanan", ["2026-01-05", "2026-04-06", "2026-07-06"]),
        ("2026-01-05", "semesteran", ["2026-01-05", "2026-07-06"]),
        ("2024-02-29", "tahunan", ["2024-02-29", "2025-02-28", "2026-03-02"]),
        ("2026-11-25", "mingguan", ["2026-11-25", "2026-12-02", "2026-12-09"]),
        # Friday, then Monday once: the days of the weekend move to it.
        ("2026-11-27", "harian", ["2026-11-27", "2026-11-30", "2026-12-01"]),
        ("2026-11-25", "insidental", ["2026-11-25"]),
    ],
)
def test_due_days_follow_the_schedule(first: str, frequency: str, expected: list[str]) -> None:
    days = due_days(date.fromisoformat(first), Frequency(frequency))
    assert [day.isoformat() for day in islice(days, len(expected))] == expected


def test_what_has_no_schedule_is_due_once() -> None:
    assert len(list(due_days(date(2026, 11, 25), Frequency.INCIDENTAL))) == 1


def test_a_day_that_the_regency_keeps_off_moves_on() -> None:
    local = {(date(2026, 11, 25), ""): True}
    assert next(due_days(date(2026, 11, 25), Frequency.MONTHLY, local)) == date(2026, 11, 26)
