"""The promise of a dataset and the clock of a request, day by day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.calendar import BusinessClock, due_at, working_days_between
from hub.openness.freshness import Promise
from hub.web.working_clock import term

JAKARTA = ZoneInfo("Asia/Jakarta")
FRIDAY = date(2025, 10, 3)


@pytest.mark.parametrize(
    ("frequency", "due"),
    [
        ("harian", date(2025, 10, 6)),  # Saturday is no working day
        ("mingguan", date(2025, 10, 10)),
        ("bulanan", date(2025, 11, 3)),
        ("insidental", None),
    ],
)
def test_a_promise_ends_on_a_working_day(frequency: str, due: date | None) -> None:
    published = datetime(2025, 10, 3, 2, tzinfo=UTC)
    assert Promise(frequency, None, published).due_on(JAKARTA) == due


def test_nothing_is_due_before_the_first_release() -> None:
    assert Promise("harian", FRIDAY, None).due_on(JAKARTA) is None


def test_the_later_of_data_and_release_counts() -> None:
    published = datetime(2025, 9, 1, 2, tzinfo=UTC)
    assert Promise("mingguan", FRIDAY, published).due_on(JAKARTA) == date(2025, 10, 10)


def test_working_days_leave_out_weekends_and_holidays() -> None:
    assert working_days_between(FRIDAY, date(2025, 10, 10)) == 5
    assert working_days_between(FRIDAY, FRIDAY) == 0
    assert working_days_between(date(2025, 12, 24), date(2025, 12, 29)) == 1


def at(day: date) -> BusinessClock:
    return BusinessClock(JAKARTA, day)


def test_a_term_counts_down_and_then_says_how_late_it_is() -> None:
    asked = datetime(2025, 10, 3, 9, tzinfo=JAKARTA)
    due = due_at(asked, 5)
    first, soon, late = (term(asked, due, at(date(2025, 10, day))) for day in (3, 8, 14))
    assert (first.left, first.late, first.look) == (5, 0, "good")
    assert (soon.left, soon.look) == (2, "warn")
    assert (late.left, late.late, late.look) == (0, 2, "late")


def test_the_drawing_has_today_the_due_day_and_thin_days_off() -> None:
    asked = datetime(2025, 10, 3, 9, tzinfo=JAKARTA)
    cells = {
        cell.day.day: cell.kind
        for cell in term(asked, due_at(asked, 5), at(date(2025, 10, 7))).cells
    }
    assert (cells[4], cells[6], cells[7], cells[8], cells[10]) == (
        "off",
        "past",
        "today",
        "",
        "due",
    )
