"""Whom a new version of a schema concerns: datasets, live grants, open requests and sources."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.access.visibility import visible_to
from hub.agencies.principal import Principal
from hub.grants.models import AccessRequest, Grant
from hub.grants.viewing import undecided
from hub.intake.models import Source
from schemas.difference import changed_columns
from schemas.document import SchemaDocument


class ConcernedOut(BaseModel):
    """One that uses a changed column; `columns` null stands for all of them.

    `kind` is grant, request or source; `agency` is who reads (null outside the regency), or who sends.
    """

    kind: str
    id: str
    dataset: str
    agency: str | None
    columns: list[str] | None
    until: date | None


class ImpactOut(BaseModel):
    """`columns` are those that changed, null when a rule spans the whole record.

    `items` names those of datasets that the caller answers for; `others` counts the rest.
    """

    columns: list[str] | None
    datasets: int
    grants: int
    requests: int
    sources: int
    items: list[ConcernedOut]
    others: int


@dataclass(frozen=True)
class _Concerned:
    shown: ConcernedOut
    producer: str


def impact(
    session: Session,
    actor: Principal | None,
    old: SchemaDocument | None,
    new: SchemaDocument,
    *,
    now: datetime,
) -> ImpactOut:
    """Who is concerned by going from `old` to `new`: the walidata and the owning stewards see whom,
    others how many, of datasets that they may know of.
    """
    columns = changed_columns(old, new) if old else frozenset[str]()
    datasets = _datasets(session, actor, new.name, now)
    found = [
        one
        for one in _concerned(session, datasets, now)
        if columns is None or (columns and _uses(one.shown.columns, columns))
    ]
    mine = [one.shown for one in found if _answers(actor, one.producer)]
    count = {kind: sum(one.shown.kind == kind for one in found) for kind in KINDS}
    return ImpactOut(
        columns=None if columns is None else sorted(columns),
        datasets=len(datasets),
        grants=count["grant"],
        requests=count["request"],
        sources=count["source"],
        items=mine,
        others=len(found) - len(mine),
    )


KINDS = ("grant", "request", "source")


def _datasets(
    session: Session, actor: Principal | None, schema: str, now: datetime
) -> dict[str, str]:
    """Datasets on the schema that the caller may know of, with their agencies."""
    wanted = select(Dataset.id, Dataset.agency).where(
        Dataset.schema_name == schema, visible_to(actor, now=now)
    )
    return dict(session.exec(wanted.order_by(Dataset.id)).all())


def _concerned(session: Session, datasets: dict[str, str], now: datetime) -> Iterator[_Concerned]:
    ids = list(datasets)
    live = (col(Grant.revoked_at).is_(None), col(Grant.expires_at) > now)
    grants = select(Grant).where(Grant.target_type == "dataset", col(Grant.target).in_(ids), *live)
    for grant in session.exec(grants.order_by(col(Grant.id))):
        yield _one("grant", grant.id, grant.target, grant.producer, grant.grantee_agency,
                   _named(grant.columns, grant.filter), grant.expires_at.date())  # fmt: skip
    waiting = select(AccessRequest).where(
        AccessRequest.target_type == "dataset",
        col(AccessRequest.target).in_(ids),
        undecided(),
    )
    for request in session.exec(waiting.order_by(col(AccessRequest.id))):
        yield _one("request", request.id, request.target, request.producer, request.agency,
                   _named(request.columns, request.filter), None)  # fmt: skip
    sources = select(Source).where(col(Source.dataset).in_(ids), col(Source.enabled))
    for source in session.exec(sources.order_by(col(Source.id))):
        producer = datasets[source.dataset]
        yield _one("source", source.id, source.dataset, producer, producer, None, None)


def _one(
    kind: str,
    id_: str,
    dataset: str,
    producer: str,
    agency: str | None,
    columns: list[str] | None,
    until: date | None,
) -> _Concerned:
    shown = ConcernedOut(
        kind=kind, id=id_, dataset=dataset, agency=agency, columns=columns, until=until
    )
    return _Concerned(shown, producer)


def _named(columns: list[str] | None, tree: Any) -> list[str] | None:
    """The columns that leave was given for, with those that its filter asks about."""
    return None if columns is None else sorted({*columns, *_filtered(tree)})


def _filtered(tree: Any) -> Iterator[str]:
    """Columns in a tree of `catalog.filters`."""
    for word, inner in tree.items() if isinstance(tree, dict) else ():
        match word, inner:
            case "and" | "or", list():
                for one in inner:
                    yield from _filtered(one)
            case "not", dict():
                yield from _filtered(inner)
            case "is_null", str():
                yield inner
            case _, [str() as column, *_rest]:
                yield column


def _uses(columns: list[str] | None, changed: frozenset[str]) -> bool:
    return columns is None or not changed.isdisjoint(columns)


def _answers(actor: Principal | None, producer: str) -> bool:
    return actor is not None and (actor.has("walidata") or actor.holds("steward", producer))
