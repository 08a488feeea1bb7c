"""HTTP of the ledger: entries, proofs, receipts, checkpoints."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from hub.agencies.actor import ActorDep
from hub.audit import service
from hub.audit.models import CheckpointOut, EntriesOut
from hub.deps import ReadingDep
from hub.ledger import proofs
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"])


@router.get("/entries")
def entries(
    session: ReadingDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: str | None = None,
    kind: str | None = None,
    target: str | None = None,
) -> EntriesOut:
    """Entries in which the caller's agencies took part; auditor and walidata see all."""
    return service.entries(session, actor, limit=limit, cursor=cursor, kind=kind, target=target)


@router.get("/entries/{entry_id}/proof")
def proof(session: ReadingDep, actor: ActorDep, entry_id: str) -> dict[str, Any]:
    """That the entry is in the tree of the newest checkpoint; 409 until it has a place there."""
    return proofs.inclusion(session, entry_id)


@router.get("/entries/{entry_id}/receipt")
def receipt(
    session: ReadingDep,
    actor: ActorDep,
    ledger: LedgerDep,
    entry_id: str,
    since: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """The bundle that `simpul ledger verify` checks offline; `since` is the size of a kept state."""
    return proofs.bundle(session, ledger.signer, entry_id, since=since)


@router.get("/checkpoint")
def checkpoint(session: ReadingDep, ledger: LedgerDep) -> CheckpointOut:
    """The newest signed state of the ledger, open to everybody: keep it elsewhere."""
    return service.checkpoint(session, ledger.signer)


@router.get("/consistency")
def consistency(
    session: ReadingDep,
    old: Annotated[int, Query(alias="from", ge=1)],
    new: Annotated[int, Query(alias="to", ge=1)],
) -> dict[str, Any]:
    """Proof that between two checkpoints entries were only added; open to everybody."""
    return proofs.consistency(session, old, new)
