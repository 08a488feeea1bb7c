"""Analyst SQL: one decision per table, the gate, slices, a worker that can be killed, evidence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, or_, select

from catalog import sqlgate
from catalog.engine import Limits, capped
from catalog.export import Answer
from catalog.models import AccessClass, Dataset
from catalog.slices import slice_files
from catalog.sqlgate import sql_name
from hub.access.decision import Action, decide
from hub.access.door import Asked, Door, open_door, still_open
from hub.access.errors import NoGrant
from hub.access.reader import Reader
from hub.access.visibility import granted_to
from hub.access.witness import actor_of, keyed_digest, prove, read_facts
from hub.access.workers import Workers
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES
from hub.calendar import real_now
from hub.db import reading
from hub.identifiers import new_id
from hub.ledger.entry import Facts, Target
from hub.ledger.service import Receipt


@dataclass(frozen=True)
class QueryAnswer:
    """`cut` is "rows" or "bytes" when the answer was cut there; `doors` by name in SQL."""

    id: str
    rows: Answer
    count: int
    cut: str | None
    doors: Mapping[str, Door]


def run(
    reader: Reader,
    workers: Workers,
    principal: Principal,
    sql: str,
    *,
    forms: Mapping[str, str] | None = None,
) -> QueryAnswer:
    """Answer one SELECT over what the caller may read. Nothing has been proven yet: call `proven`.

    `forms` are versions of the schemas in whose form tables are read, by their name in SQL; "*" is
    for all others.

    Raises QueryRefused (also for tables that may not be read, in the words for those that do not
    exist), ReleaseNotFound, QueryFailed, QueryTooSlow, EngineBusy, NoGrant when the leave ended
    meanwhile.
    """
    principal.must("data:read")
    with reading(reader.engine) as session:
        doors = _doors(session, reader, principal, sql, forms or {})
    settings = reader.settings
    files = {name: _slices(reader, door) for name, door in doors.items()}
    limits = Limits(seconds=settings.query_seconds, rows=settings.query_rows)
    table = workers.run(sql, files, limits)
    for door in doors.values():
        if not still_open(reader.engine, door):
            raise NoGrant(door.dataset.id)
    return QueryAnswer(new_id(), Answer(table), table.num_rows, capped(table), doors)


def proven(
    reader: Reader, principal: Principal, sql: str, answer: QueryAnswer, *, file: str | None = None
) -> Receipt:
    """Evidence for every dataset that was read, and for the query as a whole; its receipt.

    `file` is the SHA-256 of what is handed over, when it is a file. Raises EvidenceUnavailable.
    """
    rows, told = answer.count, {"sql": sql}
    for door in answer.doors.values():
        facts = read_facts(door, reader.secret, told, rows=rows, file=file)
        prove(reader.evidence, {**facts, "trace_id": answer.id})
    digests = {"request": keyed_digest(reader.secret, told)}
    if file is not None:
        digests["file"] = file
    whole = Facts(
        kind="query.answered",
        actor=actor_of(principal),
        target=Target("query", answer.id),
        digests=digests,
        counts={"rows": rows, "datasets": len(answer.doors)},
        trace_id=answer.id,
    )
    return prove(reader.evidence, whole)


def _doors(
    session: Session, reader: Reader, principal: Principal, sql: str, forms: Mapping[str, str]
) -> dict[str, Door]:
    """The tables of a query, each opened by a decision of its own."""
    now = real_now()
    known = _candidates(session, principal, now)
    checked = sqlgate.check(sql, known)
    closed = [name for name in checked.tables if not _may(session, principal, known[name], now)]
    if closed:
        sqlgate.check(sql, {name: id_ for name, id_ in known.items() if name not in closed})

    def asked(name: str) -> Asked:
        form = forms.get(name, forms.get("*"))
        return Asked(principal, Action.QUERY, known[name], as_=form)

    return {name: open_door(session, reader, asked(name)) for name in sorted(checked.tables)}


def _may(session: Session, principal: Principal, dataset: str, now: datetime) -> bool:
    found = session.get_one(Dataset, dataset)
    return decide(session, principal, Action.QUERY, found, now=now).allow


def _candidates(session: Session, principal: Principal, now: datetime) -> dict[str, str]:
    """Datasets that might open, by their name in SQL; each one used is decided on afterwards."""
    own = sorted({post.agency for post in principal.posts if post.role in OWNING_ROLES})
    might = or_(
        col(Dataset.access_class) == AccessClass.TERBUKA,
        col(Dataset.agency).in_(own),
        col(Dataset.id).in_(granted_to(principal, now=now)),
    )
    found = session.exec(select(Dataset.agency, Dataset.slug).where(might)).all()
    names = [sql_name(agency, slug) for agency, slug in found]
    seen = Counter(names)
    # Two datasets that would be spelled alike in SQL are neither of them to be had.
    return {
        name: f"{agency}/{slug}"
        for name, (agency, slug) in zip(names, found, strict=True)
        if seen[name] == 1
    }


def _slices(reader: Reader, door: Door) -> list[Path]:
    settings = reader.settings
    return slice_files(
        settings.home.absolute() / "slices",
        door.table,
        door.manifest,
        door.policy,
        f"{door.dataset.id}/{door.release.number}",
        schema=door.schema,
        cap_bytes=settings.slice_cache_bytes,
        stored=door.stored,
    )
