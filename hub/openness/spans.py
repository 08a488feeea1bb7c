"""How long answers take, in working days, the time with the requester apart. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from hub.calendar import LocalDays, working_days_between
from hub.openness import outcomes
from hub.openness.courses import Course

NINE_TENTHS = 0.9


@dataclass(frozen=True)
class Days:
    """How working days are counted, and in which states everybody waits for the requester."""

    zone: ZoneInfo
    local: LocalDays
    with_requester: Collection[str]

    def between(self, start: datetime, end: datetime, agency: str) -> int:
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        return working_days_between(first, last, self.local, agency)


@dataclass(frozen=True)
class Span:
    """One answered request: working days until its first outcome without those `with_requester`.

    `in_time` is the producer's own clock; None when it had none.
    """

    request: str
    answered_on: date
    days: int
    with_requester: int
    in_time: bool | None


@dataclass(frozen=True)
class Summary:
    """Of some spans: median and nine tenths in working days (nearest rank), share in time 0 to 1."""

    answers: int
    median: float | None
    p90: int | None
    in_time: float | None
    timed: int


def span_of(course: Course, days: Days) -> Span | None:
    """None while it is not answered, and when it lapsed or went to another agency."""
    first = next(outcomes.every_outcome(course.steps, course.producer), None)
    if first is None or first.why in outcomes.UNANSWERED:
        return None
    ended = first.at
    agency = course.producer or ""
    apart = sum(
        days.between(start, end, agency)
        for start, end in course.waited(days.with_requester)
        if end <= ended
    )
    whole = days.between(course.opened_at, ended, agency)
    said = outcomes.answer(course.steps)
    on = ended.astimezone(days.zone).date()
    return Span(course.id, on, max(0, whole - apart), apart, None if said is None else said.in_time)


def summary_of(spans: Sequence[Span]) -> Summary:
    days = sorted(span.days for span in spans)
    timed = [span.in_time for span in spans if span.in_time is not None]
    return Summary(
        answers=len(days),
        median=float(median(days)) if days else None,
        p90=days[ceil(NINE_TENTHS * len(days)) - 1] if days else None,
        in_time=sum(timed) / len(timed) if timed else None,
        timed=len(timed),
    )
