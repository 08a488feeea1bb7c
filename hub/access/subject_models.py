"""Tables of whom reads were about: what personal columns left with which entry, and keyed hashes."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class PersonalRead(SQLModel, table=True):
    """A read that handed out personal columns; `entry` is its entry in the ledger.

    `columns` are the personal ones. `recorded` is how many persons are named beside it by hashes, None
    for a read of too many rows (or of rows without an identifier): those say only how many rows left.
    """

    __tablename__ = "hub_personal_read"
    __table_args__ = (Index("ix_hub_personal_read_of_set", "dataset", "release", "recorded"),)

    entry: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    dataset: str
    release: int
    grant: str | None
    policy: str
    columns: list[str] = Field(sa_column=Column(JSON, nullable=False))
    rows: int = Field(sa_type=BigInteger)
    recorded: int | None


class ReadSubject(SQLModel, table=True):
    """One person in a read, as a keyed hash: the key is not in the database."""

    __tablename__ = "hub_read_subject"

    entry: str = Field(primary_key=True)
    subject: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, index=True))
