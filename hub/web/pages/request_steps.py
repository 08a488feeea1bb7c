"""/permintaan/{id}/langkah/{event}: one step of the ladder on a page of its own, one question at a time.

And the opinions of those who are heard before specific personal data is given.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, select
from starlette.responses import Response

from catalog.models import Dataset
from hub.calendar import real_now
from hub.db import reading
from hub.errors import Conflict, HubError, InvalidInput, NotFound
from hub.grants import opinions, questions, service, viewing
from hub.grants.ladder import Ladder
from hub.grants.models import AccessRequest
from hub.grants.service import DECISIONS
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Move
from hub.standards import service as standards
from hub.web import answering, forms
from hub.web.forms import Failure
from hub.web.ladder_view import DECIDED_ON_THE_PAGE, Names, moves_of
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.pages import request_page
from hub.web.sent import NOTHING, Sent, SentDep
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=40)]
Event = Annotated[str, Path(max_length=40)]
Word = Annotated[str, Form(max_length=255)]
DATASETS = 500
"""Datasets that the field for forwarding suggests; any other may be typed."""


@dataclass(frozen=True)
class Ahead:
    """Where a move leads: the state's title, and for whom how many working days run then."""

    state: str
    who: str
    days: int | None


@router.get("/permintaan/{request_id}/langkah/{event}")
def asked(page: MemberPageDep, ledger: LedgerDep, request_id: Id, event: Event) -> Response:
    return _shown(page, ledger, request_id, event)


@router.post("/permintaan/{request_id}/langkah/{event}")
def made(
    page: MemberPageDep, ledger: LedgerDep, request_id: Id, event: Event, sent: SentDep
) -> Response:
    """Make the step; shown again with what is missing when it is not complete."""

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock, page.settings.contract_sign_days)
        reason = sent.one("reason")
        if event in DECISIONS:
            objected: Literal["approve", "refuse"]
            objected = "approve" if event == "kabulkan" else "refuse"
            service.decide(
                session, office, page.reader, request_id, objected, ground=None, reason=reason
            )
        else:
            said = _said(page, session, request_id, event, sent)
            service.step(session, office, page.reader, request_id, event, reason=reason, said=said)
        return {"request": request_id}

    try:
        if event in DECIDED_ON_THE_PAGE:
            raise _elsewhere(request_id)
        forms.take(page, sent.key, sent.said, carry_out)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Langkah belum tercatat")), _field(error))
        return _shown(page, ledger, request_id, event, failed, sent, status=forms.status_of(error))
    return page.redirect(f"/permintaan/{request_id}")


@router.post("/permintaan/{request_id}/pendapat")
def say(
    page: MemberPageDep,
    ledger: LedgerDep,
    request_id: Id,
    seat: Word = "",
    opinion: Word = "",
    text: Annotated[str, Form(max_length=4000)] = "",
    key: Word = "",
) -> Response:
    """Give the opinion of a seat; the producer reads it before deciding."""

    def carry_out(session: Session) -> dict[str, Any]:
        asked = service.the_request(session, page.reader, request_id)
        office = Office(ledger, page.clock)
        opinions.say(session, office, page.reader, asked, seat, opinion, text)
        return {"request": request_id}

    try:
        forms.take(page, key, (seat, opinion, text), carry_out)
    except HubError as error:
        title = page.say(N_("Pendapat belum tercatat"))
        field = f"pendapat-{seat}" if error.facts.get("member") == "text" else "pendapat"
        failed = forms.failure(page, error, title, field)
        sent = Sent((("seat", seat), ("opinion", opinion), ("text", text)))
        status = forms.status_of(error)
        return request_page.show(page, ledger, request_id, failed, sent, status=status)
    return page.redirect(f"/permintaan/{request_id}#pendapat")


