"""Measuring: from the hub's own tables to the cases of every agency for one window.

The clocks of requests (B, C) are read from the steps of their proceedings, which are never edited.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from hub.agencies.models import Agency, Post
from hub.agencies.roles import Role
from hub.calendar import LocalDays
from hub.grants.models import Grant
from hub.openness import holdings, outcomes
from hub.openness.courses import Course, touched
from hub.openness.formula import Case
from hub.openness.models import Contest
from hub.openness.months import Window
from hub.openness.outcomes import PROCEDURE
from hub.rules import service as rules
from hub.settings import Settings
from hub.usage.models import ReadCount

BOOK = "indeks-keterbukaan"
CONTESTS = "bantahan-indeks"
OF_REQUESTS = ("B", "C")
COUNTED_GOOD, LEFT_OUT = "counted_good", "left_out"

AgencyCases = dict[str, list[Case]]


@dataclass(frozen=True)
class Measure:
    """What a measurement needs of the running hub: settings, the days of the regency, a book."""

    settings: Settings
    local: LocalDays
    book: rules.Book


@dataclass(frozen=True)
class Measured:
    """Cases by component, and what is shown beside the score and never scored."""

    cases: AgencyCases
    shown: dict[str, Any]


def measure(
    session: Session, by: Measure, window: Window, agencies: Collection[str]
) -> dict[str, Measured]:
    """Of each of these agencies; contests that were upheld are counted as their ruling says."""
    zone = by.settings.zone
    walidata = walidata_agencies(session) & set(agencies)
    producers = None if walidata or len(agencies) > 1 else agencies
    courses = touched(
        session, PROCEDURE, since=window.since, until=window.until, producers=producers
    )
    held = holdings.held(session, by.settings, window, agencies)
    unused = _unused(session, by.book.body, courses, window)
    by_producer = _grouped(courses)
    exchanged = _exchanged(session, window)
    found = {}
    for agency in agencies:
        cases: AgencyCases = {
            "A": holdings.available(by.book.body, held, agency, window.last_day),
            "B": list(_timely(by.book.body, by_producer.get(agency, ()), window, unused)),
            "C": list(_open(by.book.body, by_producer.get(agency, ()), window, unused)),
            "D": holdings.quality(held, agency, window, zone, by.local),
            "E": holdings.punctuality(held, agency, window, zone, by.local),
            "F": [],
        }
        if agency in walidata:
            cases["B"] += _as_walidata(session, courses, window, agency)
        found[agency] = Measured(cases, _shown(exchanged, agency))
    return _ruled(session, window, found)


def measured_agencies(session: Session) -> list[str]:
    """Codes of the active agencies, in order."""
    return list(session.exec(select(Agency.code).where(Agency.active).order_by(col(Agency.code))))


def walidata_agencies(session: Session) -> set[str]:
    """Agencies with a post that carries the walidata's role."""
    return set(session.exec(select(Post.agency).where(Post.role == Role.WALIDATA)).all())


def waiting_for(procedure: Mapping[str, Any], whom: str) -> set[str]:
    """States of a procedure (its book) in which everybody waits for this party."""
    return {name for name, said in procedure["states"].items() if said.get("waits_for") == whom}


def with_ruling(case: Case, wanted: str) -> Case:
    """The case as an upheld contest says it is to be counted."""
    if wanted == LEFT_OUT:
        return replace(case, value=None, why="contested_left_out")
    return replace(case, value=1.0, why="contested_good")


def _timely(
    book: Mapping[str, Any], courses: Sequence[Course], window: Window, unused: set[str]
) -> Iterator[Case]:
    automatic = book["components"]["B"]["automatic"]
    for course in courses:
        said = outcomes.answer(course.steps)
        if said is None and automatic:
            said = _of_itself(course)
        if said is None or not window.holds(said.at):
            continue
        why = "in_time" if said.in_time else "overdue"
        yield _case(course, float(said.in_time), why, said.at, unused)


def _of_itself(course: Course) -> outcomes.Answer | None:
    came = course.outcome
    if came is None or came.why != "automatic":
        return None
    return outcomes.Answer(came.at, True, outcomes.AUTOMATIC)


def _open(
    book: Mapping[str, Any], courses: Sequence[Course], window: Window, unused: set[str]
) -> Iterator[Case]:
    automatic = book["components"]["C"]["automatic"]
    for course in courses:
        came = course.outcome
        if came is None or not window.holds(came.at):
            continue
        if came.why == "automatic" and not automatic:
            continue
        yield _case(course, came.value, came.why, came.at, unused)


def _case(course: Course, value: float | None, why: str, at: datetime, unused: set[str]) -> Case:
    """A request that was given and never used says nothing, neither of time nor of openness."""
    if course.id in unused:
        value, why = None, "unused"
    return Case("request", course.id, value, why, at=at.isoformat())


