"""Proceedings with all their steps, gathered for counting: few queries, plain values."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session, col, select

from hub.openness import outcomes
from hub.openness.outcomes import Moved, Outcome
from hub.proceedings.models import Proceeding, Step


@dataclass(frozen=True)
class Course:
    """One proceeding up to a moment; `due_at` is of its state now."""

    id: str
    producer: str | None
    requester: str | None
    dataset: str | None
    state: str
    opened_at: datetime
    due_at: datetime | None
    steps: tuple[Moved, ...]

    @property
    def outcome(self) -> Outcome | None:
        return outcomes.outcome(self.steps, self.producer)

    def waited(self, states: Collection[str]) -> Iterator[tuple[datetime, datetime]]:
        """From when until when it stood in one of these states; what it stands in now is left out."""
        for step, following in pairwise(self.steps):
            if step.to_state in states:
                yield step.at, following.at


def touched(
    session: Session,
    procedure: str,
    *,
    since: datetime,
    until: datetime,
    producers: Collection[str] | None = None,
    datasets: Collection[str] | None = None,
) -> list[Course]:
    """Those in which something happened from `since` up to (not at) `until`, with their steps before it."""
    moved = select(Step.proceeding).where(Step.at >= since, Step.at < until)
    wanted = select(Proceeding).where(
        Proceeding.procedure == procedure, col(Proceeding.id).in_(moved)
    )
    if producers is not None:
        wanted = wanted.where(col(Proceeding.producer).in_(producers))
    if datasets is not None:
        wanted = wanted.where(col(Proceeding.dataset).in_(datasets))
    return _with_steps(session, session.exec(wanted.order_by(col(Proceeding.id))).all(), until)


def standing(
    session: Session, procedure: str, states: Collection[str], producer: str
) -> list[Course]:
    """Those of a producer that stand in one of these states now, the next due first."""
    wanted = select(Proceeding).where(
        Proceeding.procedure == procedure,
        col(Proceeding.state).in_(states),
        Proceeding.producer == producer,
        col(Proceeding.ends_at).is_(None),
    )
    ordered = wanted.order_by(col(Proceeding.due_at), col(Proceeding.id))
    return _with_steps(session, session.exec(ordered).all(), None)


CHUNK = 500
"""Ids in one question; SQLite takes no more than some thousand values."""


def _with_steps(
    session: Session, rows: Sequence[Proceeding], until: datetime | None
) -> list[Course]:
    steps: dict[str, list[Moved]] = defaultdict(list)
    for first in range(0, len(rows), CHUNK):
        ids = [row.id for row in rows[first : first + CHUNK]]
        for proceeding, moved in _steps(session, ids, until):
            steps[proceeding].append(moved)
    return [
        Course(
            row.id,
            row.producer,
            row.requester,
            row.dataset,
            row.state,
            row.opened_at,
            row.due_at,
            tuple(steps[row.id]),
        )
        for row in rows
    ]


def _steps(
    session: Session, ids: Collection[str], until: datetime | None
) -> Iterator[tuple[str, Moved]]:
    wanted = select(
        Step.proceeding,
        Step.number,
        Step.at,
        Step.from_state,
        Step.to_state,
        Step.by_clock,
        Step.actor,
        Step.said,
        Step.due_at,
    ).where(col(Step.proceeding).in_(ids))  # type: ignore[call-overload]
    if until is not None:
        wanted = wanted.where(col(Step.at) < until)
    for row in session.execute(wanted.order_by(col(Step.proceeding), col(Step.number))):
        ground = row.said.get("ground")
        agency = row.actor.get("agency")
        yield (
            row.proceeding,
            Moved(
                row.number,
                row.at,
                row.from_state or None,
                row.to_state,
                row.by_clock,
                agency,
                ground,
                row.due_at,
            ),
        )
