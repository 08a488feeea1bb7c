"""One writer at a time for a name that is about to be taken."""

from sqlalchemy import text
from sqlmodel import Session


def take_turn(session: Session, name: str) -> None:
    """Wait until no other transaction holds `name`; ours holds it until it ends.

    SQLite has one writer anyway; on PostgreSQL two could look, find nothing, and both write.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 1))"), {"turn": name}
        )
