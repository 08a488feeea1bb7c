"""A term in working days as people see it: the sentence, and one cell a calendar day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.calendar import BusinessClock, LocalDays, is_working_day, working_days_between

MOST_CELLS = 21


@dataclass(frozen=True)
class Cell:
    """One day; `kind` is a class of the stylesheet, `number` counts working days of the term."""

    day: date
    kind: str
    number: int


@dataclass(frozen=True)
class Term:
    """`left` is working days until the due day, `late` those after it; one of them is 0.

    `agency` answers, so its own days count too.
    """

    since: date
    due: date
    today: date
    over: bool
    local: LocalDays
    agency: str

    @property
    def left(self) -> int:
        return self._between(self.today, self.due)

    @property
    def late(self) -> int:
        return self._between(self.due, self.today)

    @property
    def days(self) -> int:
        return self._between(self.since, self.due)

    @property
    def look(self) -> str:
        """Class of the status: broken, soon, or going well."""
        if self.over:
            return "late"
        return "warn" if self.left <= 2 else "good"

    @property
    def cells(self) -> list[Cell]:
        """From the day it began to the due day (or today, when that is later)."""
        last = max(self.due, min(self.today, self.due + timedelta(days=7)))
        first = max(self.since, last - timedelta(days=MOST_CELLS - 1))
        span = range((last - first).days + 1)
        return [self._cell(first + timedelta(days=step)) for step in span]

    def _between(self, start: date, end: date) -> int:
        return working_days_between(start, end, self.local, self.agency)

    def _cell(self, day: date) -> Cell:
        number = self._between(self.since, day)
        if not is_working_day(day, self.local, self.agency):
            return Cell(day, "off", number)
        if day == self.today:
            return Cell(day, "over" if self.over else "today", number)
        if day > self.due:
            return Cell(day, "over", number)
        if day == self.due:
            return Cell(day, "due", number)
        return Cell(day, "past" if day < self.today and day > self.since else "", number)


def term(created_at: datetime, due_at: datetime, clock: BusinessClock, agency: str = "") -> Term:
    """The term of a request by the business clock."""
    zone: ZoneInfo = clock.zone
    now = clock.now()
    began, due = created_at.astimezone(zone).date(), due_at.astimezone(zone).date()
    return Term(began, due, now.date(), now > due_at, clock.local(), agency)
