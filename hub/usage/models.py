"""Tables of the counts: reads of a day, and how far in the ledger they reach."""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime

NOBODY = ""
"""In place of an agency, a party or a grant that a read does not have; a key holds no NULL."""


class ReadCount(SQLModel, table=True):
    """Reads of one dataset by one reader in one way on one day of the instance's zone.

    `agency` reads, or a `party` outside the regency (a client's or person's id, or anonymous).
    `grant` is a digest. Of the `cut` ones less left than was announced.
    """

    __tablename__ = "hub_usage_read_count"

    dataset: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    agency: str = Field(primary_key=True)
    party: str = Field(primary_key=True)
    grant: str = Field(primary_key=True)
    way: str = Field(primary_key=True)
    owner: str = Field(index=True)
    reads: int
    rows: int = Field(sa_type=BigInteger)
    cut: int
    last_at: datetime = Field(sa_type=UtcDateTime)


class CountedUpTo(SQLModel, table=True):
    """The place in the ledger of the first entry that is not in the counts; one row."""

    __tablename__ = "hub_usage_counted_up_to"

    name: str = Field(primary_key=True)
    place: int = Field(sa_type=BigInteger)
