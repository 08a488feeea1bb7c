"""/permintaan: what waits for the reader, what was asked, and the grants on both sides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageDep as Turn
from hub.deps import PageQuery
from hub.errors import InvalidInput
from hub.grants import opinions, service, viewing
from hub.grants.duties import answers_for
from hub.grants.models import AccessRequest, State
from hub.grants.shapes import GrantOut, RequestOut
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.web import forms, words
from hub.web.ladder_view import term_of, waits_for_reader
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep, Page
from hub.web.working_clock import Term

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Form(max_length=255)]
Text = Annotated[str, Form(max_length=4000)]
Id = Annotated[str, Path(max_length=40)]
MOST = 200
"""Requests that are looked through for what waits for the reader, and grants that are shown."""
PAGE = 25
HEARD_WHILE = (State.SUBMITTED, State.WAITING, State.OVERDUE, State.ASSESSMENT, State.INCOMPLETE)


@dataclass(frozen=True)
class Line:
    """A request in the list; `term` while one runs, `opinion` when the reader's is awaited."""

    request: RequestOut
    term: Term | None
    opinion: bool = False


@router.get("/permintaan")
def listed(
    page: MemberPageDep,
    ledger: LedgerDep,
    turn: Turn,
    state: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    now, chosen = real_now(), _known(state)
    with reading(page.engine) as session:
        waiting = _waiting(page, session, Office(ledger, page.clock), now)
        first = turn.after is None
        wanted = PageQuery(PAGE, turn.after, False)
        found = viewing.list_requests(
            session, page.reader, wanted, now=now, state=chosen, dataset=None
        )
        grants = viewing.list_grants(
            session, page.reader, PageQuery(MOST, None, False), now=now, dataset=None, live=True
        ).items
        lines = [_line(page, session, request) for request in found.items]
        shown = [*(line.request for line in waiting), *found.items]
        parties = [party for r in shown for party in (r.agency, r.producer)]
        names = names_of(
            session, [*parties, *(p for g in grants for p in (g.grantee_agency, g.producer))]
        )
        titles = titled(session, {r.target for r in shown} | {g.target for g in grants})
    above = waiting if first and chosen is None else []
    told = {line.request.id for line in above}
    below = [line for line in lines if line.request.id not in told]
    mine = [line for line in below if _asked_by(page.reader, line.request)]
    return page.render(
        "permintaan.html",
        waiting=above,
        mine=mine,
        others=[line for line in below if line not in mine],
        given=[grant for grant in grants if first and _gives(page.reader, grant)],
        received=[grant for grant in grants if first and _receives(page.reader, grant)],
        names=names,
        titles=titles,
        states=words.STATES,
        state=chosen.value if chosen else "",
        started=first,
        next_page=_address(chosen, found.next) if found.next else "",
    )


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


def _waiting(page: Page, session: Session, office: Office, now: datetime) -> list[Line]:
    """What the reader's word is awaited for, whoever he is in it, the next term first."""
    wanted = PageQuery(MOST, None, False)
    found = viewing.list_requests(
        session, page.reader, wanted, now=now, state=None, dataset=None, awaited_only=True
    ).items
    kept = _loaded(session, found)
    lines, sits = [], opinions.sits(session, page.reader)
    for request in found:
        proceeding = session.get_one(Proceeding, request.id)
        stands = machine.procedure_of(session, proceeding).states[proceeding.state]
        speaks = sits and _is_to_speak(page, session, office, request)
        if speaks or waits_for_reader(page, session, proceeding, stands):
            lines.append(Line(request, term_of(page, proceeding, stands), speaks))
    kept.clear()
    return sorted(lines, key=lambda line: line.request.due_at or now)


def _loaded(session: Session, found: list[RequestOut]) -> list[Any]:
    """What is looked up of each, fetched at once; the session has it for as long as the list lives."""
    ids, targets = [one.id for one in found], {one.target for one in found}
    return [
        *session.exec(select(Proceeding).where(col(Proceeding.id).in_(ids))),
        *session.exec(select(AccessRequest).where(col(AccessRequest.id).in_(ids))),
        *session.exec(select(Dataset).where(col(Dataset.id).in_(targets))),
    ]


def _is_to_speak(page: Page, session: Session, office: Office, request: RequestOut) -> bool:
    if not request.personal or request.state not in HEARD_WHILE:
        return False
    asked = session.get_one(AccessRequest, request.id)
    return any(
        one.open_at(page.clock.now()) and opinions.may_say(session, page.reader, asked, one.seat)
        for one in opinions.heard(session, office, asked)
    )


def _line(page: Page, session: Session, request: RequestOut) -> Line:
    proceeding = session.get_one(Proceeding, request.id)
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    return Line(request, term_of(page, proceeding, state))


def _known(state: str) -> State | None:
    """A state that is made up is none."""
    return State(state) if state in set(State) else None


def _address(state: State | None, cursor: str) -> str:
    chosen = f"state={state.value}&" if state else ""
    return f"/permintaan?{chosen}cursor={cursor}"


def _asked_by(actor: Principal, request: RequestOut) -> bool:
    agency = request.agency
    return request.requester == actor.id or (agency is not None and actor.is_member_of(agency))


def _gives(actor: Principal, grant: GrantOut) -> bool:
    return answers_for(actor, grant.producer)


def _receives(actor: Principal, grant: GrantOut) -> bool:
    agency = grant.grantee_agency
    return grant.grantee == actor.id or (agency is not None and actor.is_member_of(agency))
