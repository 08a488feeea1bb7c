"""What became of a request, read from its steps (the states of domain.md §4.4). Pure.

A decision is the producer's own when it was made before the ladder took the request away from it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

PROCEDURE = "permintaan-data"
WITH_PRODUCER = frozenset({"diajukan", "menunggu_produsen"})
LATE = "terlambat"
APPROVED = frozenset({"disetujui", "disetujui_sebagian"})
AUTOMATIC = "disetujui_otomatis"
DEEMED = "dianggap_disetujui"
REFUSED = "ditolak"
OBJECTED = "keberatan"
REFUSALS = frozenset({REFUSED, "ditolak_final"})
ABOVE = frozenset({"eskalasi_sekda", "eskalasi_bupati", "bupati_terlambat"})
LEFT_OUT = {
    "aktif_sementara": "emergency",
    "dialihkan": "forwarded",
    "gugur": "lapsed",
}
"""States that end a request, or open it, without saying how open the producer is."""
UNANSWERED = frozenset({"forwarded", "lapsed"})


@dataclass(frozen=True, slots=True)
class Moved:
    """A step of a proceeding; `due_at` is the end of the clock of the state that it enters."""

    number: int
    at: datetime
    from_state: str | None
    to_state: str
    by_clock: bool
    agency: str | None
    ground: str | None
    due_at: datetime | None


@dataclass(frozen=True)
class Answer:
    """The producer's answer within the clock, or the moment at which the clock ran out on it."""

    at: datetime
    in_time: bool
    to_state: str


@dataclass(frozen=True)
class Outcome:
    """What counts for openness: `value` 1 given, 0 given by others, None no case. `why` is a word."""

    at: datetime
    value: float | None
    why: str


@dataclass(frozen=True)
class Refusal:
    """A refusal by the producer; `since` is when its clock began, `due` when it would have ended."""

    at: datetime
    ground: str
    since: datetime
    due: datetime | None

    def in_last(self, share: float) -> bool:
        """Whether it came in the last `share` (0 to 1) of the time from `since` to `due`."""
        if self.due is None or self.at > self.due:
            return False
        return (self.due - self.at) <= (self.due - self.since) * share


def answer(steps: Sequence[Moved]) -> Answer | None:
    """None while it is open, was decided by the hub itself, or left the producer in another way."""
    for step, due in _with_due(steps):
        if step.to_state == LATE:
            return Answer(min(step.at, due or step.at), False, LATE)
        if _by_producer(step) and step.to_state in APPROVED | {REFUSED}:
            in_time = due is None or step.at <= due
            return Answer(step.at, in_time, step.to_state)
    return None


def outcome(steps: Sequence[Moved], producer: str | None) -> Outcome | None:
    """The last one that counts; None while nothing was decided."""
    return next(iter([*every_outcome(steps, producer)][-1:]), None)


def every_outcome(steps: Sequence[Moved], producer: str | None) -> Iterator[Outcome]:
    """In order: a refusal may be followed by its annulment. That it became final is no new one."""
    last, refused = "", False
    for step in steps:
        refused |= step.to_state == REFUSED and step.from_state not in ABOVE
        found = _outcome_of(step, producer, refused)
        if found is not None and not (found.value is None and found.why == last):
            last = found.why
            yield found


def refusals(steps: Sequence[Moved]) -> Iterator[Refusal]:
    """Those that the producer gave itself, objections to them aside."""
    since: datetime | None = None
    for step, due in _with_due(steps):
        if step.to_state == REFUSED and (_by_producer(step) or step.from_state == LATE):
            own_clock = None if step.from_state == LATE else due
            yield Refusal(step.at, step.ground or "", since or step.at, own_clock)
        if step.from_state != step.to_state:
            since = step.at


def answers_of(
    steps: Sequence[Moved], states: Collection[str], agency: str
) -> Iterator[tuple[int, datetime, bool]]:
    """Number, moment and in-time of each step out of states in which everybody waits for `agency`.

    Moves by others out of such a state say nothing about the agency and are left out.
    """
    for step, due in _with_due(steps):
        if step.from_state not in states or step.from_state == step.to_state:
            continue
        if step.by_clock:
            yield step.number, min(step.at, due or step.at), False
        elif step.agency == agency:
            yield step.number, step.at, due is None or step.at <= due


def _outcome_of(step: Moved, producer: str | None, refused: bool) -> Outcome | None:
    if step.to_state in APPROVED:
        return _approved(step, producer, refused)
    if step.to_state in REFUSALS:
        above = step.from_state in ABOVE
        return Outcome(step.at, None, "decided_above" if above else "lawful_refusal")
    if step.to_state in LEFT_OUT:
        return Outcome(step.at, None, LEFT_OUT[step.to_state])
    if step.to_state == AUTOMATIC:
        return Outcome(step.at, 1.0, "automatic")
    return Outcome(step.at, 0.0, "deemed") if step.to_state == DEEMED else None


def _approved(step: Moved, producer: str | None, refused: bool) -> Outcome:
    """By the producer itself, also late; by others it annuls a refusal, or fills a silence."""
    others = (step.from_state or "").startswith(OBJECTED) or step.from_state in ABOVE
    if others and refused:
        return Outcome(step.at, 0.0, "annulled")
    if others and step.agency != producer:
        return Outcome(step.at, None, "decided_above")
    part = step.to_state == "disetujui_sebagian"
    return Outcome(step.at, 1.0, "approved_in_part" if part else "approved")


def _by_producer(step: Moved) -> bool:
    return step.from_state in WITH_PRODUCER and not step.by_clock


def _with_due(steps: Sequence[Moved]) -> Iterator[tuple[Moved, datetime | None]]:
    """Each step with the clock that ran until it."""
    due: datetime | None = None
    for step in steps:
        yield step, due
        due = step.due_at
