"""Months of the instance's zone, as the index counts by them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.calendar import NONE, LocalDays, is_working_day, real_now
from hub.errors import InvalidInput

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Month":
        """From `2026-10`; raises InvalidInput."""
        try:
            return cls.of(date.fromisoformat(f"{text}-01"))
        except ValueError as wrong:
            raise InvalidInput(
                f"{text!r} bukan bulan; tulis seperti 2026-10.",
                f"{text!r} is no month; write it as 2026-10.",
                field="month",
            ) from wrong

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.plus(1).first - timedelta(days=1)

    def plus(self, months: int) -> "Month":
        """So many months later, or earlier."""
        place = self.year * 12 + self.number - 1 + months
        return Month(place // 12, place % 12 + 1)

    def starts(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first instant that is no longer in it."""
        return self.plus(1).starts(zone)

    def working_day(self, number: int, local: LocalDays = NONE) -> date:
        """Its first working day is number 1."""
        day = self.first - timedelta(days=1)
        while number:
            day += timedelta(days=1)
            number -= is_working_day(day, local)
        return day


@dataclass(frozen=True)
class Window:
    """What a measurement looks at: from `since` up to (not at) `as_of`; `checks` are its month ends.

    `until` is later than `as_of` only in a demonstration, whose business clock stands on an earlier day
    than the one on which its data arrived: that data is there already.
    """

    month: Month
    since: datetime
    as_of: datetime
    until: datetime
    checks: tuple[datetime, ...]
    final: bool

    @classmethod
    def of(cls, month: Month, months: int, zone: ZoneInfo, *, now: datetime) -> "Window":
        """`months` of them, the last one `month`, cut off at `now` (business) while it still runs."""
        spans = [month.plus(-step) for step in reversed(range(months))]
        final = now >= month.ends(zone)
        as_of = month.ends(zone) if final else now
        until = as_of if final else max(as_of, real_now())
        checks = (*(one.ends(zone) for one in spans[:-1]), as_of)
        return cls(month, spans[0].starts(zone), as_of, until, checks, final)

    @property
    def last_day(self) -> date:
        """The day that `as_of` ends, or stands in."""
        return (self.as_of - INSTANT).date()

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def seen(self, at: datetime) -> datetime:
        """The moment of what is known, by the clock of the window."""
        return min(at, self.as_of - INSTANT)
