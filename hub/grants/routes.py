"""HTTP of requests and grants."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, status

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.grants import asking, service, viewing
from hub.grants.grounds import grounds
from hub.grants.models import State
from hub.grants.service import Office, Wanted
from hub.grants.shapes import (
    DecisionIn,
    GrantOut,
    GroundOut,
    RequestIn,
    RequestOut,
    RevocationIn,
    Submitted,
    end_of_day,
    grant_out,
)
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1", tags=["grants"])

Name = Annotated[str | None, Query(max_length=200)]


@router.post(
    "/datasets/{agency}/{slug}/requests",
    status_code=status.HTTP_201_CREATED,
    response_model=Submitted,
)
def ask(
    session: SessionDep,
    actor: ActorDep,
    settings: SettingsDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    agency: str,
    slug: str,
    body: RequestIn,
) -> dict[str, Any]:
    """Ask for access to a dataset; BERBAGI opens at once for members of an agency."""
    wanted = Wanted(
        body.purpose,
        body.basis,
        body.columns,
        body.filter,
        end_of_day(body.until, settings.zone),
    )

    def submit() -> dict[str, Any]:
        request, grant = asking.ask(
            session,
            Office(ledger, clock),
            actor,
            f"{agency}/{slug}",
            wanted,
            recipient=body.recipient,
        )
        answer = Submitted(
            id=request.id,
            state=request.state,
            due_at=request.due_at,
            grant=grant.id if grant else None,
        )
        return answer.model_dump(mode="json")

    return once.run(session, actor.id, digest, submit)[0]


@router.get("/requests")
def requests(
    session: ReadingDep,
    actor: ActorDep,
    page: PageDep,
    state: State | None = None,
    dataset: Name = None,
) -> Page[RequestOut]:
    """Mine and my agency's, and those that wait for my agency; the walidata sees all."""
    return viewing.list_requests(
        session,
        actor,
        page,
        now=real_now(),
        state=state,
        dataset=dataset,
    )


@router.get("/requests/grounds")
def refusal_grounds() -> list[GroundOut]:
    """The closed list of grounds on which a request may be refused."""
    return [viewing.ground_out(ground) for ground in grounds().values()]


@router.get("/requests/{request_id}")
def request(session: ReadingDep, actor: ActorDep, request_id: str) -> RequestOut:
    return viewing.one_request(session, actor, request_id, real_now())


@router.post("/requests/{request_id}/decision", response_model=RequestOut)
def decide(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: DecisionIn,
) -> dict[str, Any]:
    """Approve, or refuse on one of the grounds T01 to T13, with a written reason."""

    def carry_out() -> dict[str, Any]:
        office = Office(ledger, clock)
        service.decide(
            session,
            office,
            actor,
            request_id,
            body.decision,
            ground=body.ground,
            reason=body.reason,
        )
        return viewing.one_request(session, actor, request_id, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]


@router.get("/grants")
def grants(
    session: ReadingDep,
    actor: ActorDep,
    page: PageDep,
    dataset: Name = None,
    live: bool | None = None,
) -> Page[GrantOut]:
    """Given by my agency and received by it (or by me); the walidata sees all."""
    return viewing.list_grants(session, actor, page, now=real_now(), dataset=dataset, live=live)


@router.delete("/grants/{grant_id}", response_model=GrantOut)
def revoke(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    grant_id: str,
    body: RevocationIn | None = None,
    reason: Annotated[str, Query(max_length=4000)] = "",
) -> dict[str, Any]:
    """Take a grant back; the next read fails. The reason stands in the body or in the query."""

    def carry_out() -> dict[str, Any]:
        why = body.reason if body else reason.strip()
        grant = service.revoke(session, Office(ledger, clock), actor, grant_id, reason=why)
        return grant_out(grant, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]
