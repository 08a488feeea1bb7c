"""Two clocks: real time for security, the business clock for working days and badges."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

CUT_OFF = time(16, 0)
"""A request after this hour counts as the next working day; terms end at it (domain.md §2.9)."""


def real_now() -> datetime:
    """Now in UTC; the only clock of tokens, grants and evidence."""
    return datetime.now(UTC)


LocalDays = Mapping[tuple[date, str], bool]
"""Days that the regency ("") or one agency (its code) keeps differently: True is off, False is worked."""

NONE: LocalDays = {}


@dataclass(frozen=True)
class DayOff:
    """A national day off by name; `estimated` while the date of the year is not confirmed."""

    day: date
    name: str
    estimated: bool


def no_local_days() -> LocalDays:
    return NONE


@dataclass(frozen=True)
class BusinessClock:
    """Working days of one time zone, standing on `day` when a demonstration fixes it.

    `local` tells the regency's own days as they are at the moment.
    """

    zone: ZoneInfo
    day: date | None = None
    local: Callable[[], LocalDays] = no_local_days

    def now(self) -> datetime:
        """Local time of day, on the fixed day when there is one."""
        local = datetime.now(self.zone)
        if self.day is None:
            return local
        return local.replace(year=self.day.year, month=self.day.month, day=self.day.day)

    def today(self) -> date:
        return self.now().date()


@dataclass(frozen=True)
class StoppedClock(BusinessClock):
    """A business clock that stands at `moment`, for what replays a time or tries another one."""

    moment: datetime = field(kw_only=True)

    def now(self) -> datetime:
        return self.moment.astimezone(self.zone)


ESTIMATED = " (perkiraan)"


@lru_cache
def national_days_off(year: int) -> tuple[DayOff, ...]:
    """National holidays and cuti bersama of a year in order (SKB 3 Menteri, by the `holidays` package)."""
    found = country_holidays("ID", years=year, categories=("public", "government"), language="id")
    return tuple(
        DayOff(day, name.replace(ESTIMATED, ""), ESTIMATED in name)
        for day, name in sorted(found.items())
    )


@lru_cache
def _days_off(year: int) -> frozenset[date]:
    return frozenset(off.day for off in national_days_off(year))


def is_working_day(day: date, local: LocalDays = NONE, agency: str = "") -> bool:
    """By the agency's own days, else the regency's, else the nation's."""
    off = local.get((day, agency), local.get((day, "")))
    if off is not None:
        return not off
    return day.weekday() < 5 and day not in _days_off(day.year)


def due_at(
    since: datetime, working_days: int, local: LocalDays = NONE, agency: str = ""
) -> datetime:
    """End of a term, 16.00 local: day 1 is the first working day after complete receipt.

    `since` must be aware and in the instance's zone; after 16.00 it counts as the next working day.
    """
    days = _working_days_after(since.date(), local, agency)
    if since.time() > CUT_OFF or not is_working_day(since.date(), local, agency):
        next(days)
    day = since.date()
    for _ in range(working_days):
        day = next(days)
    return datetime.combine(day, CUT_OFF, tzinfo=since.tzinfo)


def _working_days_after(day: date, local: LocalDays, agency: str) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        if is_working_day(day, local, agency):
            yield day


def working_days_between(start: date, end: date, local: LocalDays = NONE, agency: str = "") -> int:
    """Working days after `start` up to and with `end`; 0 when `end` is not later."""
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(is_working_day(day, local, agency) for day in days)
