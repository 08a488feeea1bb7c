"""Writing a fact into the ledger, in the transaction of the effect that it proves."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Unpack

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from structlog.contextvars import get_contextvars

from hub.calendar import real_now
from hub.errors import EvidenceUnavailable
from hub.identifiers import new_id
from hub.ledger import also
from hub.ledger.entry import Facts, build, canonical
from hub.ledger.keys import Signer
from hub.ledger.models import LedgerEntry
from hub.ledger.verify import leaf_hash
from hub.settings import Settings

TABLE = LedgerEntry.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the hub hands out for an entry: its id, its leaf hash (hex), the hub's signature."""

    entry_id: str
    entry_hash: str
    signature: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def header(self) -> str:
        """Value of the `Simpul-Receipt` header: the same members as compact JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry hashed and signed, ready to be stored as `row`."""

    row: Mapping[str, Any]
    receipt: Receipt


@dataclass(frozen=True)
class Ledger:
    """The hub's ledger, made once by the application and handed to whatever must be provable."""

    signer: Signer

    @classmethod
    def of(cls, settings: Settings) -> "Ledger":
        return cls(Signer.of(settings))

    def record(self, session: Session, **facts: Unpack[Facts]) -> Receipt:
        """Store one entry in the caller's transaction; EvidenceUnavailable when it cannot be."""
        sealed = self.seal(facts)
        try:
            more = [one.beside(sealed.receipt.entry_id) for one in facts.get("also", ())]
            also.write_all(session.connection(), more)
            session.connection().execute(insert(TABLE), sealed.row)
        except SQLAlchemyError as broken:
            raise unavailable() from broken
        return sealed.receipt

    def seal(self, facts: Facts) -> Sealed:
        """Build, hash and sign an entry without storing it."""
        entry_id, at, trace_id = new_id(), real_now(), _trace_of(facts)
        body = canonical(build(facts, entry_id=entry_id, at=at, trace_id=trace_id))
        leaf = leaf_hash(body)
        signature = self.signer.sign(leaf)
        actor, target = facts["actor"], facts["target"]
        row = {
            "id": entry_id,
            "at": at,
            "kind": str(facts["kind"]),
            "body": body,
            "hash": leaf,
            "signature": signature,
            "actor": actor.id,
            "agency": actor.agency,
            "owner": target.owned_by,
            "target_type": str(target.type),
            "target_id": target.id,
            "trace_id": trace_id,
        }
        return Sealed(row, Receipt(entry_id, leaf.hex(), signature))


def unavailable() -> EvidenceUnavailable:
    return EvidenceUnavailable(
        "Bukti tidak dapat dicatat; tidak ada yang diubah atau dikirim.",
        "The evidence cannot be recorded; nothing was changed or sent.",
    )


def _trace_of(facts: Facts) -> str:
    """The trace named by the caller, else the request's (bound for the logs), else a new one."""
    bound = facts.get("trace_id") or get_contextvars().get("trace_id")
    return str(bound) if bound else secrets.token_hex(16)
