"""Two clocks: real time for security, the business clock for working days and badges."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

CUT_OFF = time(16, 0)
"""A request after this hour counts as the next working day; terms end at it (domain.md §2.9)."""


def real_now() -> datetime:
    """Now in UTC; the only clock of tokens, grants and evidence."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class BusinessClock:
    """Working days of one time zone, standing on `day` when a demonstration fixes it."""

    zone: ZoneInfo
    day: date | None = None

    def now(self) -> datetime:
        """Local time of day, on the fixed day when there is one."""
        local = datetime.now(self.zone)
        if self.day is None:
            return local
        return local.replace(year=self.day.year, month=self.day.month, day=self.day.day)

    def today(self) -> date:
        return self.now().date()


@lru_cache
def _days_off(year: int) -> frozenset[date]:
    """National holidays and cuti bersama of a year (SKB 3 Menteri, by the `holidays` package)."""
    return frozenset(
        country_holidays("ID", years=year, categories=("public", "government"), language="id")
    )


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _days_off(day.year)


def due_at(since: datetime, working_days: int) -> datetime:
    """End of a term, 16.00 local: day 1 is the first working day after complete receipt.

    `since` must be aware and in the instance's zone; after 16.00 it counts as the next working day.
    """
    day = since.date()
    if since.time() > CUT_OFF or not is_working_day(day):
        day = _next_working_day(day)
    for _ in range(working_days):
        day = _next_working_day(day)
    return datetime.combine(day, CUT_OFF, tzinfo=since.tzinfo)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
