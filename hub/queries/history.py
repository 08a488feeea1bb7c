"""What became of queries: written once, at the end; of long ones half a second after they began."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, update
from sqlalchemy.dialects.sqlite import Insert
from sqlmodel import Session, and_, col, or_, select

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.auth.sealing import seal, unseal
from hub.db import reading, unit_of_work
from hub.deps import PageQuery
from hub.errors import Conflict, NotFound, NotPermitted
from hub.ledger.also import Also, for_both
from hub.queries.models import Query, QueryState

TABLE = Query.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it

SILENCE = timedelta(seconds=20)
"""Of a running query that nobody has seen for so long, the process is gone."""


def _noted(insert: Any) -> Insert:
    """A row that says how a query ended stands, whatever is written about its running afterwards."""
    row = insert(TABLE)
    changed = {c.name: row.excluded[c.name] for c in TABLE.c if c.name not in ("id", "stop")}
    made: Insert = row.on_conflict_do_update(
        index_elements=["id"],
        set_=changed,
        where=and_(
            TABLE.c.asked_by == row.excluded.asked_by,
            or_(
                TABLE.c.state.in_((QueryState.RUNNING, QueryState.LOST)),
                row.excluded.state == QueryState.ABORTED,
            ),
        ),
    )
    return made


NOTED = for_both(_noted)


def noted(query: Query) -> Also:
    """The row as it is now, for the commit of whatever is written beside it."""
    return Also(NOTED, query.model_dump(), (TABLE.name, query.id))


def sealed(secret: bytes, query: str, sql: str) -> bytes:
    return seal(secret, f"query:{query}", {"sql": sql})


def sql_of(secret: bytes, query: Query) -> str:
    return unseal(secret, f"query:{query.id}", query.sealed)["sql"]


def check_new(engine: Engine, query: str) -> None:
    """Raise Conflict when a query had this id before."""
    with reading(engine) as session:
        if session.get(Query, query) is not None:
            raise taken(query)


def taken(query: str) -> Conflict:
    return Conflict(
        f"Kueri dengan id {query} sudah pernah dijalankan; pakai id baru.",
        f"A query with the id {query} was run before; use a new id.",
    )


def listed(session: Session, actor: Principal, page: PageQuery) -> list[Query]:
    """The actor's own queries, newest first, one more than the page shows."""
    must_be_whole(actor)
    wanted = select(Query).where(Query.asked_by == actor.id)
    if page.moment is not None:
        moment, last = page.moment
        wanted = wanted.where(
            or_(
                col(Query.begun_at) < moment,
                and_(col(Query.begun_at) == moment, col(Query.id) < last),
            )
        )
    newest = wanted.order_by(col(Query.begun_at).desc(), col(Query.id).desc())
    return list(session.exec(newest.limit(page.fetch)).all())


def find(session: Session, actor: Principal, query: str) -> Query:
    """For whoever asked it; to others there is none."""
    must_be_whole(actor)
    found = session.get(Query, query)
    if found is None or found.asked_by != actor.id:
        raise _absent(query)
    return found


def stop(session: Session, actor: Principal, query: str) -> Query:
    """Ask that a query ends, in whatever process it runs; one that has ended stays as it is.

    One's own, the walidata any. Raises NotFound.
    """
    must_be_whole(actor)
    found = session.get(Query, query)
    if found is None or not (found.asked_by == actor.id or actor.has(Role.WALIDATA)):
        raise _absent(query)
    if found.state == QueryState.RUNNING:
        found.stop = True
    return found


def to_stop(engine: Engine, running: Iterable[str]) -> list[str]:
    """Those of these queries that somebody wants to end."""
    with reading(engine) as session:
        wanted = select(Query.id).where(col(Query.id).in_(list(running)), col(Query.stop))
        return list(session.exec(wanted).all())


def still_running(engine: Engine, running: Iterable[str], *, now: datetime) -> None:
    """Say of these queries that their process is alive."""
    alive = update(TABLE).where(TABLE.c.id.in_(list(running)), TABLE.c.state == QueryState.RUNNING)
    with unit_of_work(engine) as session:
        session.connection().execute(alive.values(seen_at=now))


def close_lost(session: Session, *, now: datetime) -> int:
    """Close queries whose process ended without a word; how many."""
    silent = update(TABLE).where(
        TABLE.c.state == QueryState.RUNNING, TABLE.c.seen_at < now - SILENCE
    )
    return session.connection().execute(silent.values(state=QueryState.LOST)).rowcount


def sweep(session: Session, *, days: int, now: datetime) -> None:
    """Forget queries that are older than this."""
    session.connection().execute(delete(TABLE).where(TABLE.c.begun_at < now - timedelta(days=days)))


def must_be_whole(actor: Principal) -> None:
    """A token that was narrowed to one dataset opens no list of what was asked of others."""
    actor.must("data:read")
    if actor.identity.dataset is not None:
        raise NotPermitted(
            f"Token ini hanya untuk dataset {actor.identity.dataset}.",
            f"This token is for the dataset {actor.identity.dataset} only.",
        )


def _absent(query: str) -> NotFound:
    return NotFound(f"Tidak ada kueri {query:.64}.", f"There is no query {query:.64}.")
