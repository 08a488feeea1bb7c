"""HTTP of agencies, posts, holdings, and of who am I."""

from typing import Any

from fastapi import APIRouter, status

from hub.agencies import service
from hub.agencies.actor import ActorDep, WalidataDep
from hub.agencies.principal import actor_of
from hub.agencies.shapes import (
    AgencyChange,
    AgencyIn,
    AgencyOut,
    HoldingIn,
    HoldingOut,
    MeOut,
    PostIn,
    PostOut,
    agency_out,
    holding_out,
    me_out,
    post_out,
)
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["agencies"])


@router.get("/me")
def me(actor: ActorDep) -> MeOut:
    """Who am I, in which posts, and what may I do with this proof."""
    return me_out(actor)


@router.get("/agencies")
def agencies(session: ReadingDep, page: PageDep) -> Page[AgencyOut]:
    """All agencies of the regency, by code; open to everybody."""
    rows = service.list_agencies(session, after=page.word, limit=page.fetch)
    count = service.count_agencies(session) if page.count else None
    return page.of(rows, lambda row: (row.code,), agency_out, count)


@router.get("/agencies/{code}")
def agency(session: ReadingDep, code: str) -> AgencyOut:
    return agency_out(service.the_agency(session, code))


@router.post("/agencies", status_code=status.HTTP_201_CREATED, response_model=AgencyOut)
def create_agency(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: AgencyIn,
) -> dict[str, Any]:
    """Enter an agency (walidata)."""

    def create() -> dict[str, Any]:
        made = service.create_agency(
            session, ledger, actor_of(actor), now=real_now(), **body.model_dump()
        )
        return agency_out(made).model_dump(mode="json")

    return once.run(session, actor.id, digest, create)[0]


@router.patch("/agencies/{code}")
def change_agency(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, code: str, body: AgencyChange
) -> AgencyOut:
    """Change an agency (walidata); the code stays."""
    changed = service.change_agency(session, ledger, actor_of(actor), code, **body.model_dump())
    return agency_out(changed)


@router.get("/agencies/{code}/posts")
def posts(session: ReadingDep, actor: ActorDep, page: PageDep, code: str) -> Page[PostOut]:
    """Posts of an agency with their roles, for anybody who has signed in."""
    service.the_agency(session, code)
    rows = service.list_posts(session, code, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.id,), post_out)


@router.post("/agencies/{code}/posts", status_code=status.HTTP_201_CREATED, response_model=PostOut)
def create_post(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    code: str,
    body: PostIn,
) -> dict[str, Any]:
    """Create a post with one role (walidata)."""

    def create() -> dict[str, Any]:
        made = service.create_post(
            session, ledger, actor_of(actor), agency=code, title=body.title, role=body.role
        )
        return post_out(made).model_dump(mode="json")

    return once.run(session, actor.id, digest, create)[0]


@router.get("/posts/{post}/holdings")
def holdings(session: ReadingDep, actor: ActorDep, page: PageDep, post: str) -> Page[HoldingOut]:
    """Who holds and held a post, for the walidata and the agency itself; 404 for others."""
    service.visible_post(session, actor, post)
    rows = service.list_holdings(session, post, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.id,), holding_out)


@router.post(
    "/posts/{post}/holdings", status_code=status.HTTP_201_CREATED, response_model=HoldingOut
)
def begin_holding(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    post: str,
    body: HoldingIn,
) -> dict[str, Any]:
    """Seat a person or a program on a post (walidata)."""

    def begin() -> dict[str, Any]:
        made = service.begin_holding(
            session,
            ledger,
            actor_of(actor),
            post=post,
            holder_kind=body.holder_kind,
            holder=body.holder,
            since=body.since or real_now(),
            until=body.until,
        )
        return holding_out(made).model_dump(mode="json")

    return once.run(session, actor.id, digest, begin)[0]


@router.delete("/holdings/{holding}")
def end_holding(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, holding: str
) -> HoldingOut:
    """End a holding now (walidata); it stays in the history."""
    return holding_out(
        service.end_holding(session, ledger, actor_of(actor), holding, now=real_now())
    )
