"""/ : what is shared, who gives to whom, what is slow, and what of it is real."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from hub.access import sharing
from hub.agencies.principal import Principal
from hub.calendar import BusinessClock, real_now
from hub.db import reading
from hub.deps import PageQuery
from hub.grants import viewing
from hub.grants.shapes import RequestOut
from hub.web.naming import names_of, titled
from hub.web.page import PageDep
from hub.web.weave import weave
from hub.web.working_clock import Term, term

router = APIRouter(include_in_schema=False)

SLOWEST = 6
NEWEST = 8
MOST_WAITING = 500
"""Waiting requests that are looked through for the slowest."""


@dataclass(frozen=True)
class Waiting:
    request: RequestOut
    term: Term


@router.get("/")
def first(page: PageDep) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        waiting = _waiting(session, page.actor, page.clock, now)
        flows = sharing.flows(session, page.actor, now=now)
        newest = sharing.newest(session, page.actor, now=now, limit=NEWEST)
        codes = {flow.giver for flow in flows} | {flow.taker for flow in flows}
        return page.render(
            "beranda.html",
            totals=sharing.totals(session, page.actor, now=now),
            weave=weave(flows),
            flows=flows,
            newest=newest,
            waiting=waiting[:SLOWEST],
            titles=titled(session, {item.request.target for item in waiting[:SLOWEST]}),
            all_waiting=len(waiting),
            names=names_of(session, codes | {item.dataset.agency for item in newest}),
        )


def _waiting(
    session: Session, actor: Principal | None, clock: BusinessClock, now: datetime
) -> list[Waiting]:
    """Requests in whose course the reader has a part, the most urgent first."""
    if actor is None:
        return []
    wanted = PageQuery(MOST_WAITING, None, False)
    found = viewing.list_requests(
        session, actor, wanted, now=now, state=None, dataset=None, open_only=True
    )
    dated = [
        Waiting(request, term(request.entered_at, request.due_at, clock, request.producer))
        for request in found.items
        if request.due_at is not None
    ]
    return sorted(dated, key=lambda waiting: waiting.term.due)
