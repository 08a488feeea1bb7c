"""Whether a dataset keeps its promise: the day by which it must be renewed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.models import Frequency
from hub.calendar import NONE, LocalDays, is_working_day

PERIODS = {
    Frequency.REAL_TIME: 1,
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 7,
    Frequency.MONTHLY: 31,
    Frequency.QUARTERLY: 92,
    Frequency.HALF_YEARLY: 184,
    Frequency.YEARLY: 366,
}
"""Longest time between two renewals, in calendar days; a term that ends on a day off moves on."""


@dataclass(frozen=True)
class Promise:
    """What was promised and what was done: `published_at` of the last release, None before it."""

    frequency: str
    data_date: date | None
    published_at: datetime | None

    def renewed_on(self, zone: ZoneInfo) -> date | None:
        """The day the data speaks for: its own date, or that of the last release when it is later."""
        if self.published_at is None:
            return None
        published = self.published_at.astimezone(zone).date()
        return max(published, self.data_date or published)

    def due_on(self, zone: ZoneInfo, local: LocalDays = NONE) -> date | None:
        """None without a promise (insidental) or before the first release."""
        renewed, period = self.renewed_on(zone), PERIODS.get(Frequency(self.frequency))
        if renewed is None or period is None:
            return None
        day = renewed + timedelta(days=period)
        while not is_working_day(day, local):
            day += timedelta(days=1)
        return day
