"""Reading the ledger: an entry, its proof, its receipt bundle, the growth between two states."""

import base64
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from hub.errors import Conflict, InvalidInput, NotFound
from hub.ledger import tree
from hub.ledger.keys import Signer
from hub.ledger.merkle import Span, consistency_path, hashes_of, inclusion_path
from hub.ledger.models import LedgerCheckpoint, LedgerEntry
from hub.ledger.service import Receipt


class NotPlacedYet(Conflict):
    """The entry is stored, but the next checkpoint, about a second away, is still to come."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(
            "Entri sudah tercatat; buktinya tersedia pada checkpoint berikut.",
            "The entry is recorded; its proof comes with the next checkpoint.",
            entry_id=entry_id,
        )


def entry(session: Session, entry_id: str) -> LedgerEntry:
    found = session.get(LedgerEntry, entry_id)
    if found is None:
        raise NotFound("Entri tidak ditemukan.", "There is no such entry.")
    return found


def checkpoint(session: Session, size: int | None = None) -> LedgerCheckpoint:
    """The signed state at exactly `size` entries, the newest when no size is asked for."""
    query = select(LedgerCheckpoint).order_by(col(LedgerCheckpoint.size).desc()).limit(1)
    if size is not None:
        query = query.where(LedgerCheckpoint.size == size)
    found = session.exec(query).first()
    if found is None:
        raise NotFound("Checkpoint tidak ditemukan.", "There is no such checkpoint.")
    return found


def inclusion(session: Session, entry_id: str) -> dict[str, Any]:
    """The path from an entry to the newest checkpoint's root; NotPlacedYet before it has one."""
    return _inclusion(session, entry(session, entry_id))


def bundle(
    session: Session, signer: Signer, entry_id: str, *, since: int | None = None
) -> dict[str, Any]:
    """All that `hub.ledger.verify` needs offline; `since` adds the growth from an older state."""
    found = entry(session, entry_id)
    whole = {
        "v": 1,
        "entry": found.body.decode(),
        "receipt": receipt_of(found).as_dict(),
        "key": signer.vkey,
        **_inclusion(session, found),
    }
    if since is not None:
        grown = consistency(session, since, whole["inclusion"]["size"])
        whole["consistency"] = {"checkpoint": grown["from"], "path": grown["path"]}
    return whole


def receipt_of(found: LedgerEntry) -> Receipt:
    """The receipt that was handed out when the entry was written."""
    return Receipt(found.id, found.hash.hex(), found.signature)


def consistency(session: Session, old: int, new: int) -> dict[str, Any]:
    """Both checkpoints (sizes `old` and `new`) and the path that proves nothing was rewritten."""
    if not 0 < old <= new:
        raise InvalidInput("Minta from ≤ to.", "Ask for from ≤ to.", old=old, new=new)
    before, after = checkpoint(session, old), checkpoint(session, new)
    path = _hashes(session.connection(), consistency_path(old, new))
    return {"from": before.note, "to": after.note, "path": path}


def _inclusion(session: Session, found: LedgerEntry) -> dict[str, Any]:
    if found.idx is None:
        raise NotPlacedYet(found.id)
    head = checkpoint(session)
    path = _hashes(session.connection(), inclusion_path(found.idx, head.size))
    return {
        "inclusion": {"index": found.idx, "size": head.size, "path": path},
        "checkpoint": head.note,
    }


def _hashes(connection: Connection, path: list[Span]) -> list[str]:
    hashes = hashes_of(path, partial(tree.fetch, connection))
    return [base64.b64encode(digest).decode() for digest in hashes]
