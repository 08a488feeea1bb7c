"""Making the signatures under a contract: by an agency's key, by the hub's word, by a rule."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal
from hub.errors import NotFound
from hub.grants.models import AccessRequest, Grant, GrantSignature, KeyOnly
from hub.grants.records import digest_of as asked_digest
from hub.grants.signing import AGENCY_KEY, BY_RULE, HUB_ATTESTED
from hub.ledger.models import LedgerEntry
from hub.ledger.service import Ledger

STATEMENT_VERSION = 1


@dataclass(frozen=True)
class Said:
    """One thing that a ledger entry proves: its id, moment and actor."""

    entry: str
    at: datetime
    actor: dict[str, Any]


def key_only(session: Session, agency: str | None) -> bool:
    """Whether this agency signs by its key and by nothing else."""
    return agency is not None and session.get(KeyOnly, agency) is not None


def sides_by_key(session: Session, request: AccessRequest, *, own_decision: bool) -> list[str]:
    """The sides whose signature must come from a key.

    The producer's key is needed for what the producer decided itself: a rule, the Sekda or the regent
    speak for an agency that did not answer, and whose key would not sign either.
    """
    producer = own_decision and key_only(session, request.producer)
    consumer = key_only(session, request.agency)
    return [side for side, must in (("producer", producer), ("consumer", consumer)) if must]


def requested(session: Session, request: AccessRequest) -> Said:
    """What the ledger tells of the request as it was last stated; NotFound when it tells nothing."""
    found = session.exec(
        select(LedgerEntry)
        .where(
            LedgerEntry.target_type == "request",
            LedgerEntry.target_id == request.id,
            col(LedgerEntry.kind).in_(("request.submitted", "request.repaired")),
        )
        .order_by(col(LedgerEntry.id).desc())
    ).first()
    if found is None:
        raise NotFound(
            f"Permintaan {request.id} tidak ada dalam buku besar.",
            f"Request {request.id} is not in the ledger.",
        )
    return Said(found.id, found.at, json.loads(found.body)["actor"])


def by_the_requester(
    ledger: Ledger, grant: Grant, request: AccessRequest, asked: Said
) -> GrantSignature:
    """The consumer's side: the hub's word that this person asked for what the contract gives."""
    statement = _statement(
        grant, "consumer", HUB_ATTESTED, asked.at, signer=asked.actor, cites=[asked.entry]
    )
    statement |= {"request": request.id, "asked": asked_digest(request)}
    return _by_hub(ledger, grant, statement, asked.at)


def by_the_decider(
    ledger: Ledger, grant: Grant, principal: Principal, issued: str, now: datetime
) -> GrantSignature:
    """The producer's side: the hub's word for the session of the official who approved."""
    statement = _statement(
        grant,
        "producer",
        HUB_ATTESTED,
        now,
        signer=_actor(principal, grant.producer),
        cites=[issued],
    )
    return _by_hub(ledger, grant, statement | {"via": principal.identity.via}, now)


def by_the_rule(
    ledger: Ledger, grant: Grant, rule: str, cites: list[str], now: datetime
) -> GrantSignature:
    """The producer's side where nobody acted: the statement names the rule, and cites what proves its
    case, the submission first and the issue last.
    """
    statement = _statement(
        grant,
        "producer",
        BY_RULE,
        now,
        signer={"agency": grant.producer},
        cites=cites,
    )
    return _by_hub(ledger, grant, statement | {"rule": rule}, now)


def by_the_key(
    grant: Grant, side: str, principal: Principal, jws: str, key_id: str, entry: str, now: datetime
) -> GrantSignature:
    """An agency's own signature, handed in by `principal`."""
    agency = grant.producer if side == "producer" else grant.grantee_agency
    return GrantSignature(
        grant=grant.id,
        side=side,
        kind=AGENCY_KEY,
        key_id=key_id,
        signer={"agency": agency, "handed_in_by": principal.id},
        statement="",
        signature=jws,
        at=now,
        cites=[entry],
    )


def _actor(principal: Principal, producer: str) -> dict[str, Any]:
    """As the ledger writes the actor, so that the two can be compared."""
    who = principal.actor(producer if principal.is_member_of(producer) else None)
    return {"post": None, "agency": None, **who}


def _statement(
    grant: Grant, side: str, kind: str, at: datetime, *, signer: dict[str, Any], cites: list[str]
) -> dict[str, Any]:
    return {
        "v": STATEMENT_VERSION,
        "kind": kind,
        "side": side,
        "grant": grant.id,
        "contract": grant.digest,
        "signer": signer,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "cites": cites,
    }


def _by_hub(
    ledger: Ledger, grant: Grant, statement: dict[str, Any], at: datetime
) -> GrantSignature:
    text = rfc8785.dumps(statement)
    return GrantSignature(
        grant=grant.id,
        side=statement["side"],
        kind=statement["kind"],
        key_id=ledger.signer.vkey,
        signer=statement["signer"],
        statement=text.decode(),
        signature=ledger.signer.attest(text),
        at=at,
        cites=statement["cites"],
    )
