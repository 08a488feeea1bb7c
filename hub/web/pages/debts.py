"""/utang-data: data that was asked for and does not exist yet, who owes it, and until when."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi import Path as InPath
from sqlmodel import Session, col, select
from starlette.responses import Response

from hub.agencies.models import Agency
from hub.db import reading
from hub.debts import service
from hub.debts.models import DataDebt
from hub.debts.service import Wish
from hub.errors import HubError, InvalidInput
from hub.grants.shapes import StepOut, step_out
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.web import forms, working_clock
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Id = Annotated[str, InPath(max_length=40)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=300)]
SHORTEST = 3
ASKED = ("title", "agency", "purpose", "basis", "fields", "needed_by")
"""Fields of the form."""
SAID = {
    "sanggupi": "promised_on",
    "sudah_ada": "dataset",
    "lunasi": "dataset",
    "tunjuk": "holder",
    "tetapkan": "holder",
}
"""What a move needs beyond a reason, by its event."""


@dataclass(frozen=True)
class Line:
    """A debt in the list, with its state in words and the term that runs."""

    debt: DataDebt
    proceeding: Proceeding
    title: str
    title_en: str
    look: str
    term: working_clock.Term | None


@router.get("/utang-data")
def listed(page: MemberPageDep) -> Response:
    with reading(page.engine) as session:
        found = service.listed(session) if page.reader.posts else []
        lines = [_line(page, session, *one) for one in found]
        names = names_of(session, [agency for line in lines for agency in _parties(line)])
    return page.render(
        "utang-data.html",
        waiting=[line for line in lines if line.proceeding.ends_at is None],
        ended=[line for line in lines if line.proceeding.ends_at is not None],
        names=names,
    )


@router.get("/utang-data/baru")
def fresh(page: MemberPageDep, title: Annotated[str, Query(max_length=300)] = "") -> Response:
    return _fresh(page, dict.fromkeys(ASKED, "") | {"title": title})


@router.post("/utang-data/baru")
def send_in(
    page: MemberPageDep,
    ledger: LedgerDep,
    title: Word = "",
    agency: Word = "",
    purpose: Text = "",
    basis: Text = "",
    fields: Text = "",
    needed_by: Word = "",
    key: Word = "",
) -> Response:
    """Ask for it; shown again with what is missing when it is not complete."""
    typed = {
        "title": title,
        "agency": agency,
        "purpose": purpose,
        "basis": basis,
        "fields": fields,
        "needed_by": needed_by,
    }

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock)
        return {"debt": service.ask(session, office, page.reader, _wish(typed)).id}

    try:
        made = forms.take(page, key, tuple(typed.values()), carry_out)
    except HubError as error:
        field = str(error.facts.get("member", "title"))
        failed = forms.failure(page, error, page.say(N_("Belum diminta")), field)
        return _fresh(page, typed, failed, status=forms.status_of(error))
    return page.redirect(f"/utang-data/{made['debt']}")


@router.get("/utang-data/{debt_id}")
def shown(page: MemberPageDep, debt_id: Id) -> Response:
    return _shown(page, debt_id)


@router.post("/utang-data/{debt_id}")
def move(
    page: MemberPageDep,
    ledger: LedgerDep,
    debt_id: Id,
    event: Word = "",
    value: Word = "",
    reason: Text = "",
    key: Word = "",
) -> Response:
    """One step; shown again with what is missing when it is not complete."""
    said = {SAID[event]: value.strip()} if event in SAID else {}

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock)
        service.move(session, office, page.reader, debt_id, event, reason=reason, said=said)
        return {"debt": debt_id}

    try:
        forms.take(page, key, (event, value, reason), carry_out)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum tercatat")), f"langkah-{event}")
        typed = {"event": event, "value": value, "reason": reason}
        return _shown(page, debt_id, failed, typed, status=forms.status_of(error))
    return page.redirect(f"/utang-data/{debt_id}")


def _wish(typed: dict[str, str]) -> Wish:
    for name in ("title", "agency", "purpose", "basis"):
        if len(typed[name].strip()) < SHORTEST:
            raise InvalidInput(
                "Isi semua yang bertanda wajib.", "Fill in all that is required.", member=name
            )
    fields = [line.strip() for line in typed["fields"].splitlines() if line.strip()]
    return Wish(
        typed["agency"],
        typed["title"].strip(),
        typed["purpose"].strip(),
        typed["basis"].strip(),
        fields[:200],
        needed_by=forms.day_of(typed["needed_by"]),
    )


def _fresh(
    page: Page, typed: dict[str, str], failed: Failure | None = None, *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        agencies = _agencies(session)
    return page.render(
        "utang-data-baru.html",
        status=status,
        failed=failed,
        typed=typed,
        agencies=[one for one in agencies if one.code not in page.reader.agencies],
        key=forms.new_key(),
    )


def _shown(
    page: Page,
    debt_id: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        debt = service.the_debt(session, page.reader, debt_id)
        proceeding = session.get_one(Proceeding, debt.id)
        line = _line(page, session, debt, proceeding)
        moves = machine.possible(session, page.reader, service.SUBJECT, proceeding)
        names = names_of(session, _parties(line))
        agencies = _agencies(session)
        steps = _steps(session, proceeding)
    return page.render(
        "utang-data-satu.html",
        status=status,
        debt=debt,
        line=line,
        term=line.term,
        names=names,
        moves=moves,
        needs=SAID,
        agencies=agencies,
        steps=steps,
        failed=failed,
        typed=typed or {"event": "", "value": "", "reason": ""},
        key=forms.new_key(),
    )


def _agencies(session: Session) -> list[Agency]:
    return list(session.exec(select(Agency).where(Agency.active).order_by(col(Agency.name))))


def _steps(session: Session, proceeding: Proceeding) -> list[StepOut]:
    procedure = machine.procedure_of(session, proceeding)
    return [step_out(step, procedure) for step in machine.history(session, proceeding.id)]


def _line(page: Page, session: Session, debt: DataDebt, proceeding: Proceeding) -> Line:
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    due = proceeding.due_at
    counted = (
        working_clock.term(proceeding.entered_at, due, page.clock, proceeding.producer or "")
        if due
        else None
    )
    return Line(debt, proceeding, state.title.id, state.title.en, state.look, counted)


def _parties(line: Line) -> list[str | None]:
    return [line.debt.agency, line.proceeding.producer]