def _shown(
    page: Page,
    ledger: LedgerDep,
    request_id: str,
    event: str,
    failed: Failure | None = None,
    sent: Sent = NOTHING,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        request = viewing.one_request(session, page.reader, request_id, real_now())
        asked = session.get_one(AccessRequest, request_id)
        proceeding = service.proceeding_of(session, asked)
        possible = moves_of(page, session, proceeding)
        move = next((one for one in possible if one.event == event), None)
        if move is None or event in DECIDED_ON_THE_PAGE:
            if failed is None:
                raise _no_step(session, request_id, event, possible)
            return request_page.show(page, ledger, request_id, failed, status=status)
        dataset = session.get_one(Dataset, request.target)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        names = names_of(session, [request.agency, request.producer])
        kind = questions.kind_of_request(session, asked)
        form = questions.questions_for(session, kind) if move.restates else []
        typed = sent if sent.pairs else answering.sent_of(form, asked)
        suggested = _datasets(session, dataset.id) if move.effect == "forward" else []
        ahead = _ahead(page, session, Office(ledger, page.clock), proceeding, move, names)
    return page.render(
        "permintaan-langkah.html",
        status=status,
        request=request,
        move=move,
        title=page.say_words(move.title),
        ahead=ahead,
        dataset=dataset,
        document=document,
        names=names,
        questions=form,
        datasets=suggested,
        sent=typed,
        failed=failed,
        least=machine.SHORTEST_REASON,
        key=forms.new_key(),
    )


def _said(
    page: Page, session: Session, request_id: str, event: str, sent: Sent
) -> dict[str, Any] | None:
    """What a step says beyond its reason: the holder's dataset, or the request restated."""
    asked = service.the_request(session, page.reader, request_id)
    if dataset := sent.one("dataset"):
        return {"dataset": dataset}
    if event not in ("perbaiki", "lampirkan_dpia"):
        return None
    kind = questions.kind_of_request(session, asked)
    form = questions.questions_for(session, kind)
    said: dict[str, Any] = {"answers": answering.answers_of(form, sent)}
    return said | {name: sent.one(name) for name in ("purpose", "basis") if sent.one(name)}


def _ahead(
    page: Page,
    session: Session,
    office: Office,
    proceeding: Proceeding,
    move: Move,
    names: dict[str, str],
) -> Ahead:
    """Without the day, for it depends on when the step is made."""
    procedure = machine.procedure_of(session, proceeding)
    state = procedure.states[move.to]
    who = Names(page, session, proceeding, names).of(state.waits_for)
    days = None
    if state.clock is not None and move.retimed is None:
        days = state.clock.days(Ladder().facts(session, proceeding))
    return Ahead(page.say_words(state.title), who, days)


def _datasets(session: Session, asked: str) -> list[Dataset]:
    wanted = select(Dataset).where(Dataset.id != asked).order_by(col(Dataset.id)).limit(DATASETS)
    return list(session.exec(wanted))


def _no_step(session: Session, request_id: str, event: str, possible: list[Move]) -> HubError:
    """Somebody was first, or it was never his to make: said with what is possible."""
    titles_id = ", ".join(one.title.id for one in possible) or "tidak ada"
    titles_en = ", ".join(one.title.en for one in possible) or "none"
    proceeding = session.get_one(Proceeding, request_id)
    known = machine.procedure_of(session, proceeding).moves
    if event not in {one.event for one in known}:
        return NotFound("Tidak ada langkah ini.", "There is no such step.")
    return Conflict(
        f"Langkah ini tidak (lagi) terbuka bagi Anda pada {request_id}. Yang dapat Anda lakukan "
        f"sekarang: {titles_id}.",
        f"This step is not open to you on {request_id} (any more). What you can do now: {titles_en}.",
        state=proceeding.state,
    )


def _elsewhere(request_id: str) -> InvalidInput:
    return InvalidInput(
        f"Keputusan ditandatangani di halaman permintaan {request_id}.",
        f"A decision is signed on the page of the request {request_id}.",
    )


def _field(error: HubError) -> str:
    member = str(error.facts.get("member", "reason"))
    return member.replace("answers.", "answer-")
