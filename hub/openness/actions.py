"""The actions that are worth most points: the formula evaluated with one thing done, and not done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.openness.courses import Course
from hub.openness.formula import Case, Cases, evaluate
from hub.openness.outcomes import LATE

DECIDE, MEND, PUBLISH, DESCRIBE, RENEW, ENTER = (
    "decide", "mend", "publish", "describe", "renew", "enter",
)  # fmt: skip
LEAST = 0.005
"""Points that round to nothing are no reason to act."""
OF_LACKS = {"unpublished": PUBLISH, "metadata_missing": DESCRIBE, "not_entered": ENTER}


@dataclass(frozen=True)
class Action:
    """What to do with `kind` `id` (as in a case), until when, and what it is worth in points.

    The worth is the score with it done, less the score without: a request that nobody decides will
    be overdue.
    """

    what: str
    kind: str
    id: str
    due_at: datetime | None
    points: float


@dataclass(frozen=True)
class _Change:
    what: str
    kind: str
    id: str
    due_at: datetime | None
    done: Cases
    undone: Cases


def best(
    book: Mapping[str, Any], cases: Cases, waiting: Sequence[Course], *, now: datetime
) -> list[Action]:
    """So many as the book says, most points first; `waiting` are requests that wait for the agency."""
    found = []
    for change in _changes(cases, waiting, now, book["window_months"]):
        done, undone = evaluate(book, change.done).exact, evaluate(book, change.undone).exact
        points = (done or 0.0) - (undone or 0.0)
        if points >= LEAST:
            found.append(Action(change.what, change.kind, change.id, change.due_at, points))
    found.sort(key=lambda one: (-one.points, one.due_at is None, one.due_at, one.id))
    return found[: book["actions"]]


def _changes(
    cases: Cases, waiting: Sequence[Course], now: datetime, months: int
) -> Iterator[_Change]:
    for course in waiting:
        yield _decision(cases, course, now)
    for case in cases.get("A", ()):
        if case.why in OF_LACKS and case.value == 0:
            yield _repair(cases, "A", case, OF_LACKS[case.why], 1.0)
    for case in cases.get("D", ()):
        if case.value is None:
            continue
        if case.why == "stale":  # of the month ends that are looked at, the last one turns good
            yield _repair(cases, "D", case, RENEW, min(1.0, case.value + 1 / months))
        if case.part == "validity" and case.value < 1:
            yield _repair(cases, "D", case, MEND, 1.0)


def _decision(cases: Cases, course: Course, now: datetime) -> _Change:
    """In time counts for B; given counts for C. Once overdue, only openness is left to win."""
    given = Case("request", course.id, 1.0, "approved")
    until = course.due_at if course.due_at is not None and course.due_at >= now else None
    if course.state == LATE or until is None:
        done = _with(cases, "C", given)
        return _Change(DECIDE, "request", course.id, until, done, _with(cases, "C", _bad(given)))
    in_time = Case("request", course.id, 1.0, "in_time")
    return _Change(
        DECIDE,
        "request",
        course.id,
        until,
        _with(cases, "B", in_time),
        _with(cases, "B", _bad(in_time)),
    )


def _bad(case: Case) -> Case:
    return replace(case, value=0.0)


def _with(cases: Cases, letter: str, case: Case) -> Cases:
    return {**cases, letter: [*cases.get(letter, ()), case]}


def _repair(cases: Cases, letter: str, case: Case, what: str, value: float) -> _Change:
    mended = replace(case, value=value)
    done = {**cases, letter: [mended if one is case else one for one in cases[letter]]}
    return _Change(what, case.kind, case.id, None, done, cases)
