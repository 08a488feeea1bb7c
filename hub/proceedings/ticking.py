"""What the clock does: it moves what nobody moved, and tells what is due to be told.

Every move is a transaction of its own, claimed by a row lock, in the order in which terms end; a move
counts from the end of its term, so a late tick comes to the same as one in time. Any number of workers
may tick. What ran out while the hub itself was not there is not held against anybody (`heartbeat`).
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from hub.db import reading, unit_of_work
from hub.proceedings import machine, telling
from hub.proceedings.models import NoticeState, PlannedNotice, Proceeding
from hub.proceedings.office import Office
from hub.proceedings.subject import Subjects

log = structlog.get_logger(__name__)

AT_ONCE = 200


@dataclass
class Ticked:
    moved: int = 0
    told: int = 0
    failed: int = 0


def tick(engine: Engine, office: Office, subjects: Subjects, *, now: datetime) -> Ticked:
    """Everything whose time has come by `now`; a proceeding may take several steps at once."""
    ticked, stuck = Ticked(), set[str]()
    while found := _ran_out(engine, subjects, now, stuck):
        for proceeding_id in found:
            try:
                ticked.moved += _move(engine, office, subjects, proceeding_id, now)
            except Exception:  # one that cannot be moved must not hold up the others
                stuck.add(proceeding_id)  # it is tried again at the next tick
                ticked.failed += 1
                log.exception("proceeding_stuck", proceeding=proceeding_id)
    while _tell_some(engine, office, subjects, now, ticked):
        pass
    return ticked


def _ran_out(engine: Engine, subjects: Subjects, now: datetime, stuck: set[str]) -> list[str]:
    with reading(engine) as session:
        wanted = (
            select(Proceeding.id)
            .where(
                col(Proceeding.due_at) <= now,
                col(Proceeding.ends_at).is_(None),
                col(Proceeding.procedure).in_(list(subjects)),
            )
            .order_by(col(Proceeding.due_at), col(Proceeding.id))
            .limit(AT_ONCE + len(stuck))
        )
        return [found for found in session.exec(wanted) if found not in stuck]


def _move(
    engine: Engine, office: Office, subjects: Subjects, proceeding_id: str, now: datetime
) -> int:
    """One silent move; 0 when somebody else has it in hand or was first."""
    with unit_of_work(engine) as session:
        proceeding = _claimed(session, proceeding_id)
        if proceeding is None or proceeding.due_at is None or proceeding.due_at > now:
            return 0
        machine.run_out(session, office, subjects[proceeding.procedure], proceeding)
        return 1


def _claimed(session: Session, proceeding_id: str) -> Proceeding | None:
    wanted = select(Proceeding).where(Proceeding.id == proceeding_id)
    return session.exec(wanted.with_for_update()).first()


def _tell_some(
    engine: Engine, office: Office, subjects: Subjects, now: datetime, ticked: Ticked
) -> bool:
    """Tell what is due, some at a time; a warning that comes too late to warn is dropped."""
    with unit_of_work(engine) as session:
        wanted = (
            select(PlannedNotice, Proceeding)
            .join(Proceeding, col(Proceeding.id) == col(PlannedNotice.proceeding))
            .where(
                PlannedNotice.state == NoticeState.PLANNED,
                col(PlannedNotice.at) <= now,
                col(Proceeding.procedure).in_(list(subjects)),
            )
            .order_by(col(PlannedNotice.at), col(PlannedNotice.proceeding), col(PlannedNotice.to))
            .limit(AT_ONCE)
            .with_for_update(of=PlannedNotice.__table__, skip_locked=True)  # type: ignore[attr-defined]  # SQLModel does not declare it
        )
        found = session.exec(wanted).all()
        for planned, proceeding in found:
            late = planned.days <= 0 and planned.due_at <= now
            planned.state = NoticeState.DROPPED if late else NoticeState.SENT
            session.add(planned)
            if not late:
                procedure = machine.procedure_of(session, proceeding)
                subject = subjects[proceeding.procedure]
                telling.mark(session, office.clock.zone, procedure, subject, proceeding, planned)
                ticked.told += 1
        return len(found) == AT_ONCE
