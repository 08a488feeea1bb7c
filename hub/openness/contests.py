"""Contests: an agency says that cases were counted wrongly, others decide, silence changes no figure.

The states are those of the book `bantahan-indeks`. The walidata decides, but not on its own agency's
figures: those go to the Forum at once, as do those on which the walidata is silent. When the Forum is
silent too, the figure stands and the contest stays visible beside it as undecided.
"""

import json
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from catalog.turns import take_turn
from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.ledger.entry import HUB
from hub.openness import keeping
from hub.openness.measuring import BOOK, CONTESTS, Measure, walidata_agencies, with_ruling
from hub.openness.models import Contest, Snapshot
from hub.openness.months import Month
from hub.openness.service import contest_until, the_snapshot
from hub.openness.shapes import ContestIn, ContestMoveOut, ContestOut, ContestStep
from hub.proceedings import machine
from hub.proceedings.machine import Opening
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words
from hub.rules import mandates
from hub.rules import service as rules

MAY_CONTEST = (Role.HEAD, Role.STEWARD)
FORUM = "forum"
CORRECT = "correct"


class ContestSubject:
    """What the machine must know of a contest."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        """`own`: the walidata's agency contests its own figure, and may not judge it."""
        return {"own": proceeding.requester in walidata_agencies(session)}

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        if name == CORRECT:
            _correct(session, office, principal, session.get_one(Contest, proceeding.id), step.at)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        contest = session.get_one(Contest, proceeding.id)
        said = contest.model_dump(include={"agency", "month", "version", "component", "cases"})
        said |= contest.model_dump(include={"wanted", "reason", "evidence"})
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        contest = session.get_one(Contest, proceeding.id)
        return Words(
            f"Bantahan {contest.id} atas indeks {contest.agency.upper()} {contest.month}",
            f"Contest {contest.id} of the index of {contest.agency.upper()} {contest.month}",
        )

    def path(self, proceeding: Proceeding) -> str:
        return f"/skor/bantahan/{proceeding.id}"


def may_contest(actor: Principal | None, agency: str) -> bool:
    return actor is not None and any(actor.holds(role, agency) for role in MAY_CONTEST)


def contest(
    session: Session,
    office: Office,
    principal: Principal,
    by: Measure,
    agency: str,
    said: ContestIn,
) -> Contest:
    """Contest cases of a finished month; by the head or a steward of the agency.

    Raises NotPermitted, Conflict (provisional, too late, contested already), InvalidInput (no such case).
    """
    principal.must(scopes.REQUEST_WRITE)
    if not may_contest(principal, agency):
        raise NotPermitted(
            f"Indeks {agency} dibantah oleh kepala atau pengelola data {agency}.",
            f"The index of {agency} is contested by the head or a steward of {agency}.",
            agency=agency,
        )
    shown = the_snapshot(session, agency, Month.read(said.month))
    now = office.clock.now()
    _check_time(by, shown, now)
    _check_cases(session, shown, said)
    row = Contest(
        id=next_number(session, "BI", office.clock.today().year, 6),
        agency=agency,
        month=shown.month,
        version=shown.version,
        component=said.component,
        cases=sorted(set(said.cases)),
        wanted=said.wanted,
        reason=said.reason,
        evidence=said.evidence,
        made_by=principal.id,
        made_at=now,
    )
    session.add(row)
    session.flush()  # the proceeding asks for it
    subject = ContestSubject()
    opening = Opening(row.id, requester=agency)
    begun = machine.begin(session, office, principal, CONTESTS, subject, opening)
    if machine.advance(session, office, subject, row.id, "ke_forum") is None:
        machine.announce(session, subject, begun, ["walidata"])  # the Forum is told by the move
    return row


def move(
    session: Session, office: Office, principal: Principal, contest_id: str, event: str, reason: str
) -> None:
    """Decide or withdraw; raises what the machine raises, NotFound for a contest one may not see."""
    principal.must(scopes.REQUEST_WRITE)
    the_contest(session, principal, contest_id)
    machine.move(session, office, principal, ContestSubject(), contest_id, event, reason=reason)


def the_contest(session: Session, actor: Principal, contest_id: str) -> Contest:
    """One that the actor may see: its agency, the walidata, the auditor, the Forum; raises NotFound."""
    actor.must(scopes.CATALOG_READ)
    found = session.get(Contest, contest_id)
    if found is None or not _may_see(session, actor, found):
        raise NotFound(f"Tidak ada bantahan {contest_id}.", f"There is no contest {contest_id}.")
    return found


