"""What every change of a request or a grant leaves behind: one ledger entry, one event."""

from hashlib import sha256

import rfc8785
from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.errors import InvalidInput
from hub.grants.models import AccessRequest, Grant
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger, Receipt
from hub.outbox.service import EventType, record


def submitted(
    session: Session, ledger: Ledger, principal: Principal, request: AccessRequest
) -> Receipt:
    due_at = request.due_at.isoformat(timespec="seconds") if request.due_at else None
    record(
        session,
        EventType.REQUEST_SUBMITTED,
        dataset=request.target,
        data={"request": request.id, "agency": request.agency, "due_at": due_at},
    )
    return ledger.record(
        session,
        kind="request.submitted",
        actor=Actor(**principal.actor(request.agency)),
        target=Target("request", request.id, owner=request.producer),
        digests={"request": digest_of(request)},
    )


def decided(
    session: Session, ledger: Ledger, principal: Principal, request: AccessRequest
) -> Receipt:
    """An approval or a refusal by a person; the entry's `outcome` is the new state."""
    record(
        session,
        EventType.REQUEST_DECIDED,
        dataset=request.target,
        data={"request": request.id, "agency": request.agency, "decision": request.state.value},
    )
    return ledger.record(
        session,
        kind="request.decided",
        actor=Actor(**principal.actor(_side(principal, request.producer))),
        target=Target("request", request.id, owner=request.producer),
        outcome=request.state.value,
        digests={"request": digest_of(request)},
    )


def issued(session: Session, ledger: Ledger, principal: Principal, grant: Grant) -> Receipt:
    until = grant.expires_at.isoformat(timespec="seconds")
    record(
        session,
        EventType.GRANT_ISSUED,
        dataset=grant.target,
        data={"grant": grant.id, "agency": grant.grantee_agency, "until": until},
    )
    return _grant_entry(session, ledger, principal, grant, "grant.issued")


def revoked(session: Session, ledger: Ledger, principal: Principal, grant: Grant) -> Receipt:
    record(
        session,
        EventType.GRANT_REVOKED,
        dataset=grant.target,
        data={"grant": grant.id, "agency": grant.grantee_agency},
    )
    return _grant_entry(session, ledger, principal, grant, "grant.revoked")


def digest_of(request: AccessRequest) -> str:
    """SHA-256 of what was asked; raises InvalidInput when a number cannot be written exactly."""
    asked = {
        "target": {"type": request.target_type, "id": request.target},
        "purpose": request.purpose,
        "basis": request.basis,
        "columns": request.columns,
        "filter": request.filter,
        "until": request.until.isoformat() if request.until else None,
    }
    try:
        return sha256(rfc8785.dumps(asked)).hexdigest()
    except rfc8785.CanonicalizationError as odd:
        raise InvalidInput(
            "Saringan memuat angka yang tidak dapat ditulis persis; tulis sebagai teks.",
            "The filter holds a number that cannot be written exactly; write it as text.",
        ) from odd


def _grant_entry(
    session: Session, ledger: Ledger, principal: Principal, grant: Grant, kind: str
) -> Receipt:
    return ledger.record(
        session,
        kind=kind,
        actor=Actor(**principal.actor(_side(principal, grant.producer))),
        target=Target("grant", grant.id, owner=grant.producer),
        grant=grant.digest,
    )


def _side(principal: Principal, producer: str) -> str | None:
    """The agency for which a decider acts: the producer's when he has a post there."""
    return producer if principal.is_member_of(producer) else None
