"""Requests and grants as their parties see them; everything else does not exist for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal
from hub.deps import Page, PageQuery
from hub.grants import opinions
from hub.grants.duties import decides_above, may_see_request
from hub.grants.grounds import Ground, grounds
from hub.grants.ladder import Ladder
from hub.grants.models import UNDECIDED, AccessRequest, Grant, State
from hub.grants.service import no_request, the_request
from hub.grants.shapes import (
    GrantOut,
    GroundOut,
    MoveOut,
    OpinionOut,
    RequestOut,
    StepOut,
    grant_out,
    move_out,
    opinion_out,
    request_out,
    step_out,
)
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office


def one_request(
    session: Session, principal: Principal, request_id: str, now: datetime
) -> RequestOut:
    """Raises NotFound, also for what is not the caller's business."""
    request = session.get(AccessRequest, request_id)
    if request is None or not may_see_request(session, principal, request):
        raise no_request(request_id)
    return _shown(session, [request], now)[0]


def list_requests(
    session: Session,
    principal: Principal,
    page: PageQuery,
    *,
    now: datetime,
    state: State | None,
    dataset: str | None,
    open_only: bool = False,
    awaited_only: bool = False,
) -> Page[RequestOut]:
    """Newest first; `state` is the one in which the request stands now, `open_only` leaves out those
    that have their answer, `awaited_only` those on which no term runs.
    """
    wanted = [_requests_of(session, principal), _reached(principal, col(AccessRequest.target))]
    if state is not None:
        wanted.append(_stands(state, now))
    if dataset is not None:
        wanted.append(col(AccessRequest.target) == dataset)
    if open_only:
        wanted.append(undecided())
    if awaited_only:
        wanted.append(_awaited())
    query = select(AccessRequest).where(*wanted)
    count = _count(session, query) if page.count else None
    if page.after:
        query = query.where(col(AccessRequest.id) < str(page.after[0]))
    query = query.order_by(col(AccessRequest.id).desc()).limit(page.fetch)
    rows = _shown(session, list(session.exec(query)), now)
    return page.of(rows, lambda row: (row.id,), lambda row: row, count)


def list_grants(
    session: Session,
    principal: Principal,
    page: PageQuery,
    *,
    now: datetime,
    dataset: str | None,
    live: bool | None,
) -> Page[GrantOut]:
    """Given and received, newest first; `live` keeps those that open something now, or do not."""
    wanted = [_grants_of(principal), _reached(principal, col(Grant.target))]
    if dataset is not None:
        wanted.append(col(Grant.target) == dataset)
    if live is not None:
        wanted.append(_live(now) if live else ~_live(now))
    query = select(Grant).where(*wanted)
    count = _count(session, query) if page.count else None
    if page.after:
        query = query.where(col(Grant.id) < str(page.after[0]))
    rows = list(session.exec(query.order_by(col(Grant.id).desc()).limit(page.fetch)))
    return page.of(rows, lambda row: (row.id,), lambda row: grant_out(row, now), count)


def _live(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Grant.revoked_at).is_(None),
        col(Grant.waits_until).is_(None),
        col(Grant.suspended_at).is_(None),
        col(Grant.expires_at) > now,
    )


def _to_sign(now: datetime) -> ColumnElement[bool]:
    return and_(col(Grant.revoked_at).is_(None), col(Grant.waits_until) > now)


def _stands(state: State, now: datetime) -> ColumnElement[bool]:
    """Requests by their state of now: the grant that came of one may have ended since."""
    given = select(Grant.request)
    match state:
        case State.REVOKED:
            ids = given.where(col(Grant.revoked_at).is_not(None))
        case State.ENDED:
            over = or_(
                and_(col(Grant.waits_until).is_(None), col(Grant.expires_at) <= now),
                col(Grant.waits_until) <= now,
            )
            ids = given.where(col(Grant.revoked_at).is_(None), over)
        case State.TO_SIGN:
            ids = given.where(_to_sign(now))
        case State.ACTIVE:
            ids = given.where(_live(now))
        case _:
            ids = select(Proceeding.id).where(Proceeding.state == state)
    return col(AccessRequest.id).in_(ids)


