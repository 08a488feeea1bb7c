"""A contract with everything that proves it, for `hub.grants.verify` to judge without the hub."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from hub.agencies.principal import Principal
from hub.grants.contract import as_json
from hub.grants.duties import may_see_grant
from hub.grants.models import AccessRequest, AgencyKey, Grant, GrantSignature
from hub.grants.records import asked_text
from hub.grants.service import no_grant
from hub.ledger import proofs
from hub.ledger.keys import Signer
from hub.ledger.proofs import NotPlacedYet


def of(session: Session, signer: Signer, principal: Principal, grant_id: str) -> dict[str, Any]:
    """Contract, signed text, signatures, keys and ledger entries; NotFound for those it does not concern."""
    grant = session.get(Grant, grant_id)
    if grant is None or not may_see_grant(principal, grant):
        raise no_grant(grant_id)
    signatures = signatures_of(session, grant.id)
    cited = sorted({entry for one in signatures for entry in one.cites})
    return {
        "v": 1,
        "id": grant.id,
        "contract": as_json(grant),
        "text": grant.text,
        "digest": grant.digest,
        "revoked_at": _moment(grant.revoked_at),
        "signatures": [_signature(one) for one in signatures],
        "agency_keys": [_key(one) for one in _keys(session, signatures)],
        "hub_key": signer.vkey,
        "asked": asked_text(session.get_one(AccessRequest, grant.request)),
        "entries": [_entry(session, signer, entry) for entry in cited],
    }


def signatures_of(session: Session, grant_id: str) -> list[GrantSignature]:
    """The signatures under a contract, the producer's first."""
    query = select(GrantSignature).where(GrantSignature.grant == grant_id)
    return list(
        session.exec(query.order_by(col(GrantSignature.side).desc(), col(GrantSignature.at)))
    )


def _keys(session: Session, signatures: list[GrantSignature]) -> list[AgencyKey]:
    ids = sorted({one.key_id for one in signatures})
    return list(session.exec(select(AgencyKey).where(col(AgencyKey.id).in_(ids))))


def _entry(session: Session, signer: Signer, entry_id: str) -> dict[str, Any]:
    """The bundle of a ledger entry; without its place while the next checkpoint is still to come."""
    try:
        return proofs.bundle(session, signer, entry_id)
    except NotPlacedYet:
        found = proofs.entry(session, entry_id)
        return {
            "v": 1,
            "entry": found.body.decode(),
            "receipt": proofs.receipt_of(found).as_dict(),
            "key": signer.vkey,
        }


def _signature(one: GrantSignature) -> dict[str, Any]:
    return {
        "side": one.side,
        "kind": one.kind,
        "key_id": one.key_id,
        "signer": one.signer,
        "statement": one.statement,
        "signature": one.signature,
        "at": _moment(one.at),
        "cites": one.cites,
    }


def _key(key: AgencyKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "agency": key.agency,
        "jwk": key.jwk,
        "registered_at": _moment(key.registered_at),
        "revoked_at": _moment(key.revoked_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")
