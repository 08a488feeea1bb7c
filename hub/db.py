"""The control plane: one engine, one unit of work, the only commit of the hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError
from sqlmodel import Session

from hub.errors import InvalidInput

BUSY_MS = 15_000


def open_engine(url: str) -> Engine:
    """Engine for SQLite (WAL, FULL, one writer at a time) or PostgreSQL (`postgresql+psycopg`)."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
    event.listen(engine, "handle_error", _blame_the_value)
    return engine


def _blame_the_value(context: ExceptionContext) -> None:
    """A value that no column can hold (NUL, half a surrogate pair, 2**63) came with the request.

    Raises InvalidInput; each driver has its own words for it, two of them none of its own.
    """
    unholdable = (OverflowError, UnicodeEncodeError)
    if isinstance(context.original_exception, unholdable) or isinstance(
        context.sqlalchemy_exception, DataError
    ):
        raise InvalidInput(
            "Permintaan memuat teks atau angka yang tidak dapat disimpan.",
            "The request holds a text or a number that cannot be stored.",
        ) from context.original_exception


def _postgres(url: str) -> Engine:
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}, pool_size=40
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: `_begin` decides how they start.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL lost acknowledged rows on power loss (security.md §5)
            f"busy_timeout={BUSY_MS}",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("read_only", False)
        # A deferred transaction that turns into a writer fails at once instead of waiting.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """One session, one transaction: commit at the end, roll back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One session that only reads: no write lock on SQLite, nothing is ever committed."""
    bound = engine.execution_options(read_only=True)
    # Leaving the session rolls back and detaches what was read, with its values.
    with Session(bound, expire_on_commit=False) as session:
        yield session


def is_reachable(engine: Engine) -> bool:
    """True when the database answers a trivial question; raises what the driver raises."""
    with engine.connect().execution_options(read_only=True) as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one())