def undecided() -> ColumnElement[bool]:
    """Requests that wait for somebody's word."""
    waiting = select(Proceeding.id).where(col(Proceeding.state).in_(UNDECIDED))
    return col(AccessRequest.id).in_(waiting)


def _awaited() -> ColumnElement[bool]:
    running = and_(col(Proceeding.due_at).is_not(None), col(Proceeding.ends_at).is_(None))
    return col(AccessRequest.id).in_(select(Proceeding.id).where(running))


def _count(session: Session, query: Any) -> int:
    return session.exec(select(func.count()).select_from(query.subquery())).one()


def _answering(principal: Principal) -> list[str]:
    """The agencies for which the caller sees what others ask of them."""
    return [post.agency for post in principal.posts if post.role in ("head", "steward")]


def _requests_of(session: Session, principal: Principal) -> ColumnElement[bool]:
    if principal.has("walidata") or decides_above(session, principal):
        return true()
    return or_(
        and_(
            col(AccessRequest.requester_kind) == principal.identity.kind,
            col(AccessRequest.requester) == principal.id,
        ),
        _among(col(AccessRequest.agency), sorted(principal.agencies)),
        _among(col(AccessRequest.producer), _answering(principal)),
    )


def _grants_of(principal: Principal) -> ColumnElement[bool]:
    if principal.has("walidata"):
        return true()
    return or_(
        col(Grant.grantee) == principal.id,
        _among(col(Grant.grantee_agency), sorted(principal.agencies)),
        _among(col(Grant.producer), _answering(principal)),
    )


def _reached(principal: Principal, target: Mapped[str]) -> ColumnElement[bool]:
    """A token for one dataset knows of what concerns that one."""
    narrowed = principal.identity.dataset
    return true() if narrowed is None else target == narrowed


def _among(column: Mapped[str] | Mapped[str | None], values: list[str]) -> ColumnElement[bool]:
    return column.in_(values) if values else false()


def _shown(session: Session, requests: list[AccessRequest], now: datetime) -> list[RequestOut]:
    ids = [request.id for request in requests]
    if not ids:
        return []
    grants = session.exec(
        select(Grant).where(col(Grant.request).in_(ids)).order_by(col(Grant.id))
    ).all()
    by_request = {grant.request: grant for grant in grants}
    stands = session.exec(select(Proceeding).where(col(Proceeding.id).in_(ids))).all()
    where = {proceeding.id: proceeding for proceeding in stands}
    known = grounds(session)
    return [
        request_out(
            request,
            where[request.id],
            ground_out(known[request.ground]) if request.ground else None,
            by_request.get(request.id),
            now,
        )
        for request in requests
    ]


def ground_out(ground: Ground) -> GroundOut:
    return GroundOut(
        code=ground.code,
        title=ground.title,
        title_en=ground.title_en,
        law=ground.law,
        also=ground.also,
        also_en=ground.also_en,
        gives=ground.gives,
        needs=ground.needs,
    )


def steps_of(session: Session, principal: Principal, request_id: str) -> list[StepOut]:
    """Every step with its actor's jabatan; raises NotFound."""
    request = session.get(AccessRequest, request_id)
    if request is None or not may_see_request(session, principal, request):
        raise no_request(request_id)
    procedure = machine.procedure_of(session, session.get_one(Proceeding, request_id))
    return [step_out(step, procedure) for step in machine.history(session, request_id)]


def opinions_of(
    session: Session, office: Office, principal: Principal, request_id: str
) -> list[OpinionOut]:
    """Who is heard on it, and what they said; raises NotFound."""
    request = the_request(session, principal, request_id)
    return [opinion_out(one) for one in opinions.heard(session, office, request)]


def moves_of(session: Session, principal: Principal, request_id: str) -> list[MoveOut]:
    """What the caller may do with it now; raises NotFound."""
    request = session.get(AccessRequest, request_id)
    if request is None or not may_see_request(session, principal, request):
        raise no_request(request_id)
    proceeding = session.get_one(Proceeding, request_id)
    return [move_out(move) for move in machine.possible(session, principal, Ladder(), proceeding)]
