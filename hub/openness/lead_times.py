"""Published clocks: what the owner of a dataset declares, beside what is measured over a year."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog import datasets
from catalog.models import Dataset
from hub.access.visibility import visible_to
from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.calendar import real_now
from hub.errors import InvalidInput, NotPermitted
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.openness import outcomes
from hub.openness.courses import Course, touched
from hub.openness.measuring import Measure, waiting_for
from hub.openness.models import DeclaredLead
from hub.openness.months import Month
from hub.openness.outcomes import PROCEDURE, Refusal
from hub.openness.spans import Days, Span, Summary, span_of, summary_of
from hub.rules import service as rules

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class LeadTime:
    """Of one dataset over the last year. `declared` is in working days, None while nothing is said.

    `flagged` when the declared time was shorter than the measured median in each of the last
    finished months that the book names. `with_requester` are median working days apart.
    """

    dataset: str
    declared: int | None
    declared_at: datetime | None
    measured: Summary
    with_requester: float | None
    refusals: int
    last_hour_refusals: int
    flagged: bool


def of_datasets(
    session: Session, by: Measure, names: Collection[str], *, now: datetime
) -> dict[str, LeadTime]:
    """`now` is by the business clock; datasets that nobody asked for have a summary of nothing."""
    until = max(now, real_now())
    courses = touched(session, PROCEDURE, since=now - YEAR, until=until, datasets=names)
    days = days_of(session, by)
    by_dataset: dict[str, list[Course]] = defaultdict(list)
    for course in courses:
        by_dataset[course.dataset or ""].append(course)
    declared = _declared(session, names)
    return {
        name: _of_dataset(name, by_dataset.get(name, ()), declared.get(name), by, days, now)
        for name in names
    }


def known_names(
    session: Session, actor: Principal | None, *, after: str | None, limit: int
) -> list[str]:
    """Datasets that the actor may know of, in order, from the one after `after`."""
    wanted = select(Dataset.id).where(visible_to(actor, now=real_now()))
    if after is not None:
        wanted = wanted.where(col(Dataset.id) > after)
    return list(session.exec(wanted.order_by(col(Dataset.id)).limit(limit)))


def days_of(session: Session, by: Measure) -> Days:
    """Counting by the instance's days, with the states of the book as it is now."""
    procedure = rules.current(session, PROCEDURE).body
    return Days(by.settings.zone, by.local, waiting_for(procedure, "pemohon"))


def declare(
    session: Session, ledger: Ledger, principal: Principal, by: Measure, name: str, days: int | None
) -> DeclaredLead:
    """Say how long an answer takes, or take it back (None). The owner's steward; raises NotPermitted."""
    agency, _, slug = name.partition("/")
    dataset = datasets.get(session, agency, slug)
    principal.must(scopes.DATASET_WRITE)
    if not principal.holds(Role.STEWARD, agency) or not principal.reaches(name):
        raise NotPermitted(
            f"Waktu jawab dinyatakan pengelola data {agency}.",
            f"The answering time is declared by a steward of {agency}.",
            agency=agency,
        )
    most = by.book.body["lead_time"]["most_days"]
    if days is not None and not 0 <= days <= most:
        raise InvalidInput(
            f"Waktu jawab adalah 0 sampai {most} hari kerja.",
            f"The answering time is 0 to {most} working days.",
            field="days",
        )
    row = DeclaredLead(dataset=dataset.id, at=real_now(), days=days, declared_by=principal.id)
    session.add(row)
    ledger.record(
        session,
        kind="dataset.lead_time",
        actor=actor_of(principal, agency),
        target=Target("dataset", dataset.id),
        outcome="ok" if days is not None else "withdrawn",
        counts=None if days is None else {"days": days},
    )
    return row


def last_hour(courses: Sequence[Course], share: float) -> list[tuple[Course, Refusal]]:
    """Refusals that came in the last share of their window (more-anchors.md §3)."""
    return [
        (course, refusal)
        for course in courses
        for refusal in outcomes.refusals(course.steps)
        if refusal.in_last(share)
    ]


def _of_dataset(
    name: str,
    courses: Sequence[Course],
    declared: DeclaredLead | None,
    by: Measure,
    days: Days,
    now: datetime,
) -> LeadTime:
    spans = [span for course in courses if (span := span_of(course, days)) is not None]
    promised = None if declared is None else declared.days
    refused = sum(len(list(outcomes.refusals(course.steps))) for course in courses)
    return LeadTime(
        dataset=name,
        declared=promised,
        declared_at=None if declared is None or promised is None else declared.at,
        measured=summary_of(spans),
        with_requester=median(s.with_requester for s in spans) if spans else None,
        refusals=refused,
        last_hour_refusals=len(last_hour(courses, by.book.body["last_share"])),
        flagged=promised is not None
        and flagged(by.book.body["lead_time"], promised, spans, Month.of(now.date())),
    )


def flagged(rule: Mapping[str, Any], declared: int, spans: Sequence[Span], running: Month) -> bool:
    """Declared shorter than the median of each of the last months before the running one."""
    for back in range(1, rule["flag_months"] + 1):
        month = running.plus(-back)
        of_month = [span.days for span in spans if Month.of(span.answered_on) == month]
        if len(of_month) < rule["min_cases"] or median(of_month) <= declared:
            return False
    return True


def _declared(session: Session, names: Collection[str]) -> dict[str, DeclaredLead]:
    """The newest word on each."""
    newest = (
        select(DeclaredLead.dataset, func.max(DeclaredLead.at).label("at"))
        .where(col(DeclaredLead.dataset).in_(names))
        .group_by(col(DeclaredLead.dataset))
        .subquery()
    )
    wanted = select(DeclaredLead).join(
        newest,
        (col(DeclaredLead.dataset) == newest.c.dataset) & (col(DeclaredLead.at) == newest.c.at),
    )
    return {row.dataset: row for row in session.exec(wanted)}
