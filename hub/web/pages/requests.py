"""/permintaan: what I asked, what waits for my decision, and the grants on both sides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from catalog.errors import FilterInvalid
from catalog.filters import parse
from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.audit import service as audit
from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageQuery
from hub.errors import HubError, InvalidInput
from hub.grants import service, viewing
from hub.grants.duties import answers_for
from hub.grants.grounds import grounds
from hub.grants.models import UNDECIDED, State
from hub.grants.narrowing import Bounds
from hub.grants.personal import must_be_named
from hub.grants.shapes import GrantOut, RequestOut, end_of_day
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.standards import service as standards
from hub.web import contracting, forms
from hub.web.forms import Failure
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_
from hub.web.working_clock import Term, term
from schemas.document import SchemaDocument

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=40)]
Key = Annotated[str, Form(max_length=255)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=40)]
MOST = 200
"""Requests and grants on the page; older ones are reached through the API."""


@dataclass(frozen=True)
class Line:
    """A request in the list; `term` while it waits."""

    request: RequestOut
    term: Term | None
    mine: bool


@dataclass(frozen=True)
class Narrowed:
    """The terms of an approval as the form sends them; `masks` are `column=kind`, or empty."""

    keep: list[str]
    masks: list[str]
    only_rows: str
    daily_rows: str
    until: str
    store: bool

    def said(self) -> tuple[str, ...]:
        rest = (self.only_rows, self.daily_rows, self.until, str(self.store))
        return (*self.keep, "", *self.masks, "", *rest)


@router.get("/permintaan")
def listed(page: MemberPageDep) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        wanted = PageQuery(MOST, None, False)
        found = viewing.list_requests(
            session, page.reader, wanted, now=now, state=None, dataset=None
        ).items
        grants = viewing.list_grants(
            session, page.reader, wanted, now=now, dataset=None, live=True
        ).items
        lines = [_line(page, request) for request in found]
        parties = [party for r in found for party in (r.agency, r.producer)]
        names = names_of(
            session, [*parties, *(p for g in grants for p in (g.grantee_agency, g.producer))]
        )
        titles = titled(session, {r.target for r in found} | {g.target for g in grants})
    waiting = [line for line in lines if line.request.state in UNDECIDED]
    return page.render(
        "permintaan.html",
        deciding=sorted(
            (line for line in waiting if may_decide(page.reader, line.request)), key=_urgency
        ),
        others=[line for line in lines if not may_decide(page.reader, line.request)],
        decided=[
            line
            for line in lines
            if may_decide(page.reader, line.request) and line.request.state not in UNDECIDED
        ],
        given=[grant for grant in grants if _gives(page.reader, grant)],
        received=[grant for grant in grants if _receives(page.reader, grant)],
        names=names,
        titles=titles,
    )


@router.get("/permintaan/{request_id}")
def shown(page: MemberPageDep, request_id: Id) -> Response:
    return _shown(page, request_id)


@router.post("/permintaan/{request_id}")
def decide(
    page: MemberPageDep,
    ledger: LedgerDep,
    request_id: Id,
    decision: Annotated[str, Form(max_length=20)] = "",
    ground: Annotated[str, Form(max_length=40)] = "",
    reason: Text = "",
    bounded: Word = "",
    keep: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    masks: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    only_rows: Text = "",
    daily_rows: Word = "",
    until: Word = "",
    store: Word = "",
    key: Key = "",
) -> Response:
    """Sign a decision; shown again with what is missing when it is not complete."""
    typed = Narrowed(keep, masks, only_rows.strip(), daily_rows.strip(), until, store == "1")
    said = (decision, ground, reason, bounded, *typed.said())

    def carry_out(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock, page.settings.contract_sign_days)
        made, _ = service.decide(
            session,
            office,
            page.reader,
            request_id,
            _chosen(decision),
            ground=ground or None,
            reason=reason.strip(),
            bounds=_bounds(page, session, request_id, typed)
            if bounded and decision == "approve"
            else None,
        )
        return {"request": made.id}

    try:
        forms.take(page, key, said, carry_out)
    except HubError as error:
        again = {"decision": decision, "ground": ground, "reason": reason}
        failed = forms.failure(
            page,
            error,
            page.say(N_("Keputusan belum tercatat")),
            "sempit"
            if error.facts.get("member", "reason") not in ("reason", "offer")
            else _field(decision, ground),
        )
        narrowed = typed if bounded else None
        return _shown(page, request_id, failed, again, narrowed, status=forms.status_of(error))
    return page.redirect(f"/permintaan/{request_id}")


@router.post("/hak-akses/{grant_id}/cabut")
def revoke(
    page: MemberPageDep, ledger: LedgerDep, grant_id: Id, reason: Text = "", key: Key = ""
) -> Response:
    """Take a grant back; the next read with it fails."""

    def carry_out(session: Session) -> dict[str, Any]:
        if len(reason.strip()) < 3:
            raise InvalidInput("Tulis alasan pencabutan.", "Write why the grant is taken back.")
        office = Office(ledger, page.clock)
        grant = service.revoke(session, office, page.reader, grant_id, reason=reason.strip())
        return {"request": grant.request}

    done = forms.take(page, key, (grant_id, reason), carry_out)
    return page.redirect(f"/permintaan/{done['request']}")


def may_decide(actor: Principal, request: RequestOut) -> bool:
    """Whether to offer the decision; `hub.grants` decides about it when it is made."""
    asks = request.requester == actor.id or (
        request.agency is not None and actor.is_member_of(request.agency)
    )
    answers = actor.has("walidata") or actor.holds("head", request.producer)
    return answers and not asks and actor.can("request:decide")


def _shown(
    page: Page,
    request_id: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    narrowed: Narrowed | None = None,
    *,
    status: int = 200,
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        request = viewing.one_request(session, page.reader, request_id, now)
        grant = _grant_of(session, page.reader, request, now)
        dataset = session.get_one(Dataset, request.target)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        entries = audit.entries(session, page.reader, limit=5, target=request.id).items
        names = names_of(session, [request.agency, request.producer])
        closed = list(grounds(session).values())
        signed = contracting.signatures(page, session, grant.id) if grant else []
    line = _line(page, request)
    waits = request.state in UNDECIDED
    return page.render(
        "permintaan-satu.html",
        status=status,
        request=request,
        item=line,
        term=line.term,
        grant=grant,
        agreed=contracting.given_terms(page, request, grant, document) if grant else [],
        signed=signed,
        terms=contracting.asked_terms(page, request),
        choices=contracting.choices_of(document, request),
        narrowed=narrowed,
        dataset=dataset,
        document=document,
        asked=request.columns or [],
        left_out=_left_out(document, request.columns),
        entries=entries,
        names=names,
        decides=waits and may_decide(page.reader, request),
        revokes=grant is not None
        and grant.state in (State.ACTIVE, State.TO_SIGN)
        and page.reader.can("request:decide")
        and answers_for(page.reader, request.producer),
        grounds=closed,
        failed=failed,
        typed=typed or {"decision": "", "ground": "", "reason": ""},
        key=forms.new_key(),
        revoke_key=forms.new_key(),
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


def _line(page: Page, request: RequestOut) -> Line:
    waits = request.state in UNDECIDED and request.due_at is not None
    counted = (
        term(request.entered_at, request.due_at, page.clock, request.producer)
        if waits and request.due_at
        else None
    )
    mine = request.requester == page.reader.id
    return Line(request, counted, mine)


def _urgency(line: Line) -> tuple[bool, Any]:
    return line.term is None, line.term.due if line.term else None


def _gives(actor: Principal, grant: GrantOut) -> bool:
    return answers_for(actor, grant.producer)


def _receives(actor: Principal, grant: GrantOut) -> bool:
    agency = grant.grantee_agency
    return grant.grantee == actor.id or (agency is not None and actor.is_member_of(agency))


def _bounds(page: Page, session: Session, request_id: str, typed: Narrowed) -> Bounds:
    """What the form leaves of the request; what it left as it was stays out."""
    request = viewing.one_request(session, page.reader, request_id, real_now())
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    asked = [choice.name for choice in contracting.choices_of(document, request)]
    if not typed.keep:
        raise InvalidInput(
            "Sisakan sedikitnya satu kolom.", "Leave at least one column.", member="columns"
        )
    return Bounds(
        columns=None if set(typed.keep) == set(asked) else typed.keep,
        filter=_rows(typed.only_rows),
        masks=forms.masks_of(m for m in typed.masks if m.partition("=")[0] in typed.keep),
        daily_rows=forms.whole_number(typed.daily_rows, "daily_rows"),
        until=end_of_day(forms.day_of(typed.until), page.settings.zone),
        may_store=None if typed.store or not request.may_store else False,
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


def _field(decision: str, ground: str) -> str:
    """The field to mend: what is missing first."""
    if decision != "refuse":
        return "setuju"
    return "reason" if ground else "ground-T01"
