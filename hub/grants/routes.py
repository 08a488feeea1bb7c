"""HTTP of requests and grants."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, status
from sqlmodel import Session

from hub.agencies.actor import ActorDep
from hub.agencies.principal import Principal
from hub.calendar import BusinessClock, real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.grants import asking, opinions, service, viewing
from hub.grants.grounds import grounds
from hub.grants.models import State
from hub.grants.narrowing import Bounds
from hub.grants.service import Wanted
from hub.grants.shapes import (
    DecisionIn,
    ExtensionIn,
    GrantOut,
    GroundOut,
    MoveIn,
    MoveOut,
    ObjectionIn,
    OpinionIn,
    OpinionOut,
    RequestIn,
    RequestOut,
    RevocationIn,
    StepOut,
    Submitted,
    TermsIn,
    end_of_day,
    grant_out,
    submitted_out,
)
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.ledger.service import Ledger
from hub.proceedings.office import Office
from hub.settings import Settings

LONGER = "tambah_waktu"

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
        use=body.use,
        masks=body.masks,
        daily_rows=body.daily_rows,
        may_store=body.may_store,
        supersedes=body.supersedes,
        emergency_reason=body.emergency_reason,
        answers=body.answers,
    )

    def submit() -> dict[str, Any]:
        request, grant = asking.ask(
            session,
            Office(ledger, clock, settings.contract_sign_days),
            actor,
            f"{agency}/{slug}",
            wanted,
            recipient=body.recipient,
        )
        proceeding = service.proceeding_of(session, request)
        return submitted_out(request, proceeding, grant, real_now()).model_dump(mode="json")

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
def refusal_grounds(session: ReadingDep) -> list[GroundOut]:
    """The closed list of grounds on which a request may be refused."""
    return [viewing.ground_out(ground) for ground in grounds(session).values()]


@router.get("/requests/{request_id}")
def request(session: ReadingDep, actor: ActorDep, request_id: str) -> RequestOut:
    return viewing.one_request(session, actor, request_id, real_now())


@router.post("/requests/{request_id}/decision", response_model=RequestOut)
def decide(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: DecisionIn,
) -> dict[str, Any]:
    """Approve (`terms` make it narrower), or refuse on one of the grounds T01 to T13, with a reason."""

    def carry_out() -> dict[str, Any]:
        office = Office(ledger, clock, settings.contract_sign_days)
        service.decide(
            session,
            office,
            actor,
            request_id,
            body.decision,
            ground=body.ground,
            reason=body.reason,
            bounds=_bounds(body.terms, settings.zone),
            offer=body.offer,
        )
        return viewing.one_request(session, actor, request_id, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]


@router.post(
    "/requests/{request_id}/extension",
    status_code=status.HTTP_201_CREATED,
    response_model=Submitted | RequestOut,
)
def extend(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: ExtensionIn,
) -> dict[str, Any]:
    """More time. For a grant that runs, a new request with a new contract that replaces it; for a term
    that runs, once, by the producer and with a reason.
    """

    def submit() -> dict[str, Any]:
        if body.reason:
            return _moved(
                session, actor, _office(ledger, clock, settings), request_id, LONGER, body.reason
            )
        request, grant = asking.extend(
            session,
            Office(ledger, clock, settings.contract_sign_days),
            actor,
            request_id,
            until=end_of_day(body.until, settings.zone),
            purpose=body.purpose,
        )
        proceeding = service.proceeding_of(session, request)
        return submitted_out(request, proceeding, grant, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, submit)[0]


@router.post("/requests/{request_id}/objection", response_model=RequestOut)
def object_to(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: ObjectionIn,
) -> dict[str, Any]:
    """Object to a refusal, once and in time: the walidata looks at it, then the forum."""

    def carry_out() -> dict[str, Any]:
        office = _office(ledger, clock, settings)
        return _moved(session, actor, office, request_id, "keberatan", body.reason)

    return once.run(session, actor.id, digest, carry_out)[0]


@router.post("/requests/{request_id}/moves", response_model=RequestOut)
def move(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: MoveIn,
) -> dict[str, Any]:
    """Any other step of the ladder that is the caller's; 409 names those that are possible."""

    def carry_out() -> dict[str, Any]:
        office = _office(ledger, clock, settings)
        return _moved(session, actor, office, request_id, body.event, body.reason, body.said)

    return once.run(session, actor.id, digest, carry_out)[0]


@router.get("/requests/{request_id}/moves")
def moves(session: ReadingDep, actor: ActorDep, request_id: str) -> list[MoveOut]:
    """What the caller may do with the request now."""
    return viewing.moves_of(session, actor, request_id)


@router.get("/requests/{request_id}/history")
def history(session: ReadingDep, actor: ActorDep, request_id: str) -> list[StepOut]:
    """Every step: when, by whom in which jabatan, why, and its place in the chain of hashes."""
    return viewing.steps_of(session, actor, request_id)


@router.get("/requests/{request_id}/opinions")
def opinions_heard(
    session: ReadingDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    request_id: str,
) -> list[OpinionOut]:
    """Who is heard before specific personal data is given, what they said, until when they may."""
    return viewing.opinions_of(session, _office(ledger, clock, settings), actor, request_id)


@router.post("/requests/{request_id}/opinions", response_model=list[OpinionOut])
def say_opinion(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    request_id: str,
    body: OpinionIn,
) -> list[dict[str, Any]]:
    """Give the opinion of a seat that one holds, once and in its term."""

    def carry_out() -> dict[str, Any]:
        office = _office(ledger, clock, settings)
        request = service.the_request(session, actor, request_id)
        opinions.say(session, office, actor, request, body.seat, body.opinion, body.text)
        session.flush()  # it is read again
        told = viewing.opinions_of(session, office, actor, request_id)
        return {"opinions": [one.model_dump(mode="json") for one in told]}

    told: list[dict[str, Any]] = once.run(session, actor.id, digest, carry_out)[0]["opinions"]
    return told


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


def _office(ledger: Ledger, clock: BusinessClock, settings: Settings) -> Office:
    return Office(ledger, clock, settings.contract_sign_days)


def _moved(
    session: Session,
    actor: Principal,
    office: Office,
    request_id: str,
    event: str,
    reason: str,
    said: dict[str, Any] | None = None,
) -> dict[str, Any]:
    service.step(session, office, actor, request_id, event, reason=reason, said=said)
    return viewing.one_request(session, actor, request_id, real_now()).model_dump(mode="json")


def _bounds(terms: TermsIn | None, zone: ZoneInfo) -> Bounds | None:
    if terms is None:
        return None
    return Bounds(
        columns=terms.columns,
        filter=terms.filter,
        masks=terms.masks,
        daily_rows=terms.daily_rows,
        until=end_of_day(terms.until, zone),
        may_store=terms.may_store,
    )
