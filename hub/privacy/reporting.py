"""A case with its report, names and grants put in."""

from datetime import datetime

from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.privacy import breaches, naming
from hub.privacy.shapes import BreachReport, report_out


def report_of(session: Session, actor: Principal, breach_id: str, now: datetime) -> BreachReport:
    row, found = breaches.report(session, actor, breach_id)
    known = naming.known(session, [line.way for line in found.lines])
    return report_out(row, found, known, now)
