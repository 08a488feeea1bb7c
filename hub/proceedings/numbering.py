"""Numbers without gaps per series and year, such as PD-2025-000001."""

from sqlalchemy import text
from sqlmodel import Session

_NEXT = text(
    "INSERT INTO hub_series (name, last) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET last = hub_series.last + 1 RETURNING last"
)


def next_number(session: Session, prefix: str, year: int, digits: int) -> str:
    """The next id of a series; the row lock makes two writers take turns until they commit."""
    series = f"{prefix}-{year}"
    last: int = session.connection().execute(_NEXT, {"name": series}).scalar_one()
    return f"{series}-{last:0{digits}}"
