"""Whether a dataset keeps its promise: the day by which it must be renewed, and how late it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.models import Frequency
from hub.access.descriptions import DatasetLine
from hub.calendar import NONE, LocalDays, is_working_day
from hub.web.page import Page
from hub.web.translation import N_

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


def promise_of(dataset: DatasetLine) -> Promise:
    published_at = dataset.release.published_at if dataset.release else None
    return Promise(dataset.frequency, dataset.data_date, published_at)


def working_days_between(start: date, end: date, local: LocalDays = NONE, agency: str = "") -> int:
    """Working days after `start` up to and with `end`; 0 when `end` is not later."""
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(is_working_day(day, local, agency) for day in days)


def kept(page: Page, promise: Promise) -> tuple[str, str]:
    """Shape and sentence of the status: is the promise kept on this business day?"""
    if promise.published_at is None:
        return "idle", page.say(N_("Belum ada rilis"))
    local = page.clock.local()
    due = promise.due_on(page.settings.zone, local)
    if due is None:
        return "idle", page.say(N_("Tanpa jadwal"))
    today = page.clock.today()
    if due < today:
        late = max(1, working_days_between(due, today, local))
        return "late", page.counted(N_("Terlambat {n} hari kerja"), late)
    if due == today:
        return "warn", page.say(N_("Jatuh tempo hari ini"))
    return "good", page.say(N_("Tepat waktu"))
