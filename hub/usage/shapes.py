"""What goes out of the counts over HTTP."""

from datetime import date, datetime

from pydantic import BaseModel


class ReaderOut(BaseModel):
    """Who reads: an agency, or a party outside the regency; `name` for people."""

    agency: str | None
    party: str | None
    name: str


class UsageOut(BaseModel):
    """Reads of one dataset by one reader under one leave; `grant` None reads without needing one.

    `ways` counts reads by the way they took (rows, export, query, …); `cut` ended before their end.
    """

    dataset: str
    reader: ReaderOut
    grant: str | None
    purpose: str | None
    reads: int
    rows: int
    cut: int
    ways: dict[str, int]
    first_day: date
    last_at: datetime


class GivenOut(BaseModel):
    """What one agency gives another: live grants now, reads and rows since the day asked for."""

    datasets: int
    grants: int
    reads: int
    rows: int


class PairOut(BaseModel):
    """Two agencies, `first` before `second` in the alphabet, and what each gives the other."""

    first: str
    second: str
    first_gives: GivenOut
    second_gives: GivenOut
