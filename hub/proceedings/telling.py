"""What people are told of a proceeding: at once when it comes to them, and by the marks of its term."""

from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlmodel import Session

from hub.calendar import CUT_OFF
from hub.notices.telling import Message, tell
from hub.proceedings import parties
from hub.proceedings.models import PlannedNotice, Proceeding, Step
from hub.proceedings.procedure import Move, Procedure
from hub.proceedings.subject import Subject


def opened(
    session: Session,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    to: Sequence[str],
) -> None:
    """Tell these parties that it has begun, and where it stands."""
    title, state = procedure.title, procedure.states[proceeding.state]
    about = subject.title(session, proceeding)
    message = Message(
        once=f"{proceeding.id}/1",
        topic=f"{procedure.ledger}.submitted",
        subject_id=f"{proceeding.id}: {title.id}",
        subject_en=f"{proceeding.id}: {title.en}",
        body_id=f"{about.id}. Keadaan sekarang: {state.title.id}.",
        body_en=f"{about.en}. It stands now as: {state.title.en}.",
        path=subject.path(proceeding),
        at=proceeding.opened_at,
    )
    for party in to:
        tell(session, parties.recipients(session, proceeding, party), message)


def entered(
    session: Session,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    step: Step,
    move: Move,
) -> None:
    """Tell those whom the move names where it stands now, and until when."""
    if not move.tell:
        return
    state = procedure.states[proceeding.state]
    about = subject.title(session, proceeding)
    until_id, until_en = _until(proceeding, step.at.tzinfo)
    message = Message(
        once=f"{proceeding.id}/{step.number}",
        topic=f"{procedure.ledger}.{move.kind}",
        subject_id=f"{proceeding.id}: {state.title.id}",
        subject_en=f"{proceeding.id}: {state.title.en}",
        body_id=f"{about.id}. {move.title.id}. Keadaan sekarang: {state.title.id}{until_id}.",
        body_en=f"{about.en}. {move.title.en}. It stands now as: {state.title.en}{until_en}.",
        path=subject.path(proceeding),
        at=step.at,
    )
    for party in move.tell:
        tell(session, parties.recipients(session, proceeding, party), message)


def mark(
    session: Session,
    zone: ZoneInfo,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    planned: PlannedNotice,
) -> None:
    """Tell of a term by its mark: before, on and after its last day."""
    state = procedure.states[proceeding.state]
    about = subject.title(session, proceeding)
    day, hour = planned.due_at.astimezone(zone), f"{CUT_OFF:%H.%M}"
    when_id, when_en = _when(planned.days)
    message = Message(
        once=f"{proceeding.id}/{planned.step}/{planned.mark}",
        topic=f"{procedure.ledger}.due",
        subject_id=f"{proceeding.id}: {when_id}",
        subject_en=f"{proceeding.id}: {when_en}",
        body_id=f"{about.id}. Tenggat {day:%d-%m-%Y} pukul {hour}. Keadaan: {state.title.id}.",
        body_en=f"{about.en}. Due {day:%Y-%m-%d} at {hour}. State: {state.title.en}.",
        path=subject.path(proceeding),
        at=planned.at,
    )
    tell(session, parties.recipients(session, proceeding, planned.to), message)


def _until(proceeding: Proceeding, zone: tzinfo | None) -> tuple[str, str]:
    if proceeding.due_at is None:
        return "", ""
    due = proceeding.due_at.astimezone(zone)
    return f", tenggat {due:%d-%m-%Y}", f", due {due:%Y-%m-%d}"


def _when(days: int) -> tuple[str, str]:
    if days < 0:
        return f"tenggat dalam {-days} hari kerja", f"due in {-days} working days"
    if days == 0:
        return "tenggat hari ini", "due today"
    return f"lewat tenggat {days} hari kerja", f"overdue by {days} working days"
