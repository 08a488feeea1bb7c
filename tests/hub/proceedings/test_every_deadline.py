"""Every deadline of three years equals one that is counted in another way, on dates written out here."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hub.calendar import LocalDays
from hub.proceedings.clocks import Days

ZONE = ZoneInfo("Asia/Makassar")
SKB = {
    2025: "01-01 01-27 01-28 01-29 03-28 03-29 03-31 04-01 04-02 04-03 04-04 04-07 04-18 04-20 "
    "05-01 05-12 05-13 05-29 05-30 06-01 06-06 06-09 06-27 08-17 08-18 09-05 12-25 12-26",
    2026: "01-01 01-16 02-16 02-17 03-18 03-19 03-20 03-21 03-22 03-23 03-24 04-03 04-05 05-01 "
    "05-14 05-15 05-27 05-28 05-31 06-01 06-16 08-17 08-25 12-24 12-25",
    2027: "01-01 01-05 02-05 02-06 03-08 03-09 03-10 03-11 03-12 03-15 03-25 03-26 03-28 05-01 "
    "05-06 05-17 05-18 05-19 05-20 06-01 06-06 08-15 08-17 12-24 12-25 12-26",
    2028: "01-01 01-26 02-27 02-28",
}
"""Days off by the joint decrees (2027 with estimates, as the pinned list has them); 2028 for what ends then."""
OFF = np.array(
    [f"{year}-{day}" for year, days in SKB.items() for day in days.split()], "datetime64[D]"
)
HOURS = (
    time(0, 0),
    time(9, 30),
    time(15, 59, 59),
    time(16, 0),
    time(16, 0, 0, 1),
    time(23, 59, 59),
)
TERMS = range(1, 21)
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
ALL_DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
LOCAL: LocalDays = {
    (date(2025, 12, 29), ""): True,  # the regency closes
    (date(2026, 3, 14), ""): False,  # it works on a Saturday
    (date(2026, 6, 1), ""): False,  # and on a holiday
    (date(2026, 6, 10), "bpbj"): True,  # one agency closes
    (date(2026, 6, 13), "bpbj"): False,  # and makes up for it
    (date(2026, 3, 14), "bpbj"): True,  # and does not follow the regency's Saturday
}


def test_every_national_deadline() -> None:
    """1,095 days, six hours, terms of 1 to 20 days: by numpy's own business days."""
    days, wrong = Days({}), []
    calendar = np.busdaycalendar(holidays=OFF)
    for day in ALL_DAYS:
        for hour in HOURS:
            received = np.busday_offset(
                np.datetime64(day) + (hour > time(16, 0)), 0, roll="forward", busdaycal=calendar
            )
            ends = np.busday_offset(received, np.arange(1, 21), busdaycal=calendar)
            since = datetime.combine(day, hour, tzinfo=ZONE)
            for term, end in zip(TERMS, ends, strict=True):
                wanted = datetime.combine(end.item(), time(16, 0), tzinfo=ZONE)
                if days.end_of(since, term) != wanted:
                    wrong.append((since, term, wanted))
    assert wrong == []


def worked(agency: str) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    """Every day that is worked, in order: the nation's, as the regency and then the agency say."""
    span = np.arange(np.datetime64("2025-01-01"), np.datetime64("2028-02-20"))
    open_days = set(span[np.is_busday(span, holidays=OFF)].tolist())
    for whose in ("", agency):
        for (day, said_by), off in LOCAL.items():
            if said_by == whose:
                (open_days.discard if off else open_days.add)(day)
    return np.array(sorted(open_days), "datetime64[D]")


@pytest.mark.parametrize("agency", ["", "bpbj", "bappeda"])
def test_every_deadline_with_local_days(agency: str) -> None:
    """By the place of a day in the row of all worked days; a Saturday that is worked counts."""
    row, days, wrong = worked(agency), Days(LOCAL, agency), []
    for day in ALL_DAYS:
        for hour in (time(9, 30), time(16, 0, 1)):
            first = np.searchsorted(row, np.datetime64(day) + (hour > time(16, 0)))
            since = datetime.combine(day, hour, tzinfo=ZONE)
            for term in (1, 2, 3, 5, 7, 10, 20):
                wanted = datetime.combine(row[first + term].item(), time(16, 0), tzinfo=ZONE)
                if days.end_of(since, term) != wanted:
                    wrong.append((since, term, wanted))
    assert wrong == []


@pytest.mark.parametrize("agency", ["", "bpbj"])
def test_what_is_left_of_a_term_and_when_it_is_told_of(agency: str) -> None:
    row, days = worked(agency), Days(LOCAL, agency)
    for place in range(40, len(row) - 40, 7):
        due = datetime.combine(row[place].item(), time(16, 0), tzinfo=ZONE)
        for marked in (-15, -10, -5, -2, -1, 0, 1, 3):
            told = days.notice_at(due, marked, "08:00")
            assert (told.date(), told.hour) == (row[place + marked].item(), 8)
        for back in range(1, 30):
            at = datetime.combine(due.date() - timedelta(days=back), time(11, 0), tzinfo=ZONE)
            after = np.searchsorted(row, np.datetime64(at.date()), side="right")
            assert days.left(at, due) == place - after + 1


@pytest.mark.parametrize(
    ("since", "term", "due"),
    [
        ("2026-03-13 10:00", 5, "2026-03-27"),
        ("2026-06-08 10:00", 5, "2026-06-15"),
        ("2026-12-21 10:00", 10, "2027-01-08"),
        ("2026-03-27 16:00", 2, "2026-03-31"),
        ("2026-03-27 16:00:01", 2, "2026-04-01"),
    ],
)
def test_the_worked_examples(since: str, term: int, due: str) -> None:
    """domain.md §2.9 and §4.4."""
    moment = datetime.fromisoformat(since).replace(tzinfo=ZONE)
    assert f"{Days({}).end_of(moment, term):%Y-%m-%d %H:%M}" == f"{due} 16:00"
