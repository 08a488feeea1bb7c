"""Tables of the ledger: entries, the nodes of their Merkle tree, signed checkpoints."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class LedgerEntry(SQLModel, table=True):
    """One fact. `body` (canonical JSON) is the evidence; the other columns only find it."""

    __tablename__ = "hub_ledger_entry"
    __table_args__ = (
        Index(
            "ix_hub_ledger_entry_waiting",
            "id",
            sqlite_where=text("idx IS NULL"),
            postgresql_where=text("idx IS NULL"),
        ),
        Index("ix_hub_ledger_entry_target", "target_type", "target_id"),
    )

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    body: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)
    signature: str
    idx: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    actor: str
    agency: str | None = Field(default=None, index=True)
    owner: str | None = Field(default=None, index=True)
    target_type: str
    target_id: str
    trace_id: str = Field(index=True)


class LedgerNode(SQLModel, table=True):
    """A complete subtree of 2^`level` leaves, the `idx`-th of its level from the left."""

    __tablename__ = "hub_ledger_node"

    level: int = Field(primary_key=True, sa_type=BigInteger)
    idx: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class LedgerCheckpoint(SQLModel, table=True):
    """The signed state of the tree at one size (C2SP tlog-checkpoint)."""

    __tablename__ = "hub_ledger_checkpoint"

    size: int = Field(primary_key=True, sa_type=BigInteger)
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    at: datetime = Field(sa_type=UtcDateTime)
