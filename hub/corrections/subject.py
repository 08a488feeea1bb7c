"""What the machine of states asks of a report of a wrong value, and what its moves do to the mark."""

import json
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func
from sqlmodel import Session, select

from catalog import marks, releases
from catalog.marks import ADMITTED, CONFIRMED, UNANSWERED, UNDER_RESEARCH
from hub.agencies.principal import Principal
from hub.corrections.models import CorrectionJoined, CorrectionReport
from hub.identifiers import new_id
from hub.outbox import service as outbox
from hub.outbox.service import EventType
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words

PROCEDURE = "laporan-data-salah"
BY_RELEASE = "rilis_mengubah"
"""What the hub does when a release holds another value in the cell."""
BY_STATEMENT = "nyatakan_diperbaiki"

_SAYS = {
    "research": UNDER_RESEARCH,
    "admit": ADMITTED,
    "confirm": CONFIRMED,
    "unanswered": UNANSWERED,
}


class CorrectionSubject:
    """Reports of wrong values."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        """`alone`: nobody joined, so the report is the reporter's to withdraw."""
        joined = select(func.count()).where(CorrectionJoined.report == proceeding.id)
        return {"alone": session.exec(joined).one() == 0}

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        if name in _SAYS:
            marks.reword(session, proceeding.id, _SAYS[name], new_id())
        elif name == "lift":
            marks.close(session, proceeding.id, step.at, new_id())
        elif name == "corrected":
            settle(session, session.get_one(CorrectionReport, proceeding.id), step.at)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        """Of what was said, with a keyed digest of the value: nobody tries out what stood there."""
        report = session.get_one(CorrectionReport, proceeding.id)
        said = report.model_dump(mode="json", exclude={"fixed_in", "told"})
        value = session.get_one(marks.Mark, proceeding.id).value
        return sha256(json.dumps({**said, "value": value}, sort_keys=True).encode()).hexdigest()

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        report = session.get_one(CorrectionReport, proceeding.id)
        return Words(
            f"Laporan nilai salah pada kolom {report.field} di {report.dataset}",
            f"Report of a wrong value in the column {report.field} of {report.dataset}",
        )

    def path(self, proceeding: Proceeding) -> str:
        return f"/laporan-data/{proceeding.id}"


def settle(session: Session, report: CorrectionReport, at: datetime) -> None:
    """Take the mark away because the value was corrected; whoever read it is told after the commit."""
    if not marks.close(session, report.id, at, new_id()):
        return
    latest = releases.latest(session, report.dataset)
    report.fixed_in = None if latest is None else latest.number
    session.add(report)
    told = {"report": report.id, "field": report.field, "release": report.fixed_in}
    outbox.record(session, EventType.CORRECTION_SETTLED, dataset=report.dataset, data=told)
