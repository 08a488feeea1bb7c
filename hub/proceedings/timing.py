"""Setting and stopping the clock of a proceeding as it goes from state to state."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session, col, select

from hub.proceedings.clocks import Days
from hub.proceedings.models import NoticeState, PlannedNotice, Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Clock, Facts, Move, Procedure, fits
from hub.proceedings.subject import Subject

OWN, RESUME, EXTEND = "own", "resume", "extend"
"""How a move sets the clock of the state it leads to: a term of its own, what was left before the
pause, or more days on top of the term that runs."""


@dataclass(frozen=True)
class Before:
    """Where it stood when the move was made."""

    state: str
    entered_at: datetime
    due_at: datetime | None


def enter(
    session: Session,
    office: Office,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    step: Step,
    moved: tuple[Move, Before] | None,
) -> None:
    """Set the term of the state that was entered, and plan what is told of it."""
    state = procedure.states[proceeding.state]
    proceeding.ends_at = step.at if state.end else None
    proceeding.due_at = None
    if state.clock is not None:
        days = days_of(office, proceeding, state.clock.calendar)
        facts = subject.facts(session, proceeding)
        proceeding.due_at = _due(session, office, state.clock, days, facts, proceeding, step, moved)
        _plan(session, procedure, state.clock, days, proceeding, step)
    step.due_at = proceeding.due_at
    session.add_all([proceeding, step])


def postpone(
    session: Session,
    procedure: Procedure,
    proceeding: Proceeding,
    step: Step,
    until: datetime,
    office: Office,
) -> None:
    """Let the term that runs end at `until`, and plan anew what is told of it."""
    clock = procedure.states[proceeding.state].clock
    assert clock is not None  # noqa: S101 - only states with a clock have a term
    proceeding.due_at = step.due_at = until
    _plan(session, procedure, clock, days_of(office, proceeding, clock.calendar), proceeding, step)
    session.add_all([proceeding, step])


def leave(session: Session, proceeding: Proceeding, step: Step, *, silent: bool) -> None:
    """Drop what was planned to be told: after a person's move all of it, after silence what warned."""
    planned = select(PlannedNotice).where(
        PlannedNotice.proceeding == proceeding.id,
        PlannedNotice.state == NoticeState.PLANNED,
        PlannedNotice.step < step.number,
    )
    # Locked: a ticker that is just telling one has it told, and it stays told.
    for notice in session.exec(planned.with_for_update()):
        if not silent or notice.days <= 0:
            notice.state = NoticeState.DROPPED
            session.add(notice)


def days_of(office: Office, proceeding: Proceeding, calendar: str) -> Days:
    """The working days of the party that a term is counted for."""
    parties = {"pemohon": proceeding.requester, "produsen": proceeding.producer}
    return Days(office.clock.local(), parties.get(calendar) or "")


def _due(
    session: Session,
    office: Office,
    clock: Clock,
    days: Days,
    facts: Facts,
    proceeding: Proceeding,
    step: Step,
    moved: tuple[Move, Before] | None,
) -> datetime:
    since = step.at.astimezone(office.clock.zone)
    retimed = moved[0].retimed if moved else None
    if retimed is None or moved is None:
        return days.end_of(since, clock.days(facts))
    if retimed.kind == RESUME:
        return days.end_of(since, max(1, _left_before(session, office, days, proceeding, step)))
    more = next(term.days for term in retimed.terms if fits(term.when, facts))
    before = moved[1].due_at
    if retimed.kind == EXTEND and before is not None:
        # Asked for after the end, while no clock has moved it yet: the days count from the asking.
        return days.end_of(max(since, before.astimezone(office.clock.zone)), more)
    return days.end_of(since, more)


def _left_before(
    session: Session, office: Office, days: Days, proceeding: Proceeding, step: Step
) -> int:
    """Working days that were left of the state now entered again when it was last left."""
    steps = session.exec(
        select(Step).where(Step.proceeding == proceeding.id, Step.number < step.number)
    ).all()
    ordered = sorted(steps, key=lambda one: one.number)
    for entered, left in reversed(list(pairwise(ordered))):
        if entered.to_state == step.to_state and entered.due_at is not None:
            zone = office.clock.zone
            return days.left(left.at.astimezone(zone), entered.due_at.astimezone(zone))
    return 0


def _plan(
    session: Session,
    procedure: Procedure,
    clock: Clock,
    days: Days,
    proceeding: Proceeding,
    step: Step,
) -> None:
    """Notices whose hour has passed already when the term begins are not planned."""
    assert proceeding.due_at is not None  # noqa: S101 - set just now
    due = proceeding.due_at.astimezone(step.at.tzinfo)
    for notice in clock.notices:
        at = days.notice_at(due, notice.days, procedure.notice_hour)
        if at <= step.at:
            continue
        session.add_all(
            PlannedNotice(
                proceeding=proceeding.id,
                step=step.number,
                mark=notice.mark,
                to=party,
                days=notice.days,
                at=at,
                due_at=due,
            )
            for party in notice.to
        )


def planned(session: Session, proceeding_id: str) -> list[PlannedNotice]:
    """What is planned, sent and dropped, in order of time."""
    wanted = select(PlannedNotice).where(PlannedNotice.proceeding == proceeding_id)
    return list(session.exec(wanted.order_by(col(PlannedNotice.at), col(PlannedNotice.to))))
