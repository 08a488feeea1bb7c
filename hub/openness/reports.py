"""The yearly report: what was asked, answered, refused and escalated, and how the index went.

Its figures are kept as they were made (`YearlyReport`); a year that nobody kept yet is worked out on the
spot. No person is in it: agencies, datasets and numbers of requests only.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from statistics import median
from typing import Any

from sqlmodel import Session, col, select

from hub.agencies.models import Agency
from hub.calendar import real_now
from hub.grants.grounds import grounds
from hub.ledger.entry import HUB, Actor, Target
from hub.ledger.service import Ledger
from hub.openness import outcomes
from hub.openness.courses import Course, touched
from hub.openness.keeping import latest_scores
from hub.openness.lead_times import days_of
from hub.openness.measuring import Measure
from hub.openness.models import YearlyReport
from hub.openness.months import Month
from hub.openness.outcomes import PROCEDURE
from hub.openness.spans import Days, Span, span_of, summary_of

Body = dict[str, Any]
WAYS = (
    "approved", "approved_in_part", "automatic", "deemed", "annulled", "lawful_refusal",
    "decided_above", "emergency", "forwarded", "lapsed",
)  # fmt: skip
"""What may become of a request; what has none of them is open, or ended without a decision."""


def latest(session: Session, year: int) -> YearlyReport | None:
    wanted = select(YearlyReport).where(YearlyReport.year == year)
    return session.exec(wanted.order_by(col(YearlyReport.version).desc()).limit(1)).first()


def shown(session: Session, by: Measure, year: int, *, now: datetime) -> YearlyReport:
    """The kept one, else what it would be at this moment (version 0, without an entry)."""
    return latest(session, year) or _made(session, by, year, now)


def keep(
    session: Session,
    ledger: Ledger,
    by: Measure,
    year: int,
    *,
    now: datetime,
    actor: Actor = HUB,
) -> YearlyReport:
    """Make the report and keep it; when nothing changed since the last one, that one."""
    before, fresh = latest(session, year), _made(session, by, year, now)
    if before is not None and before.digest == fresh.digest:
        return before
    fresh.version = 1 if before is None else before.version + 1
    receipt = ledger.record(
        session,
        kind="index.report",
        actor=actor,
        target=Target("report", f"openness:{year}", version=str(fresh.version)),
        digests={"file": fresh.digest},
    )
    fresh.entry = receipt.entry_id
    session.add(fresh)
    return fresh


def body_of(
    courses: Sequence[Course],
    days: Days,
    *,
    names: Mapping[str, str],
    scores: Mapping[str, Mapping[str, tuple[float | None, str | None]]],
    grounds: Mapping[str, tuple[str, str]],
    last_share: float,
    year: int,
) -> Body:
    """The figures, from the requests of the year and the scores of its months. Pure."""
    lines = [_Line.of(course, days, last_share) for course in courses]
    by_agency: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        by_agency[line.course.producer or ""].append(line)
    agencies = sorted({*by_agency, *scores} - {""})
    return {
        "year": year,
        "names": {code: names.get(code, code) for code in agencies},
        "whole": _figures(lines),
        "index": {code: dict(scores.get(code, {})) for code in agencies},
        "agencies": {code: _figures(by_agency.get(code, [])) for code in agencies},
        "grounds": _grounds(lines, grounds),
        "requests": [line.told() for line in lines],
    }


class _Line:
    """A request of the year, with what is counted of it."""

    def __init__(self, course: Course, span: Span | None, last_share: float) -> None:
        self.course, self.span = course, span
        self.outcome = course.outcome
        self.answer = outcomes.answer(course.steps)
        self.refusals = list(outcomes.refusals(course.steps))
        self.last_hour = [one for one in self.refusals if one.in_last(last_share)]
        self.states = {step.to_state for step in course.steps}

    @classmethod
    def of(cls, course: Course, days: Days, last_share: float) -> "_Line":
        return cls(course, span_of(course, days), last_share)

    @property
    def why(self) -> str:
        return "" if self.outcome is None else self.outcome.why

    def told(self) -> list[Any]:
        """One row of the list of requests, in the order of `REQUEST_COLUMNS`."""
        course, span = self.course, self.span
        return [
            course.id,
            course.opened_at.isoformat(),
            course.requester or "",
            course.producer or "",
            course.dataset or "",
            course.state,
            self.why,
            self.refusals[-1].ground if self.refusals else "",
            None if span is None else span.days,
            None if span is None else span.with_requester,
            None if self.answer is None else self.answer.in_time,
            bool(self.last_hour),
        ]


REQUEST_COLUMNS = (
    "id", "opened_at", "requester", "producer", "dataset", "state", "outcome", "ground", "days",
    "with_requester", "in_time", "last_hour",
)  # fmt: skip


def _figures(lines: Sequence[_Line]) -> Body:
    spans = [line.span for line in lines if line.span is not None]
    whys = Counter(line.why for line in lines)
    return {
        "requests": len(lines),
        "outcomes": {way: whys[way] for way in WAYS},
        "undecided": whys[""],
        "clock": asdict(summary_of(spans)),
        "with_requester": float(median(s.with_requester for s in spans)) if spans else None,
        "overdue": sum(line.answer is not None and not line.answer.in_time for line in lines),
        "refusals": sum(len(line.refusals) for line in lines),
        "last_hour": sum(len(line.last_hour) for line in lines),
        "objections": sum(_reached(line, outcomes.OBJECTED) for line in lines),
        "escalations": sum(bool(line.states & outcomes.ABOVE) for line in lines),
        "deemed": sum(outcomes.DEEMED in line.states for line in lines),
    }


def _reached(line: _Line, state: str) -> bool:
    return any(one.startswith(state) for one in line.states)


def _grounds(lines: Sequence[_Line], titles: Mapping[str, tuple[str, str]]) -> list[Body]:
    """Every ground of the closed list, used or not, and whatever else was named."""
    found: dict[str, Counter[str]] = defaultdict(Counter, {code: Counter() for code in titles})
    for line in lines:
        for refusal in line.refusals:
            found[refusal.ground]["refusals"] += 1
            found[refusal.ground]["last_hour"] += refusal in line.last_hour
            found[refusal.ground]["annulled"] += line.why == "annulled"
    return [
        {
            "ground": ground,
            "title_id": titles.get(ground, ("", ""))[0],
            "title_en": titles.get(ground, ("", ""))[1],
            **{name: counts[name] for name in ("refusals", "last_hour", "annulled")},
        }
        for ground, counts in sorted(found.items())
    ]


def _made(session: Session, by: Measure, year: int, now: datetime) -> YearlyReport:
    zone = by.settings.zone
    since, end = Month(year, 1).starts(zone), Month(year + 1, 1).starts(zone)
    until = end if now >= end else max(now, real_now())
    courses = [
        course
        for course in touched(session, PROCEDURE, since=since, until=until)
        if since <= course.opened_at < until
    ]
    names = dict(session.execute(select(Agency.code, Agency.name)).all())
    scores = latest_scores(session, Month(year, 1), Month(year, 12))
    body = body_of(
        courses,
        days_of(session, by),
        names=names,
        scores=scores,
        grounds={one.code: (one.title, one.title_en) for one in grounds(session).values()},
        last_share=by.book.body["last_share"],
        year=year,
    )
    written = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return YearlyReport(
        year=year,
        version=0,
        as_of=min(now, end),
        made_at=real_now(),
        body=json.loads(written),
        digest=sha256(written.encode()).hexdigest(),
        entry="",
    )
