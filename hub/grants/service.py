"""The rules of access: asking, deciding, giving, taking back (domain.md §4.4, in its plain form)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.calendar import BusinessClock, due_at, real_now
from hub.errors import Conflict, InvalidInput, NotFound
from hub.grants import records
from hub.grants.contract import digest_of
from hub.grants.duties import check_decider, check_revoker, may_see_grant, may_see_request
from hub.grants.grounds import ground as ground_of
from hub.grants.models import AccessRequest, Grant, State
from hub.grants.numbering import next_number
from hub.grants.terms import Terms, end_of, longest_life
from hub.ledger.service import Ledger

SHORTEST_REASON = 10


@dataclass(frozen=True)
class Office:
    """What the rules need of the running hub."""

    ledger: Ledger
    clock: BusinessClock


@dataclass(frozen=True)
class Wanted:
    """What is asked for, and why; `columns` and `filter` None stand for all."""

    purpose: str
    basis: str
    columns: list[str] | None
    filter: dict[str, Any] | None
    until: datetime | None


def submit(
    session: Session,
    office: Office,
    principal: Principal,
    dataset: Dataset,
    wanted: Wanted,
    *,
    agency: str | None,
    terms: Terms,
) -> tuple[AccessRequest, Grant | None]:
    """Record a request that was checked (`hub.grants.asking`); without a term it is granted now.

    `agency` will read; None is a party outside the regency, who then reads alone.
    """
    now = office.clock.now()
    request = AccessRequest(
        id=next_number(session, "PD", now.year, 6),
        target=dataset.id,
        producer=dataset.agency,
        requester_kind=principal.identity.kind,
        requester=principal.id,
        agency=agency,
        purpose=wanted.purpose,
        basis=wanted.basis,
        columns=wanted.columns,
        filter=wanted.filter,
        until=wanted.until,
        personal=terms.personal,
        created_at=now,
    )
    if terms.working_days is not None:
        request.due_at = due_at(now, terms.working_days)
    session.add(request)
    session.flush()  # the grant refers to the request
    records.submitted(session, office.ledger, principal, request)
    if terms.working_days is not None:
        return request, None
    return request, _give(session, office, principal, request)


def decide(
    session: Session,
    office: Office,
    principal: Principal,
    request_id: str,
    decision: Literal["approve", "refuse"],
    *,
    ground: str | None,
    reason: str,
) -> tuple[AccessRequest, Grant | None]:
    """Approve or refuse a waiting request; raises NotFound, NotPermitted, Conflict, InvalidInput."""
    request = session.exec(
        select(AccessRequest).where(AccessRequest.id == request_id).with_for_update()
    ).first()
    if request is None or not may_see_request(principal, request):
        raise no_request(request_id)
    check_decider(principal, request)
    if request.state != State.WAITING:
        raise Conflict(
            f"Permintaan {request.id} sudah diputus: {request.state.value}.",
            f"Request {request.id} has been decided: {request.state.value}.",
            state=request.state.value,
        )
    if decision == "refuse":
        _refuse(request, ground, reason)
    else:
        request.state = State.ACTIVE
    request.decided_by, request.decided_at = principal.id, office.clock.now()
    request.reason = reason or None
    session.add(request)
    records.decided(session, office.ledger, principal, request)
    if decision == "refuse":
        return request, None
    return request, _give(session, office, principal, request)


def revoke(
    session: Session, office: Office, principal: Principal, grant_id: str, *, reason: str
) -> Grant:
    """Take a grant back now; raises NotFound, NotPermitted, Conflict if it has ended already."""
    grant = session.exec(select(Grant).where(Grant.id == grant_id).with_for_update()).first()
    if grant is None or not may_see_grant(principal, grant):
        raise no_grant(grant_id)
    check_revoker(principal, grant)
    now = real_now()
    state = grant.state_at(now)
    if state != State.ACTIVE:
        raise Conflict(
            f"Hak akses {grant.id} sudah {state.value}.",
            f"Grant {grant.id} is no longer active: {state.value}.",
            state=state.value,
        )
    grant.revoked_at, grant.revoked_by, grant.revoke_reason = now, principal.id, reason
    session.add(grant)
    records.revoked(session, office.ledger, principal, grant)
    return grant


def no_request(request_id: str) -> NotFound:
    """The same for a request that does not exist and for one that is not the caller's business."""
    return NotFound(f"Tidak ada permintaan {request_id}.", f"There is no request {request_id}.")


def no_grant(grant_id: str) -> NotFound:
    return NotFound(f"Tidak ada hak akses {grant_id}.", f"There is no grant {grant_id}.")


def _refuse(request: AccessRequest, ground: str | None, reason: str) -> None:
    request.ground = ground_of(ground).code
    if len(reason) < SHORTEST_REASON:
        raise InvalidInput(
            f"Penolakan memerlukan alasan tertulis, sedikitnya {SHORTEST_REASON} huruf.",
            f"A refusal needs a written reason of at least {SHORTEST_REASON} letters.",
        )
    request.state = State.REFUSED


def _give(session: Session, office: Office, principal: Principal, request: AccessRequest) -> Grant:
    """Issue the grant that a request came to; it starts now, by the real clock."""
    now = real_now()
    dataset = session.get_one(Dataset, request.target)
    expires_at = end_of(request.until, now, longest_life(personal=request.personal))
    if expires_at <= now:
        raise Conflict(
            "Masa akses yang diminta sudah lewat; ajukan permintaan baru.",
            "The asked period has passed meanwhile; make a new request.",
        )
    outside = request.agency is None
    grant = Grant(
        id=next_number(session, "HA", office.clock.today().year, 5),
        target=request.target,
        producer=request.producer,
        access_class=dataset.access_class,
        grantee_agency=request.agency,
        grantee=request.requester if outside else None,
        columns=request.columns,
        filter=request.filter,
        masks={},
        purpose=request.purpose,
        basis=request.basis,
        starts_at=now,
        expires_at=expires_at,
        request=request.id,
        granted_by=principal.id,
        digest="",
    )
    grant.digest = digest_of(grant)
    request.state = State.ACTIVE
    session.add_all([request, grant])
    session.flush()  # the number is taken before the entry names the grant
    records.issued(session, office.ledger, principal, grant)
    return grant
