"""HTTP of contracts: their proof, their signatures, and the keys of the agencies that sign."""

from typing import Any

from fastapi import APIRouter, status

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ClockDep, ReadingDep, SessionDep, SettingsDep
from hub.grants import bundle, keys, service
from hub.grants.attesting import key_only
from hub.grants.shapes import (
    GrantOut,
    KeyIn,
    KeyOut,
    KeysOut,
    SignatureIn,
    SigningIn,
    grant_out,
    key_out,
)
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office

router = APIRouter(prefix="/api/v1", tags=["grants"])


@router.get("/grants/{grant_id}/contract")
def contract(
    session: ReadingDep, actor: ActorDep, ledger: LedgerDep, grant_id: str
) -> dict[str, Any]:
    """The contract as it was signed, with all that `simpul grant verify` checks offline."""
    return bundle.of(session, ledger.signer, actor, grant_id)


@router.post(
    "/grants/{grant_id}/signatures", status_code=status.HTTP_201_CREATED, response_model=GrantOut
)
def sign(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    settings: SettingsDep,
    once: OnceDep,
    digest: BodyDigest,
    grant_id: str,
    body: SignatureIn,
) -> dict[str, Any]:
    """Hand in an agency's own signature under a contract; the last one that was due begins it."""

    def carry_out() -> dict[str, Any]:
        office = Office(ledger, clock, settings.contract_sign_days)
        signed = service.sign(session, office, actor, grant_id, body.jws)
        return grant_out(signed, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]


@router.get("/agencies/{code}/keys")
def agency_keys(session: ReadingDep, code: str) -> KeysOut:
    """Public keys of an agency, withdrawn ones too; open to everybody."""
    found = [key_out(key) for key in keys.keys_of(session, code)]
    return KeysOut(items=found, requires_key=key_only(session, code))


@router.post("/agencies/{code}/keys", status_code=status.HTTP_201_CREATED, response_model=KeyOut)
def register_key(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    code: str,
    body: KeyIn,
) -> dict[str, Any]:
    """Register a public key with which the agency signs contracts; its private half stays there."""

    def carry_out() -> dict[str, Any]:
        made = keys.register(
            session, ledger, actor, code, name=body.name, jwk=body.jwk, now=real_now()
        )
        return key_out(made).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]


@router.delete("/agencies/{code}/keys/{key_id}")
def withdraw_key(
    session: SessionDep, actor: ActorDep, ledger: LedgerDep, code: str, key_id: str
) -> KeyOut:
    """Withdraw a key; what it signed before stays signed."""
    return key_out(keys.withdraw(session, ledger, actor, code, key_id, now=real_now()))


@router.put("/agencies/{code}/signing")
def signing(
    session: SessionDep, actor: ActorDep, ledger: LedgerDep, code: str, body: SigningIn
) -> SigningIn:
    """Say whether nothing but a key signs contracts for the agency (its head)."""
    only = keys.sign_by_key_only(
        session, ledger, actor, code, only=body.requires_key, now=real_now()
    )
    return SigningIn(requires_key=only)