def _as_walidata(
    session: Session, courses: Iterable[Course], window: Window, agency: str
) -> Iterator[Case]:
    """The clocks that ran for the walidata itself: checking, mediating, objections, contests."""
    contests = touched(session, CONTESTS, since=window.since, until=window.until)
    for procedure, its in ((PROCEDURE, courses), (CONTESTS, contests)):
        states = waiting_for(rules.current(session, procedure).body, "walidata")
        for course in its:
            for number, at, in_time in outcomes.answers_of(course.steps, states, agency):
                if window.holds(at):
                    why = "walidata_in_time" if in_time else "walidata_overdue"
                    name = f"{course.id}/{number}"
                    yield Case("step", name, float(in_time), why, at=at.isoformat())


def _grouped(courses: Iterable[Course]) -> dict[str, list[Course]]:
    by_producer: dict[str, list[Course]] = defaultdict(list)
    for course in courses:
        by_producer[course.producer or ""].append(course)
    return by_producer


def _unused(
    session: Session, book: Mapping[str, Any], courses: Iterable[Course], window: Window
) -> set[str]:
    """Requests given, with the days of the book gone by since, and not one read under their grants.

    Grants and reads are of real time, also where the business clock stands on another day.
    """
    after, zone = timedelta(days=book["unused_days"]), window.since.tzinfo
    given = {
        course.id: came.at
        for course in courses
        if (came := course.outcome) is not None and came.value == 1.0
    }
    found = _first_reads(session, min(given.values(), default=window.as_of))
    unused = set()
    for request, at in given.items():
        began, read = found.get(request, (at, None))
        over = began + after
        if over < window.as_of and (read is None or read > over.astimezone(zone).date()):
            unused.add(request)
    return unused


def _first_reads(session: Session, since: datetime) -> dict[str, tuple[datetime, date | None]]:
    """By request, when its first grant began and the first day on which something was read under one."""
    wanted = (
        select(Grant.request, func.min(Grant.starts_at), func.min(ReadCount.day))
        .join(
            ReadCount,
            and_(col(ReadCount.grant) == col(Grant.digest), col(ReadCount.reads) > 0),
            isouter=True,
        )
        .where(Grant.starts_at >= since - timedelta(days=1))
        .group_by(col(Grant.request))
    )
    return {request: (began, read) for request, began, read in session.execute(wanted)}


@dataclass(frozen=True)
class _Exchange:
    """Grants that began in a window, by who gave and who got; reads by whose data."""

    given: Mapping[str, int]
    received: Mapping[str, int]
    reads: Mapping[str, int]


def _exchanged(session: Session, window: Window) -> _Exchange:
    began = (Grant.starts_at >= window.since, Grant.starts_at < window.until)
    between = session.execute(
        select(Grant.producer, Grant.grantee_agency, func.count())
        .where(*began, col(Grant.grantee_agency).is_not(None))
        .group_by(col(Grant.producer), col(Grant.grantee_agency))
    ).all()
    given: dict[str, int] = defaultdict(int)
    received: dict[str, int] = defaultdict(int)
    for giver, taker, grants in between:
        if giver != taker:
            given[giver] += grants
            received[taker] += grants
    reads = session.execute(
        select(ReadCount.owner, func.sum(ReadCount.reads))
        .where(
            ReadCount.day >= window.since.date(),
            ReadCount.day < window.until.date(),
            ReadCount.agency != ReadCount.owner,
        )
        .group_by(col(ReadCount.owner))
    ).all()
    return _Exchange(given, received, {owner: int(n) for owner, n in reads})


def _shown(exchanged: _Exchange, agency: str) -> dict[str, Any]:
    """Reciprocity: given ÷ (given + received), in grants; credit: reads of its data by others."""
    given, received = exchanged.given.get(agency, 0), exchanged.received.get(agency, 0)
    return {
        "given": given,
        "received": received,
        "reciprocity": given / (given + received) if given + received else None,
        "reads_by_others": exchanged.reads.get(agency, 0),
    }


def _ruled(session: Session, window: Window, found: dict[str, Measured]) -> dict[str, Measured]:
    """What a request was stays what was ruled; the state of a dataset is one of its month."""
    upheld = select(Contest).where(
        col(Contest.upheld_at).is_not(None), col(Contest.agency).in_(found)
    )
    for contest in session.exec(upheld.order_by(col(Contest.upheld_at))):
        if contest.component not in OF_REQUESTS and contest.month != str(window.month):
            continue
        cases = found[contest.agency].cases
        cases[contest.component] = [
            with_ruling(case, contest.wanted) if case.id in contest.cases else case
            for case in cases[contest.component]
        ]
    return found
