"""Which entries somebody may list: the auditors all, an agency those it took part in."""

import base64
import json

from sqlmodel import Session, col, or_, select

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.audit.models import CheckpointOut, EntriesOut, EntryOut
from hub.auth.scopes import AUDIT_READ
from hub.ledger import proofs
from hub.ledger.keys import Signer
from hub.ledger.models import LedgerEntry

SEES_ALL = frozenset({Role.AUDITOR, Role.WALIDATA})


def entries(
    session: Session,
    actor: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    kind: str | None = None,
    target: str | None = None,
) -> EntriesOut:
    """Entries that `actor` may see, newest first, older than `cursor` (an entry's id)."""
    query = select(LedgerEntry).order_by(col(LedgerEntry.id).desc()).limit(limit + 1)
    if actor.identity.dataset is not None:
        query = query.where(LedgerEntry.target_id == actor.identity.dataset)
    if not (actor.roles & SEES_ALL and actor.can(AUDIT_READ)):
        took_part = (
            col(LedgerEntry.actor) == actor.id,
            col(LedgerEntry.agency).in_(actor.agencies),
            col(LedgerEntry.owner).in_(actor.agencies),
        )
        query = query.where(or_(*took_part))
    if cursor is not None:
        query = query.where(col(LedgerEntry.id) < cursor)
    if kind is not None:
        query = query.where(LedgerEntry.kind == kind)
    if target is not None:
        query = query.where(LedgerEntry.target_id == target)
    found = session.exec(query).all()
    following = found[limit - 1].id if len(found) > limit else None
    return EntriesOut(items=[_shown(row) for row in found[:limit]], next=following)


def checkpoint(session: Session, signer: Signer) -> CheckpointOut:
    """The newest signed state; NotFound in a ledger that has none yet."""
    newest = proofs.checkpoint(session)
    root = base64.b64encode(newest.root).decode()
    return CheckpointOut(checkpoint=newest.note, size=newest.size, root=root, key=signer.vkey)


def _shown(row: LedgerEntry) -> EntryOut:
    return EntryOut(
        entry_id=row.id, entry_hash=row.hash.hex(), index=row.idx, entry=json.loads(row.body)
    )
