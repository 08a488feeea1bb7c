"""Terms in working days: when one ends, what is left of it at a pause, when it is told of.

Days are those of the party that must act: the nation's, the regency's own and the agency's own
(domain.md §2.9). Moments go in and out in the zone of the instance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hub.calendar import LocalDays, due_at, is_working_day


@dataclass(frozen=True)
class Days:
    """The working days of one agency ("" for the regency's)."""

    local: LocalDays
    agency: str = ""

    def end_of(self, since: datetime, days: int) -> datetime:
        """16.00 on the last day of a term that begins with `since`."""
        return due_at(since, days, self.local, self.agency)

    def works(self, day: date) -> bool:
        return is_working_day(day, self.local, self.agency)

    def shifted(self, day: date, days: int) -> date:
        """So many working days after `day` (before, when negative); `day` itself for 0."""
        step = timedelta(days=1 if days > 0 else -1)
        for _ in range(abs(days)):
            day += step
            while not self.works(day):
                day += step
        return day

    def left(self, at: datetime, due: datetime) -> int:
        """Working days of a term that are still to come at `at`: those after it, up to the due day."""
        return sum(1 for day in _days_between(at.date(), due.date()) if self.works(day))

    def notice_at(self, due: datetime, days: int, hour: str) -> datetime:
        """When it is told: so many working days from the due day, at `hour` local time."""
        day = self.shifted(due.date(), days)
        return datetime.combine(day, time.fromisoformat(hour), tzinfo=due.tzinfo)

    def elapsed(self, since: datetime, until: datetime) -> float:
        """Working days from one moment to another, as a sum of whole days and parts of days of 24 h."""
        if until <= since:
            return 0.0
        whole = float(
            sum(1 for day in _days_between(since.date(), until.date()) if self.works(day))
        )
        return max(0.0, whole + self._part(until) - self._part(since))

    def _part(self, at: datetime) -> float:
        """How much of its day is over at `at`; none of a day off, for none of it counts."""
        if not self.works(at.date()):
            return 0.0
        midnight = datetime.combine(at.date(), time(), tzinfo=at.tzinfo)
        return (at - midnight) / timedelta(days=1) - 1.0


def _days_between(first: date, last: date) -> Iterator[date]:
    """After the first, up to and with the last."""
    day = first + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)