def listed(session: Session, actor: Principal, *, after: str | None, limit: int) -> list[Contest]:
    """Those that the actor may see, by number."""
    actor.must(scopes.CATALOG_READ)
    wanted = select(Contest).order_by(col(Contest.id)).limit(limit)
    if not _sees_all(session, actor):
        wanted = wanted.where(col(Contest.agency).in_(sorted(actor.agencies)))
    if after is not None:
        wanted = wanted.where(col(Contest.id) > after)
    return list(session.exec(wanted))


def told(session: Session, actor: Principal, found: Contest) -> ContestOut:
    """With where it stands, what happened, and what the actor may do."""
    proceeding = session.get_one(Proceeding, found.id)
    procedure = machine.procedure_of(session, proceeding)
    state = procedure.states[proceeding.state]
    moves = machine.possible(session, actor, ContestSubject(), proceeding)
    return ContestOut(
        **found.model_dump(exclude={"made_by"}),
        state=state.name,
        look=state.look,
        title_id=state.title.id,
        title_en=state.title.en,
        due_at=proceeding.due_at,
        possible=[
            ContestMoveOut(
                event=one.event,
                title_id=one.title.id,
                title_en=one.title.en,
                needs_reason=one.needs_reason,
            )
            for one in moves
        ],
        history=[
            ContestStep(
                at=step.at,
                title_id=procedure.states[step.to_state].title.id,
                title_en=procedure.states[step.to_state].title.en,
                post_title=step.post_title,
                by_clock=step.by_clock,
                reason=step.reason,
                entry=step.entry,
            )
            for step in machine.history(session, found.id)
        ],
    )


def _correct(
    session: Session, office: Office, principal: Principal | None, found: Contest, at: datetime
) -> None:
    """A new version of the month with the cases as the ruling says; the old ones stay."""
    take_turn(session, keeping.TURN)
    newest = the_snapshot(session, found.agency, Month.read(found.month))
    cases = keeping.read_back(newest.cases)
    cases[found.component] = [
        with_ruling(case, found.wanted) if case.id in found.cases else case
        for case in cases[found.component]
    ]
    fresh = keeping.corrected(rules.current(session, BOOK), newest, cases, found.id, now=at)
    actor = HUB if principal is None else actor_of(principal)
    keeping.record(session, office.ledger, actor, fresh)
    found.upheld_at, found.corrected_version = at, fresh.version
    session.add(found)


def _check_time(by: Measure, shown: Snapshot, now: datetime) -> None:
    until = contest_until(by, shown)
    if until is None:
        raise Conflict(
            "Angka bulan berjalan masih sementara; yang dibantah angka bulan yang sudah selesai.",
            "The figure of the running month is provisional; contest that of a finished month.",
        )
    if now > until:
        raise Conflict(
            f"Masa membantah berakhir {until.isoformat(timespec='minutes')}.",
            f"The time for contesting ended at {until.isoformat(timespec='minutes')}.",
            until=until.isoformat(),
        )


def _check_cases(session: Session, shown: Snapshot, said: ContestIn) -> None:
    known = {case["id"] for case in shown.cases[said.component]}
    unknown = sorted(set(said.cases) - known)
    if unknown:
        raise InvalidInput(
            f"Komponen {said.component} tidak memuat kasus {', '.join(unknown)}.",
            f"Component {said.component} has no case {', '.join(unknown)}.",
            field="cases",
        )
    open_ones = (
        select(Contest.cases)
        .join(Proceeding, col(Proceeding.id) == col(Contest.id))
        .where(
            Contest.agency == shown.agency,
            Contest.month == shown.month,
            Contest.component == said.component,
            col(Proceeding.ends_at).is_(None),
        )
    )
    waiting = {case for cases in session.exec(open_ones) for case in cases}
    if waiting & set(said.cases):
        raise Conflict(
            "Kasus itu sedang dibantah; tunggu putusannya.",
            "That case is being contested; wait for the decision.",
        )


def _may_see(session: Session, actor: Principal, found: Contest) -> bool:
    return actor.is_member_of(found.agency) or _sees_all(session, actor)


def _sees_all(session: Session, actor: Principal) -> bool:
    return (
        actor.has(Role.WALIDATA)
        or actor.has(Role.AUDITOR)
        or mandates.carries(session, actor, FORUM)
    )
