"""Tables of the ledger: entries, the nodes of their Merkle tree, signed checkpoints."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime

Place = BigInteger().with_variant(Integer, "sqlite")  # there it is the row's own number


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
    """The hash of a complete subtree; `place` is `hub.ledger.merkle.place_of` its node.

    One number and not (level, index), because SQLite scans the table for a list of pairs.
    """

    __tablename__ = "hub_ledger_node"

    place: int = Field(sa_column=Column(Place, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_type=LargeBinary)


class LedgerCheckpoint(SQLModel, table=True):
    """The signed state of the tree at one size (C2SP tlog-checkpoint)."""

    __tablename__ = "hub_ledger_checkpoint"

    size: int = Field(sa_column=Column(Place, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    at: datetime = Field(sa_type=UtcDateTime)
