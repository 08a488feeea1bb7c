"""The days by which data prioritas is to be there: the first one that was set, and on by its schedule."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

from catalog.models import Frequency
from hub.calendar import NONE, LocalDays, is_working_day

DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7}
MONTHS = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
}


def due_days(first: date, frequency: Frequency, local: LocalDays = NONE) -> Iterator[date]:
    """Each once, in order; a day off moves to the next working day.

    What is not published on a schedule (seketika, insidental) is due on the first day alone.
    """
    last = date.min
    for nominal in _nominal(first, frequency):
        day = nominal
        while not is_working_day(day, local):
            day += timedelta(days=1)
        if day > last:
            last = day
            yield day


def _nominal(first: date, frequency: Frequency) -> Iterator[date]:
    if frequency in DAYS:
        yield from (first + timedelta(days=DAYS[frequency] * n) for n in count())
    elif frequency in MONTHS:
        yield from (_months_on(first, MONTHS[frequency] * n) for n in count())
    else:
        yield first


def _months_on(first: date, months: int) -> date:
    """The same day of the month, or its last one: 31 January, 28 February, 31 March."""
    years, month = divmod(first.month - 1 + months, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
