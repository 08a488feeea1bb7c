"""The tables that somebody may use in SQL, and of each the columns that she sees something of.

It is what an editor completes: a table that is not here is, for this reader, not there.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from catalog import releases
from catalog.models import AccessClass, Dataset, Release
from catalog.sqlgate import sql_name
from hub.access import inputs as known
from hub.access.decision import Decision, decide_all
from hub.access.inputs import Inputs
from hub.access.judging import Action
from hub.access.reader import Reader
from hub.access.visibility import granted_to
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES
from hub.standards import service as standards
from schemas.columns import Column
from schemas.document import SchemaDocument


@dataclass(frozen=True)
class UsableColumn:
    """`mask` is the kind of mask through which it is seen, "" for the true values."""

    column: Column
    mask: str
    personal: bool


@dataclass(frozen=True)
class Usable:
    """One table: `name` is how SQL calls it."""

    name: str
    dataset: Dataset
    columns: list[UsableColumn]


def might_open(principal: Principal, *, now: datetime) -> ColumnElement[bool]:
    """Datasets that a decision could open, as a predicate; each one is decided on afterwards."""
    own = sorted({post.agency for post in principal.posts if post.role in OWNING_ROLES})
    return or_(
        col(Dataset.access_class) == AccessClass.TERBUKA,
        col(Dataset.agency).in_(own),
        col(Dataset.id).in_(granted_to(principal, now=now)),
    )


def usable(
    session: Session, reader: Reader, principal: Principal, *, now: datetime
) -> list[Usable]:
    """By name. Two datasets that would be spelled alike in SQL are neither of them usable."""
    principal.must("data:read")
    wanted = select(Dataset).where(might_open(principal, now=now))
    datasets = list(session.exec(wanted.order_by(col(Dataset.id))))
    newest = releases.latest_of(session, [dataset.id for dataset in datasets])
    read = [dataset for dataset in datasets if dataset.id in newest]
    asked = [_asked(session, principal, one, newest[one.id], now) for one in read]
    decided = decide_all(session, principal, asked)
    spelled = Counter(sql_name(one.agency, one.slug) for one in read)
    found = [
        Usable(
            sql_name(dataset.agency, dataset.slug),
            dataset,
            _columns(_document(session, newest[dataset.id]), decision, reader),
        )
        for dataset, decision in zip(read, decided, strict=True)
        if decision.allow and spelled[sql_name(dataset.agency, dataset.slug)] == 1
    ]
    return sorted(found, key=lambda one: one.name)


def _asked(
    session: Session, principal: Principal, dataset: Dataset, newest: Release, now: datetime
) -> Inputs:
    return Inputs(
        at=now,
        action=str(Action.QUERY),
        dataset=known.of_dataset(dataset, known.documents_of(session, dataset, [newest])),
        principal=known.of_principal(principal),
        picked=None,
        purpose=None,
        audience=None,
    )


def _document(session: Session, release: Release) -> SchemaDocument:
    return standards.find(session, release.schema_name, release.schema_version)


def _columns(document: SchemaDocument, decision: Decision, reader: Reader) -> list[UsableColumn]:
    policy = decision.policy(reader.secret)
    if policy is None:
        return []
    masks = dict(policy.masks)
    return [
        UsableColumn(document.by_name[name], masks.get(name, ""), name in document.personal)
        for name in policy.visible(dict.fromkeys(document.columns, ""))
    ]
