"""The yearly report for whoever asks: datasets that the reader may not know of have no name in it."""

from datetime import datetime

from sqlmodel import Session, select

from catalog.models import Dataset
from hub.access.visibility import visible_to
from hub.agencies.principal import Principal, actor_of
from hub.auth import scopes
from hub.calendar import real_now
from hub.ledger.service import Ledger
from hub.openness import reports
from hub.openness.measuring import Measure
from hub.openness.models import YearlyReport
from hub.openness.reports import REQUEST_COLUMNS

PLACE = REQUEST_COLUMNS.index("dataset")


def shown_to(
    session: Session, by: Measure, actor: Principal | None, year: int, *, now: datetime
) -> YearlyReport:
    """The kept report, else one of this moment; a copy, with names of datasets as the reader may know."""
    report = reports.shown(session, by, year, now=now)
    seen = set(session.exec(select(Dataset.id).where(visible_to(actor, now=real_now()))))
    rows = [_told(row, seen) for row in report.body["requests"]]
    return YearlyReport(**report.model_dump() | {"body": {**report.body, "requests": rows}})


def keep_for(
    session: Session, ledger: Ledger, by: Measure, actor: Principal, year: int, *, now: datetime
) -> YearlyReport:
    """By the walidata; raises NotPermitted."""
    actor.must(scopes.AGENCY_ADMIN)
    actor.must_have("walidata")
    return reports.keep(session, ledger, by, year, now=now, actor=actor_of(actor))


def _told(row: list[object], seen: set[str]) -> list[object]:
    if row[PLACE] in seen:
        return row
    return [*row[:PLACE], "", *row[PLACE + 1 :]]
