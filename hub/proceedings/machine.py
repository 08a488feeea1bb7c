"""The machine: what begins, who may move it, and what every step leaves behind.

A step, its effect, its ledger entry and its notices are one transaction. What no book describes cannot
happen: a move that is not from this state, or not this caller's, is refused with what is possible.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub.agencies.models import Post
from hub.agencies.principal import Principal, actor_of
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.ledger.entry import HUB, Actor, Target
from hub.proceedings import parties, telling, timing
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Move, Procedure, fits, in_force, of_version
from hub.proceedings.subject import Restated, Subject

SHORTEST_REASON = 10
OPENING = "ajukan"
"""The event of the first step."""
POSTPONED, POSTPONED_KIND = "tunda", "postponed"
"""The event of a step by which a term ends later because the hub itself was away."""


@dataclass(frozen=True)
class Opening:
    """What begins: its id, the agencies of both sides, the dataset it is about.

    `asker` is who asked (kind and id) when somebody else, or the hub, opens it in his name.
    """

    id: str
    requester: str | None = None
    producer: str | None = None
    dataset: str | None = None
    asker: tuple[str, str] | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


def begin(
    session: Session,
    office: Office,
    principal: Principal | None,
    procedure_name: str,
    subject: Subject,
    opening: Opening,
) -> Proceeding:
    """Open a proceeding by the book in force; whatever the subject refers to is in the session."""
    procedure, now = in_force(session, procedure_name), office.clock.now()
    proceeding = Proceeding(
        id=opening.id,
        procedure=procedure.name,
        version=procedure.version,
        state=procedure.initial,
        opened_at=now,
        entered_at=now,
        requester=opening.requester,
        producer=opening.producer,
        dataset=opening.dataset,
        person=_asker(principal, opening, "person"),
        client=_asker(principal, opening, "client"),
    )
    session.add(proceeding)
    session.flush()  # its steps refer to it
    made = _Made(OPENING, "submitted", "", procedure.initial, now, dict(opening.said))
    actor = HUB if principal is None else actor_of(principal, opening.requester)
    step = _step(session, office, procedure, subject, proceeding, actor, made, asked=True)
    timing.enter(session, office, procedure, subject, proceeding, step, None)
    return proceeding


def announce(session: Session, subject: Subject, proceeding: Proceeding, to: Sequence[str]) -> None:
    """Tell these parties that it has begun and where it stands."""
    telling.opened(session, procedure_of(session, proceeding), subject, proceeding, to)


def move(
    session: Session,
    office: Office,
    principal: Principal,
    subject: Subject,
    proceeding_id: str,
    event: str,
    *,
    reason: str = "",
    said: Mapping[str, Any] | None = None,
) -> Step:
    """Move it as a person or a program.

    Raises NotFound, Conflict (not from this state; `possible` tells what is), NotPermitted (not the
    caller's), InvalidInput (a reason is missing) and what the effect raises.
    """
    proceeding = locked(session, proceeding_id)
    procedure = of_version(session, proceeding.procedure, proceeding.version)
    chosen = _chosen(session, procedure, subject, proceeding, event)
    _check_mover(session, principal, proceeding, chosen)
    _check_count(session, proceeding, chosen)
    if chosen.needs_reason and len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput(
            f"Langkah ini memerlukan alasan tertulis, sedikitnya {SHORTEST_REASON} huruf.",
            f"This needs a written reason of at least {SHORTEST_REASON} letters.",
            member="reason",
        )
    side = parties.side_of(session, principal, proceeding, chosen.by)
    made = _Made(
        event,
        chosen.kind,
        proceeding.state,
        chosen.to,
        office.clock.now(),
        dict(said or {}),
        reason.strip(),
    )
    return _carry_out(
        session, office, procedure, subject, proceeding, chosen, made, principal, side
    )


def advance(
    session: Session,
    office: Office,
    subject: Subject,
    proceeding_id: str,
    event: str,
    reason: str = "",
) -> Step | None:
    """Move it as the hub; None when no such move is from its state (somebody was first)."""
    proceeding = locked(session, proceeding_id)
    procedure = of_version(session, proceeding.procedure, proceeding.version)
    facts = subject.facts(session, proceeding)
    chosen = next(
        (
            one
            for one in procedure.moves_from(proceeding.state)
            if one.event == event and "hub" in one.by and fits(one.when, facts)
        ),
        None,
    )
    if chosen is None:
        return None
    made = _Made(event, chosen.kind, proceeding.state, chosen.to, office.clock.now(), {}, reason)
    return _carry_out(session, office, procedure, subject, proceeding, chosen, made, None, None)


def run_out(session: Session, office: Office, subject: Subject, proceeding: Proceeding) -> Step:
    """The clock's move at the end of the term; it counts from that end, however late it is made."""
    assert proceeding.due_at is not None  # noqa: S101 - the caller has seen it pass
    procedure = of_version(session, proceeding.procedure, proceeding.version)
    state = procedure.states[proceeding.state]
    chosen = procedure.silent_move(state, subject.facts(session, proceeding))
    at = proceeding.due_at.astimezone(office.clock.zone)
    cites = [step.entry for step in history(session, proceeding.id)[-2:]]
    made = _Made(
        chosen.event, chosen.kind, state.name, chosen.to, at, {}, "", by_clock=True, cites=cites
    )
    return _carry_out(session, office, procedure, subject, proceeding, chosen, made, None, None)


def postpone(
    session: Session,
    office: Office,
    subject: Subject,
    proceeding: Proceeding,
    until: datetime,
    reason: str,
) -> Step:
    """Let the term of its state end at `until`, because the hub itself was away; a step as any other."""
    procedure, state = procedure_of(session, proceeding), proceeding.state
    made = _Made(POSTPONED, POSTPONED_KIND, state, state, office.clock.now(), {}, reason)
    step = _step(session, office, procedure, subject, proceeding, HUB, made, asked=False)
    timing.leave(session, proceeding, step, silent=False)
    timing.postpone(session, procedure, proceeding, step, until, office)
    return step


def possible(
    session: Session, principal: Principal, subject: Subject, proceeding: Proceeding
) -> list[Move]:
    """What the caller may do now, in the book's order."""
    procedure = of_version(session, proceeding.procedure, proceeding.version)
    facts = subject.facts(session, proceeding)
    return [
        one
        for one in procedure.moves_from(proceeding.state)
        if fits(one.when, facts)
        and _may(session, principal, proceeding, one)
        and not _used_up(session, proceeding, one)
    ]


def history(session: Session, proceeding_id: str) -> list[Step]:
    """Every step in order."""
    wanted = select(Step).where(Step.proceeding == proceeding_id).order_by(col(Step.number))
    return list(session.exec(wanted))


def procedure_of(session: Session, proceeding: Proceeding) -> Procedure:
    """The book under which it began."""
    return of_version(session, proceeding.procedure, proceeding.version)


def locked(session: Session, proceeding_id: str) -> Proceeding:
    """The proceeding, which nobody else moves until this transaction ends; raises NotFound."""
    wanted = select(Proceeding).where(Proceeding.id == proceeding_id).with_for_update()
    found = session.exec(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(f"Tidak ada perkara {proceeding_id}.", f"There is no {proceeding_id}.")
    return found


@dataclass(frozen=True)
class _Made:
    """A step as it is about to be written; `cites` are the entries that prove that a term ran out."""

    event: str
    kind: str
    before: str
    after: str
    at: datetime
    said: dict[str, Any]
    reason: str = ""
    by_clock: bool = False
    cites: list[str] = field(default_factory=list)


def _carry_out(
    session: Session,
    office: Office,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    chosen: Move,
    made: _Made,
    principal: Principal | None,
    side: str | None,
) -> Step:
    actor = HUB if principal is None else actor_of(principal, side)
    before = timing.Before(proceeding.state, proceeding.entered_at, proceeding.due_at)
    proceeding.state, proceeding.entered_at = made.after, made.at
    if chosen.restates and isinstance(subject, Restated):
        subject.restate(session, proceeding, made.said)
    step = _step(
        session, office, procedure, subject, proceeding, actor, made, asked=chosen.restates
    )
    timing.leave(session, proceeding, step, silent=principal is None)
    timing.enter(session, office, procedure, subject, proceeding, step, (chosen, before))
    telling.entered(session, procedure, subject, proceeding, step, chosen)
    if chosen.effect:
        subject.effect(chosen.effect, session, office, principal, proceeding, step)
    return step


def _step(
    session: Session,
    office: Office,
    procedure: Procedure,
    subject: Subject,
    proceeding: Proceeding,
    actor: Actor,
    made: _Made,
    *,
    asked: bool,
) -> Step:
    """`asked` steps carry the digest of what is asked; all others that of the step."""
    step = Step(
        proceeding=proceeding.id,
        number=proceeding.steps + 1,
        at=made.at,
        event=made.event,
        from_state=made.before,
        to_state=made.after,
        by_clock=made.by_clock,
        actor=_who(actor),
        post_title=_jabatan(session, actor),
        reason=made.reason,
        said=made.said,
        entry="",
        previous_hash=proceeding.last_hash,
        hash="",
    )
    step.hash = hash_of(step)
    what = subject.digest(session, proceeding) if asked else None
    receipt = office.ledger.record(
        session,
        kind=f"{procedure.ledger}.{made.kind}",
        actor=actor,
        target=Target(procedure.ledger, proceeding.id, owner=proceeding.producer),
        outcome=made.after,
        digests={"request": what or step.hash},
        signature=_signature(procedure, made),
    )
    step.entry = receipt.entry_id
    proceeding.steps, proceeding.last_hash = step.number, step.hash
    session.add_all([proceeding, step])
    session.flush()  # effects and notices refer to the step
    return step


def hash_of(step: Step) -> str:
    """SHA-256 (hex) over what was done, by whom, and the hash of the step before; of the moment in UTC."""
    told = {
        "proceeding": step.proceeding,
        "number": step.number,
        "at": step.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": step.event,
        "from": step.from_state,
        "to": step.to_state,
        "by_clock": step.by_clock,
        "actor": step.actor,
        "post": step.post_title,
        "reason": step.reason,
        "said": step.said,
        "previous": step.previous_hash,
    }
    try:
        return sha256(rfc8785.dumps(json.loads(json.dumps(told)))).hexdigest()
    except rfc8785.CanonicalizationError as error:
        raise InvalidInput(
            "Yang disampaikan memuat angka yang bukan angka JSON.",
            "What was said holds a number that is none in JSON.",
        ) from error


def broken_at(steps: Sequence[Step]) -> int | None:
    """The number of the first step whose hash or place in the chain does not hold; None when all do."""
    previous = ""
    for number, step in enumerate(steps, start=1):
        if (step.number, step.previous_hash, step.hash) != (number, previous, hash_of(step)):
            return number
        previous = step.hash
    return None


def _signature(procedure: Procedure, made: _Made) -> dict[str, Any] | None:
    if not made.by_clock:
        return None
    rule = f"{procedure.name}/{procedure.version}#{made.event}"
    return {"kind": "by_rule", "rule": rule, "cites": made.cites}


def _chosen(
    session: Session, procedure: Procedure, subject: Subject, proceeding: Proceeding, event: str
) -> Move:
    facts = subject.facts(session, proceeding)
    open_to_people = [
        one
        for one in procedure.moves_from(proceeding.state)
        if fits(one.when, facts) and not {"clock", "hub"} >= set(one.by)
    ]
    found = next((one for one in open_to_people if one.event == event), None)
    if found is None:
        state = procedure.states[proceeding.state]
        raise Conflict(
            f"{proceeding.id} berada dalam keadaan «{state.title.id}»; langkah {event} tidak "
            "dapat diambil dari sana.",
            f"{proceeding.id} is in the state «{state.title.en}»; {event} is not possible there.",
            state=proceeding.state,
            possible=sorted({one.event for one in open_to_people}),
        )
    return found


def _check_mover(
    session: Session, principal: Principal, proceeding: Proceeding, chosen: Move
) -> None:
    if any(parties.speaks(session, principal, proceeding, party) for party in chosen.not_by):
        raise NotPermitted(
            "Pihak yang berkepentingan tidak boleh memutus perkaranya sendiri.",
            "A side may not decide on what it asked for itself.",
        )
    if not _may(session, principal, proceeding, chosen):
        raise NotPermitted(
            f"Langkah «{chosen.title.id}» bukan wewenang Anda.",
            f"«{chosen.title.en}» is not yours to do.",
            by=list(chosen.by),
        )


def _may(session: Session, principal: Principal, proceeding: Proceeding, chosen: Move) -> bool:
    if any(parties.speaks(session, principal, proceeding, party) for party in chosen.not_by):
        return False
    return any(parties.speaks(session, principal, proceeding, party) for party in chosen.by)


def _check_count(session: Session, proceeding: Proceeding, chosen: Move) -> None:
    if _used_up(session, proceeding, chosen):
        raise Conflict(
            f"Langkah «{chosen.title.id}» hanya dapat diambil {chosen.at_most} kali.",
            f"«{chosen.title.en}» can be done {chosen.at_most} times only.",
            state=proceeding.state,
        )


def _used_up(session: Session, proceeding: Proceeding, chosen: Move) -> bool:
    if chosen.at_most is None:
        return False
    made = select(func.count()).where(Step.proceeding == proceeding.id, Step.event == chosen.event)
    return session.exec(made).one() >= chosen.at_most


def _asker(principal: Principal | None, opening: Opening, kind: str) -> str | None:
    if opening.asker is not None:
        return opening.asker[1] if opening.asker[0] == kind else None
    if principal is None or principal.identity.kind != kind:
        return None
    return principal.id


def _who(actor: Actor) -> dict[str, str]:
    said = {
        "person": actor.person,
        "client": actor.client,
        "post": actor.post,
        "agency": actor.agency,
    }
    return {name: value for name, value in said.items() if value is not None}


def _jabatan(session: Session, actor: Actor) -> str:
    post = session.get(Post, actor.post) if actor.post else None
    return post.title if post is not None else ""
