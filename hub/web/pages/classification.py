"""/kelas: access classes that were raised: on which ground, who confirms them, until when."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi import Path as InPath
from sqlmodel import Session
from starlette.responses import Response

from catalog.models import Dataset
from hub.classification import service
from hub.classification.models import Raise
from hub.classification.subject import OF_A_TEST
from hub.db import reading
from hub.errors import HubError
from hub.grants.grounds import Ground, grounds
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Procedure, fits
from hub.rules.classes import classes
from hub.web import forms, working_clock
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Id = Annotated[str, InPath(max_length=40)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=300)]
NAMING = "beri_dasar"
"""The move that has a form of its own."""
SAID = ("ground", "article", "test_number", "test_on", "review_on")
NOTHING = dict.fromkeys((*SAID, "reason", "event"), "")


@dataclass(frozen=True)
class Line:
    """A raise with its state in words; `mine` when the reader is waited for."""

    raised: Raise
    proceeding: Proceeding
    title: str
    title_en: str
    look: str
    term: working_clock.Term | None
    mine: bool


@dataclass(frozen=True)
class Told:
    """One step of the history."""

    step: Step
    title: str
    title_en: str


@router.get("/kelas")
def listed(page: MemberPageDep) -> Response:
    with reading(page.engine) as session:
        lines = [_line(page, session, *one) for one in service.listed(session, page.reader)]
        older = service.before_the_rule(session, page.reader)
        agencies = [line.raised.agency for line in lines] + [one.agency for one in older]
        names = names_of(session, agencies)
    return page.render(
        "kelas.html",
        running=sorted(
            (line for line in lines if line.proceeding.ends_at is None),
            key=lambda line: (not line.mine, line.proceeding.due_at or line.proceeding.opened_at),
        ),
        ended=[line for line in lines if line.proceeding.ends_at is not None],
        older=older,
        names=names,
    )


@router.get("/kelas/{raise_id}")
def one(page: MemberPageDep, raise_id: Id) -> Response:
    return _shown(page, raise_id)


@router.post("/kelas/{raise_id}")
def move(
    page: MemberPageDep,
    ledger: LedgerDep,
    raise_id: Id,
    event: Word = "",
    reason: Text = "",
    ground: Word = "",
    article: Text = "",
    test_number: Word = "",
    test_on: Word = "",
    review_on: Word = "",
    key: Word = "",
) -> Response:
    """Name the ground, confirm, refuse or lower; shown again with what is missing."""
    values = (ground, article, test_number, test_on, review_on)
    said = dict(zip(SAID, values, strict=True)) if event == NAMING else {}

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock)
        service.move(session, office, page.reader, raise_id, event, reason=reason, said=said)
        return {}

    try:
        forms.take(page, key, (event, reason, *values), carry_out)
    except HubError as error:
        field = str(error.facts.get("member", "")) or "reason"
        failed = forms.failure(page, error, page.say(N_("Belum tercatat")), field)
        typed = said | {"reason": reason, "event": event}
        return _shown(page, raise_id, failed, typed, status=forms.status_of(error))
    return page.redirect(f"/kelas/{raise_id}")


def _shown(
    page: Page,
    raise_id: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        raised = service.the_raise(session, page.reader, raise_id)
        proceeding = session.get_one(Proceeding, raised.id)
        procedure = machine.procedure_of(session, proceeding)
        line = _line(page, session, raised, proceeding)
        moves = machine.possible(session, page.reader, service.SUBJECT, proceeding)
        listed_grounds = grounds(session)
        fitting = classes(session).classes[raised.to_class.value].grounds
        steps = [_told(procedure, step) for step in machine.history(session, raised.id)]
        dataset = session.get(Dataset, raised.dataset)
        names = names_of(session, [raised.agency])
        source = _source(session, procedure, proceeding)
    return page.render(
        "kelas-satu.html",
        status=status,
        raised=raised,
        line=line,
        dataset=dataset,
        names=names,
        ground=listed_grounds.get(raised.ground),
        choices=_choices(listed_grounds, fitting),
        of_a_test=OF_A_TEST,
        names_ground=any(one.event == NAMING for one in moves),
        moves=[one for one in moves if one.event != NAMING],
        steps=steps,
        source=source,
        failed=failed,
        typed=NOTHING | (typed or {}),
        key=forms.new_key(),
    )


def _choices(known: dict[str, Ground], fitting: list[str]) -> list[Ground]:
    return [known[code] for code in fitting if code in known]


def _line(page: Page, session: Session, raised: Raise, proceeding: Proceeding) -> Line:
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    due = proceeding.due_at
    return Line(
        raised,
        proceeding,
        state.title.id,
        state.title.en,
        state.look,
        working_clock.term(proceeding.entered_at, due, page.clock) if due else None,
        service.awaits(session, page.reader, proceeding),
    )


def _told(procedure: Procedure, step: Step) -> Told:
    found = next(
        (
            move.title
            for move in procedure.moves
            if (move.event, move.to) == (step.event, step.to_state)
            and step.from_state in move.sources
        ),
        procedure.states[step.to_state].title,
    )
    return Told(step, found.id, found.en)


def _source(session: Session, procedure: Procedure, proceeding: Proceeding) -> str:
    """The rule from which the days of the running term come."""
    clock = procedure.states[proceeding.state].clock
    if clock is None:
        return ""
    facts = service.SUBJECT.facts(session, proceeding)
    return next(term.source for term in clock.terms if fits(term.when, facts))
