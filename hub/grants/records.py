"""What every change of a request or a grant leaves behind: one ledger entry, one event."""

from datetime import UTC
from hashlib import sha256
from typing import Any

import rfc8785
from sqlmodel import Session

from hub.agencies.principal import Principal, actor_of
from hub.errors import InvalidInput
from hub.grants.models import READ, AccessRequest, Grant
from hub.ledger.entry import HUB, Target
from hub.ledger.service import Ledger, Receipt
from hub.outbox.service import EventType, record
from hub.proceedings.models import Proceeding


def submitted(session: Session, request: AccessRequest, proceeding: Proceeding) -> None:
    """Tell those who listen; the ledger's entry is the proceeding's first step."""
    due_at = proceeding.due_at.isoformat(timespec="seconds") if proceeding.due_at else None
    record(
        session,
        EventType.REQUEST_SUBMITTED,
        dataset=request.target,
        data={"request": request.id, "agency": request.agency, "due_at": due_at},
    )


def decided(session: Session, request: AccessRequest, decision: str) -> None:
    """Tell those who listen that there is a decision, whoever or whatever made it."""
    record(
        session,
        EventType.REQUEST_DECIDED,
        dataset=request.target,
        data={"request": request.id, "agency": request.agency, "decision": decision},
    )


def issued(
    session: Session, ledger: Ledger, principal: Principal | None, grant: Grant, kind: str
) -> Receipt:
    """The contract as it was agreed; `kind` is how the producer's side is signed."""
    return _grant_entry(session, ledger, principal, grant, "grant.issued", {"kind": kind})


def signed(
    session: Session, ledger: Ledger, principal: Principal, grant: Grant, side: str, jws: str
) -> Receipt:
    """An agency's own signature arrived; the ledger keeps it whole."""
    signature = {"kind": "agency_key", "side": side, "jws": jws}
    return _grant_entry(session, ledger, principal, grant, "grant.signed", signature)


def begun(session: Session, grant: Grant) -> None:
    """Tell that leave to read begins: every side has signed."""
    until = grant.expires_at.isoformat(timespec="seconds")
    record(
        session,
        EventType.GRANT_ISSUED,
        dataset=grant.target,
        data={"grant": grant.id, "agency": grant.grantee_agency, "until": until},
    )


def revoked(session: Session, ledger: Ledger, principal: Principal | None, grant: Grant) -> Receipt:
    """`principal` None is the hub, by a rule."""
    record(
        session,
        EventType.GRANT_REVOKED,
        dataset=grant.target,
        data={"grant": grant.id, "agency": grant.grantee_agency},
    )
    return _grant_entry(session, ledger, principal, grant, "grant.revoked")


def digest_of(request: AccessRequest) -> str:
    """SHA-256 of what was asked; raises InvalidInput when a number cannot be written exactly."""
    return sha256(asked_text(request).encode()).hexdigest()


def asked_text(request: AccessRequest) -> str:
    """What was asked, as canonical JSON (RFC 8785); what was not asked for in particular is left out.

    So requests from before a member was known keep their text. Raises InvalidInput as above.
    """
    asked = {
        "target": {"type": request.target_type, "id": request.target},
        "purpose": request.purpose,
        "basis": request.basis,
        "columns": request.columns,
        "filter": request.filter,
        "until": request.until.astimezone(UTC).isoformat() if request.until else None,
        **_in_particular(request),
    }
    try:
        return rfc8785.dumps(asked).decode()
    except rfc8785.CanonicalizationError as odd:
        raise InvalidInput(
            "Saringan memuat angka yang tidak dapat ditulis persis; tulis sebagai teks.",
            "The filter holds a number that cannot be written exactly; write it as text.",
        ) from odd


def _in_particular(request: AccessRequest) -> dict[str, Any]:
    now = {
        "use": request.use,
        "masks": request.masks,
        "daily_rows": request.daily_rows,
        "may_store": request.may_store,
        "supersedes": request.supersedes,
        "emergency": request.emergency,
        "answers": request.answers,
    }
    plain: dict[str, Any] = {
        "use": READ,
        "masks": {},
        "daily_rows": None,
        "may_store": not request.personal,
        "supersedes": None,
        "emergency": False,
        "answers": {},
    }
    return {name: value for name, value in now.items() if value != plain[name]}


def _grant_entry(
    session: Session,
    ledger: Ledger,
    principal: Principal | None,
    grant: Grant,
    kind: str,
    signature: dict[str, str] | None = None,
) -> Receipt:
    return ledger.record(
        session,
        kind=kind,
        actor=HUB if principal is None else actor_of(principal, _side(principal, grant.producer)),
        target=Target("grant", grant.id, owner=grant.producer),
        grant=grant.digest,
        signature=signature,
    )


def _side(principal: Principal, producer: str) -> str | None:
    """The agency for which a decider acts: the producer's when he has a post there."""
    return producer if principal.is_member_of(producer) else None
