"""/permintaan/{id}: one request on its ladder, and the decision for whom it is."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from sqlmodel import Session, col, select
from starlette.responses import Response

from catalog.errors import FilterInvalid
from catalog.filters import parse
from catalog.models import Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.audit import service as audit
from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageQuery
from hub.errors import HubError, InvalidInput
from hub.grants import assessments, opinions, questions, service, viewing
from hub.grants.duties import answers_for
from hub.grants.grounds import grounds
from hub.grants.models import AccessRequest, State
from hub.grants.narrowing import Bounds
from hub.grants.opinions import Heard
from hub.grants.personal import must_be_named
from hub.grants.refusing import MEMBERS
from hub.grants.shapes import GrantOut, RequestOut, end_of_day
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.standards import service as standards
from hub.web import contracting, deciding, forms
from hub.web.forms import Failure
from hub.web.ladder_view import LadderView, view_of
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.sent import NOTHING, Sent, SentDep
from hub.web.snippets import snippets
from hub.web.translation import N_
from schemas.document import SchemaDocument

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=40)]
MOST = 200
OFFERED = tuple(f"offer-{name}" for name in MEMBERS)
"""Fields of what a refusal gives instead."""


@router.get("/permintaan/{request_id}")
def shown(page: MemberPageDep, ledger: LedgerDep, request_id: Id) -> Response:
    return show(page, ledger, request_id)


@router.post("/permintaan/{request_id}")
def decide(page: MemberPageDep, ledger: LedgerDep, request_id: Id, sent: SentDep) -> Response:
    """Sign a decision; shown again with what is missing when it is not complete."""

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock, page.settings.contract_sign_days)
        decision = _chosen(sent.one("decision"))
        narrowed = decision == "approve" and bool(sent.one("bounded"))
        made, _ = service.decide(
            session,
            office,
            page.reader,
            request_id,
            decision,
            ground=sent.one("ground") or None,
            reason=sent.one("reason"),
            bounds=_bounds(page, session, request_id, sent) if narrowed else None,
            offer=_offer(session, sent),
        )
        return {"request": made.id}

    try:
        forms.take(page, sent.key, sent.said, carry_out)
    except HubError as error:
        title = page.say(N_("Keputusan belum tercatat"))
        failed = forms.failure(page, error, title, _field(error, sent))
        return show(page, ledger, request_id, failed, sent, status=forms.status_of(error))
    return page.redirect(f"/permintaan/{request_id}")


def show(
    page: Page,
    ledger: LedgerDep,
    request_id: str,
    failed: Failure | None = None,
    sent: Sent = NOTHING,
    *,
    status: int = 200,
) -> Response:
    """The page; `sent` is what was typed into the form that `failed`."""
    now, office = real_now(), Office(ledger, page.clock)
    with reading(page.engine) as session:
        request = viewing.one_request(session, page.reader, request_id, now)
        asked = session.get_one(AccessRequest, request_id)
        grant = _grant_of(session, page.reader, request, now)
        dataset = session.get_one(Dataset, request.target)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        names = names_of(session, [request.agency, request.producer])
        proceeding = service.proceeding_of(session, asked)
        ladder = view_of(page, session, office, proceeding, names)
        entries = audit.entries(session, page.reader, limit=5, target=request.id).items
        heard = opinions.heard(session, office, asked)
        values = {
            "agreed": contracting.given_terms(page, request, grant, document) if grant else [],
            "signed": contracting.signatures(page, session, grant.id) if grant else [],
            "highlights": _highlights(page, session, asked, document, ladder, now),
            "answers": deciding.said_of(page, session, asked),
            "unanswered": questions.missing(session, asked),
            "offers": deciding.offers_of(page, session, asked, request.offer),
            "assessment": assessments.attached(session, request_id),
            "triggers": assessments.needed(session, dataset, document, asked),
            "heard": heard,
            "mine_to_say": _mine_to_say(page, session, asked, heard),
            "grounds": list(grounds(session).values()),
            "agencies": _agencies(session, dataset.agency) if ladder.decides else [],
        }
    return page.render(
        "permintaan-satu.html",
        status=status,
        request=request,
        ladder=ladder,
        term=ladder.term,
        grant=grant,
        terms=contracting.asked_terms(page, request),
        choices=contracting.choices_of(document, request),
        dataset=dataset,
        document=document,
        asked=request.columns or [],
        left_out=_left_out(document, request.columns),
        entries=entries,
        names=names,
        mine=request.requester == page.reader.id
        or (request.agency is not None and page.reader.is_member_of(request.agency)),
        revokes=_revokes(page.reader, request, grant),
        snippet=snippets(page.settings.public_url, request.target, open_data=False)[0],
        alternatives=deciding.ALTERNATIVES,
        opinions=deciding.OPINIONS,
        awaited=deciding.AWAITED,
        now=page.clock.now(),
        failed=failed,
        sent=sent,
        key=forms.new_key(),
        revoke_key=forms.new_key(),
        opinion_key=forms.new_key(),
        **values,
    )


def _highlights(
    page: Page,
    session: Session,
    asked: AccessRequest,
    document: SchemaDocument,
    ladder: LadderView,
    now: datetime,
) -> list[Any]:
    """Only for who decides or is heard: they are no judgement that the asker should read."""
    decides = ladder.decides or any(m.event in ("kabulkan", "darurat") for m in ladder.moves)
    return deciding.seen_by_decider(page, session, asked, document, now) if decides else []


def _mine_to_say(
    page: Page, session: Session, asked: AccessRequest, heard: list[Heard]
) -> list[Heard]:
    return [
        one
        for one in heard
        if one.open_at(page.clock.now())
        and asked.decided_at is None
        and opinions.may_say(session, page.reader, asked, one.seat)
    ]


def _agencies(session: Session, producer: str) -> list[Agency]:
    wanted = select(Agency).where(col(Agency.active), Agency.code != producer)
    return list(session.exec(wanted.order_by(col(Agency.name))))


def _revokes(actor: Principal, request: RequestOut, grant: GrantOut | None) -> bool:
    return (
        grant is not None
        and grant.state in (State.ACTIVE, State.TO_SIGN, State.SUSPENDED)
        and actor.can("request:decide")
        and answers_for(actor, request.producer)
    )


def _left_out(document: SchemaDocument, asked: list[str] | None) -> list[str]:
    """Personal columns that stay hidden: by not being named, or by not being asked for at all."""
    personal = must_be_named(document) if asked is None else document.personal
    return [name for name in document.by_name if name in personal and name not in (asked or ())]


def _grant_of(
    session: Session, actor: Principal, request: RequestOut, now: datetime
) -> GrantOut | None:
    if request.grant is None:
        return None
    wanted = PageQuery(MOST, None, False)
    found = viewing.list_grants(
        session, actor, wanted, now=now, dataset=request.target, live=None
    ).items
    return next((grant for grant in found if grant.id == request.grant), None)


def _offer(session: Session, sent: Sent) -> dict[str, Any] | None:
    """What the form gives instead, of the members that the chosen ground takes."""
    chosen = grounds(session).get(sent.one("ground")[:3])
    if chosen is None:
        return None
    typed: dict[str, Any] = {name: sent.one(f"offer-{name}") for name in MEMBERS}
    typed["columns"] = sent.many("offer-columns")
    return {name: typed[name] for name in chosen.gives if typed.get(name)}


def _bounds(page: Page, session: Session, request_id: str, sent: Sent) -> Bounds:
    """What the form leaves of the request; what it left as it was stays out."""
    request = viewing.one_request(session, page.reader, request_id, real_now())
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    asked = [choice.name for choice in contracting.choices_of(document, request)]
    keep = sent.many("keep")
    if not keep:
        raise InvalidInput(
            "Sisakan sedikitnya satu kolom.", "Leave at least one column.", member="columns"
        )
    return Bounds(
        columns=None if set(keep) == set(asked) else keep,
        filter=_rows(sent.one("only_rows")),
        masks=forms.masks_of(m for m in sent.many("masks") if m.partition("=")[0] in keep),
        daily_rows=forms.whole_number(sent.one("daily_rows"), "daily_rows"),
        until=end_of_day(forms.day_of(sent.one("until")), page.settings.zone),
        may_store=None if sent.one("store") == "1" or not request.may_store else False,
    )


def _rows(line: str) -> dict[str, Any] | None:
    try:
        return parse(line) if line else None
    except FilterInvalid as fault:
        raise InvalidInput(fault.reason_id, fault.reason_en, member="filter") from fault


def _chosen(decision: str) -> Literal["approve", "refuse"]:
    match decision:
        case "approve":
            return "approve"
        case "refuse":
            return "refuse"
    raise InvalidInput("Pilih setujui atau tolak.", "Choose to approve or to refuse.")


def _field(error: HubError, sent: Sent) -> str:
    """The field to mend: what is missing first."""
    member = str(error.facts.get("member", "reason"))
    needs = error.facts.get("needs")
    if sent.one("decision") == "refuse":
        if needs:
            return f"offer-{needs[0]}"
        if member.startswith("offer."):
            return member.replace(".", "-")
        return "reason" if sent.one("ground") else "ground-T01"
    if member == "opinions":
        return "pendapat"
    return "setuju" if member == "reason" else "sempit"
