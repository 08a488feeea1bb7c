"""Whose time it took: working days by the party that was waited for."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session

from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.timing import days_of


def elapsed(
    session: Session, office: Office, proceeding: Proceeding, *, now: datetime
) -> dict[str, float]:
    """Working days, with parts of days, for each party; time with the requester is not the producer's."""
    procedure = machine.procedure_of(session, proceeding)
    steps = machine.history(session, proceeding.id)
    spent: dict[str, float] = defaultdict(float)
    for step, until in _spans(steps, proceeding.ends_at or now):
        party = procedure.states[step.to_state].waits_for
        if party:
            days = days_of(office, proceeding, party.partition(".")[0])
            zone = office.clock.zone
            spent[party] += days.elapsed(step.at.astimezone(zone), until.astimezone(zone))
    return dict(spent)


def _spans(steps: list[Step], last: datetime) -> list[tuple[Step, datetime]]:
    spans = [(step, following.at) for step, following in pairwise(steps)]
    return [*spans, (steps[-1], last)] if steps else spans
