"""The rules of access: asking, deciding, taking back (domain.md §4.4, in its plain form)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.calendar import due_at, real_now
from hub.errors import Conflict, InvalidInput, NotFound
from hub.grants import issuing, records
from hub.grants.duties import check_decider, check_revoker, may_see_grant, may_see_request
from hub.grants.grounds import ground as ground_of
from hub.grants.issuing import as_asked
from hub.grants.models import READ, AccessRequest, Grant, State
from hub.grants.narrowing import Bounds, Given, within
from hub.grants.numbering import next_number
from hub.proceedings.office import Office
from hub.grants.personal import must_be_named
from hub.grants.terms import Terms
from hub.standards import service as standards

SHORTEST_REASON = 10


@dataclass(frozen=True)
class Wanted:
    """What is asked for, and why; `columns` and `filter` None stand for all.

    `may_store` None takes what the class of the data allows; `supersedes` is the grant it replaces.
    """

    purpose: str
    basis: str
    columns: list[str] | None
    filter: dict[str, Any] | None
    until: datetime | None
    use: str = READ
    masks: dict[str, str] = field(default_factory=dict)
    daily_rows: int | None = None
    may_store: bool | None = None
    supersedes: str | None = None


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
        use=wanted.use,
        masks=wanted.masks,
        daily_rows=wanted.daily_rows,
        may_store=not terms.personal if wanted.may_store is None else wanted.may_store,
        supersedes=wanted.supersedes,
        personal=terms.personal,
        created_at=now,
    )
    if terms.working_days is not None:
        request.due_at = due_at(now, terms.working_days, office.clock.local(), request.producer)
    session.add(request)
    session.flush()  # the grant refers to the request
    records.submitted(session, office.ledger, principal, request)
    if terms.working_days is not None:
        return request, None
    return request, issuing.give(
        session, office, principal, request, as_asked(request), by_rule=True
    )


def decide(
    session: Session,
    office: Office,
    principal: Principal,
    request_id: str,
    decision: Literal["approve", "refuse"],
    *,
    ground: str | None,
    reason: str,
    bounds: Bounds | None = None,
) -> tuple[AccessRequest, Grant | None]:
    """Approve (within `bounds`, if any) or refuse; raises NotFound, NotPermitted, Conflict, InvalidInput."""
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
    given = as_asked(request)
    if decision == "refuse":
        _refuse(request, ground, reason)
    else:
        if bounds is not None:
            given = _bounded(session, request, bounds)
        request.state = State.ACTIVE
    request.decided_by, request.decided_at = principal.id, office.clock.now()
    request.reason = reason or None
    session.add(request)
    records.decided(session, office.ledger, principal, request)
    if decision == "refuse":
        return request, None
    return request, issuing.give(session, office, principal, request, given, by_rule=False)


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
    if state not in (State.ACTIVE, State.TO_SIGN):
        raise Conflict(
            f"Hak akses {grant.id} sudah {state.value}.",
            f"Grant {grant.id} is no longer active: {state.value}.",
            state=state.value,
        )
    grant.revoked_at, grant.revoked_by, grant.revoke_reason = now, principal.id, reason
    session.add(grant)
    records.revoked(session, office.ledger, principal, grant)
    return grant


def sign(session: Session, office: Office, principal: Principal, grant_id: str, jws: str) -> Grant:
    """Sign a contract with an agency's key; raises NotFound and what `issuing.sign` raises."""
    principal.must("request:write")
    grant = session.get(Grant, grant_id)
    if grant is None or not may_see_grant(principal, grant):
        raise no_grant(grant_id)
    return issuing.sign(session, office, principal, grant, jws)


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


def _bounded(session: Session, request: AccessRequest, bounds: Bounds) -> Given:
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    hidden = must_be_named(document)
    plain = [column for column in document.by_name if column not in hidden]
    if bounds.until is not None and bounds.until <= real_now():
        raise InvalidInput(
            "Akhir masa akses (until) sudah lewat.",
            "The stated end (until) has passed.",
            member="until",
        )
    return within(request, bounds, document, plain)
