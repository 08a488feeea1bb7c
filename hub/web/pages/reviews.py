"""/telaah: new fields before they are collected: who holds them already, who reviews, until when."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi import Path as InPath
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from catalog.models import Dataset
from hub.access.visibility import visible_to
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, NotFound
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Procedure, fits
from hub.reviews import collecting, service, viewing
from hub.reviews.holders import Field
from hub.reviews.models import Review
from hub.reviews.service import Reason
from hub.reviews.subject import reviewers_of
from hub.standards import service as standards
from hub.web import forms, reviewing, working_clock
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Id = Annotated[str, InPath(max_length=40)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=300)]
Name = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Line:
    """A review in the list, with its state in words."""

    review: Review
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


@router.get("/telaah")
def listed(page: MemberPageDep) -> Response:
    with reading(page.engine) as session:
        found = service.listed(session, page.reader)
        lines = [_line(page, session, *one) for one in found]
        names = names_of(session, [line.review.agency for line in lines])
    return page.render(
        "telaah.html",
        waiting=[line for line in lines if line.proceeding.ends_at is None],
        ended=[line for line in lines if line.proceeding.ends_at is not None],
        names=names,
    )


@router.get("/telaah/baru")
def fresh(page: MemberPageDep, dataset: Name = "") -> Response:
    return _fresh(page, dataset, {})


@router.post("/telaah/baru")
async def send_in(request: Request, page: MemberPageDep, ledger: LedgerDep) -> Response:
    """Reasons for what others hold, one for each field, and the review that follows."""
    sent = await request.form(max_fields=2100)
    said = {name: value for name, value in sent.items() if isinstance(value, str)}
    return _send_in(page, ledger, said)


@router.get("/telaah/{review}")
def shown(page: MemberPageDep, review: Id) -> Response:
    return _shown(page, review)


@router.post("/telaah/{review}")
def move(
    page: MemberPageDep,
    ledger: LedgerDep,
    review: Id,
    event: Word = "",
    reason: Text = "",
    reviewers: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    key: Word = "",
) -> Response:
    """An opinion or a decision; shown again with what is missing when it is not complete."""

    def carry_out(session: Session) -> dict[str, Any]:
        made = service.move(
            session,
            Office(ledger, page.clock),
            page.reader,
            review,
            event,
            reason=reason,
            reviewers=reviewers,
        )
        return {"review": made.id}

    try:
        forms.take(page, key, (event, reason, *reviewers), carry_out)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum tercatat")), "reason")
        return _shown(page, review, failed, reason, status=forms.status_of(error))
    return page.redirect(f"/telaah/{review}")


def _send_in(page: Page, ledger: LedgerDep, said: dict[str, str]) -> Response:
    dataset = said.get("dataset", "")[:200]
    reasons = {
        name.removeprefix("why."): Reason(
            value[:4000], said.get(f"ground.{name.removeprefix('why.')}", "")[:1000]
        )
        for name, value in said.items()
        if name.startswith("why.")
    }

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock)
        made = service.send_in(session, office, page.reader, dataset, reasons)
        return {"review": made.id if made else ""}

    parts = tuple(part for pair in sorted(said.items()) for part in pair)
    try:
        made = forms.take(page, said.get("key", ""), parts, carry_out)
    except HubError as error:
        member = str(error.facts.get("member", ""))
        field = f"why.{member.removeprefix('/reasons/')}" if member else ""
        failed = forms.failure(page, error, page.say(N_("Belum diajukan")), field)
        return _fresh(page, dataset, reasons, failed, status=forms.status_of(error))
    return page.redirect(f"/telaah/{made['review']}" if made["review"] else f"/publikasi/{dataset}")


def _fresh(
    page: Page,
    name: str,
    reasons: dict[str, Reason],
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        dataset = session.get(Dataset, name)
        if dataset is None or not (
            page.reader.holds("steward", dataset.agency) or page.reader.has("walidata")
        ):
            raise NotFound(
                "Tidak ada dataset Anda dengan nama ini.",
                "There is no dataset of yours by this name.",
            )
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        standing = collecting.standing_of(session, dataset, document)
        asked: list[Field] = list(standing.fields)
        reviewers = service.reviewers_for(session, asked)
    given = {row.field: Reason(row.reason, row.ground) for row in standing.reasons.values()}
    return page.render(
        "telaah-baru.html",
        status=status,
        failed=failed,
        dataset=dataset,
        fields=asked,
        given=given | reasons,
        running=standing.running,
        least=standing.rule.least_reason,
        required=standing.rule.required,
        asked_of=reviewers,
        reviewers=reviewing.REVIEWERS,
        matches=reviewing.MATCHES,
        key=forms.new_key(),
    )


def _shown(
    page: Page, name: str, failed: Failure | None = None, reason: str = "", *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        review = service.find(session, page.reader, name)
        proceeding = session.get_one(Proceeding, review.id)
        procedure = machine.procedure_of(session, proceeding)
        seen = visible_to(page.reader, now=real_now())
        out = viewing.review_out(session, page.reader, review, seen=seen)
        possible = machine.possible(session, page.reader, service.SUBJECT, proceeding)
        dataset = session.get_one(Dataset, review.dataset)
        names = names_of(session, [review.agency])
        steps = [_told(procedure, step) for step in service.history(session, review)]
        line = _line(page, session, review, proceeding)
        source = _source(session, procedure, proceeding)
    said = {one.reviewer: one for one in out.opinions if one.round == review.round}
    return page.render(
        "telaah-satu.html",
        status=status,
        review=out,
        line=line,
        dataset=dataset,
        names=names,
        asked=reviewers_of(review),
        said_by=said,
        earlier=[one for one in out.opinions if one.round != review.round],
        duties=out.duties,
        moves=possible,
        steps=steps,
        source=source,
        reviewers=reviewing.REVIEWERS,
        choices=reviewing.CHOICES,
        silent=reviewing.NEVER_SPOKE
        if proceeding.state != service.UNDER_REVIEW
        else reviewing.SILENT,
        matches=reviewing.MATCHES,
        failed=failed,
        reason=reason,
        key=forms.new_key(),
    )


def _line(page: Page, session: Session, review: Review, proceeding: Proceeding) -> Line:
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    due = proceeding.due_at
    return Line(
        review,
        proceeding,
        state.title.id,
        state.title.en,
        state.look,
        working_clock.term(proceeding.entered_at, due, page.clock) if due else None,
        service.awaits(session, page.reader, review, proceeding),
    )


def _told(procedure: Procedure, step: Step) -> Told:
    found = next(
        (
            move.title
            for move in procedure.moves
            if (move.event, move.to) == (step.event, step.to_state)
            and step.from_state in move.sources
        ),
        None,
    )
    return Told(step, found.id if found else "Diajukan", found.en if found else "Sent in")


def _source(session: Session, procedure: Procedure, proceeding: Proceeding) -> str:
    """The rule from which the days of the running term come."""
    clock = procedure.states[proceeding.state].clock
    if clock is None:
        return ""
    facts = service.SUBJECT.facts(session, proceeding)
    return next(term.source for term in clock.terms if fits(term.when, facts))
