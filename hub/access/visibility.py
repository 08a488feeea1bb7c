"""Which datasets a caller may know of: the only home of this rule, inside every query and count.

To know of a dataset is not to read it. Members of an agency see the description of nearly all, so
that they can ask; what is excluded by law stays with its agency, the walidata and its recipients.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from catalog.errors import DatasetNotFound
from catalog.models import AccessClass, Dataset
from hub.agencies.principal import Principal
from hub.errors import NotPermitted
from hub.grants.models import Grant

Seer = Principal | None
"""Who looks; None is a visitor."""


def visible_to(seer: Seer, *, now: datetime) -> ColumnElement[bool]:
    """The datasets whose existence and description `seer` may learn, as a predicate on `Dataset`."""
    seen: ColumnElement[bool] = col(Dataset.access_class) == AccessClass.TERBUKA
    if seer is None:
        return seen
    seen = or_(seen, col(Dataset.id).in_(granted_to(seer, now=now)))
    if seer.posts and seer.can("catalog:read"):
        seen = or_(seen, _as_member(seer))
    if seer.identity.dataset is not None:
        seen = and_(seen, col(Dataset.id) == seer.identity.dataset)
    return seen


def granted_to(seer: Principal, *, now: datetime) -> SelectOfScalar[str]:
    """Datasets on which the caller, or an agency of hers, holds a grant that stands at this moment.

    A grant stands no longer when its dataset was closed further than it was at the time.
    """
    dataset = aliased(Dataset)
    return (
        select(Grant.target)
        .join(dataset, col(dataset.id) == col(Grant.target))
        .where(
            col(Grant.target_type) == "dataset",
            col(Grant.revoked_at).is_(None),
            col(Grant.waits_until).is_(None),
            col(Grant.starts_at) <= now,
            col(Grant.expires_at) > now,
            or_(
                col(Grant.grantee) == seer.id,
                col(Grant.grantee_agency).in_(sorted(seer.agencies)),
            ),
            _strictness(dataset.access_class) <= _strictness(Grant.access_class),
        )
    )


def _strictness(column: Any) -> ColumnElement[int]:
    """Place of a class from the most open to the most closed; databases hold its member's name."""
    places = {kind.name: place for place, kind in enumerate(AccessClass)}
    return case(places, value=cast(column, String))


def see(session: Session, seer: Seer, dataset: str, *, now: datetime) -> Dataset:
    """The dataset; NotPermitted says nothing of it but the name that was asked for.

    Only members are told that a name is free (DatasetNotFound): for everybody else hidden and
    absent look the same.
    """
    wanted = select(Dataset).where(Dataset.id == dataset, visible_to(seer, now=now))
    found = session.exec(wanted).first()
    if found is not None:
        return found
    member = seer is not None and bool(seer.posts)
    if member and session.get(Dataset, dataset) is None:
        raise DatasetNotFound(dataset)
    raise NotPermitted(
        f"Dataset {dataset[:200]} tidak terbuka untuk Anda.",
        f"Dataset {dataset[:200]} is not open to you.",
    )


def _as_member(seer: Principal) -> ColumnElement[bool]:
    if seer.has("walidata"):
        return true()
    return or_(
        col(Dataset.access_class) != AccessClass.DIKECUALIKAN,
        col(Dataset.agency).in_(sorted(seer.agencies)),
    )
