"""What is shared, by whom with whom: counts for the first page, within what the reader may know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from catalog.models import Dataset, Release
from hub.access.visibility import Seer, visible_to
from hub.grants.models import Grant


@dataclass(frozen=True)
class Totals:
    """Datasets and releases that the reader may know of, and the live grants on them."""

    datasets: int
    agencies: int
    releases: int
    grants: int


@dataclass(frozen=True)
class Flow:
    """So many live grants from one agency to another."""

    giver: str
    taker: str
    count: int


@dataclass(frozen=True)
class Published:
    """A release with the dataset it belongs to."""

    dataset: Dataset
    release: Release


def totals(session: Session, seer: Seer, *, now: datetime) -> Totals:
    seen = visible_to(seer, now=now)
    datasets, agencies = session.exec(
        select(func.count(), func.count(func.distinct(Dataset.agency))).where(seen)
    ).one()
    releases = session.exec(
        select(func.count()).join_from(Release, Dataset, _of_release()).where(seen)
    ).one()
    grants = session.exec(
        select(func.count()).join_from(Grant, Dataset, _of_grant()).where(seen, _live(now))
    ).one()
    return Totals(datasets, agencies, releases, grants)


def flows(session: Session, seer: Seer, *, now: datetime) -> list[Flow]:
    """Live grants between agencies on datasets the reader may know of; the most first."""
    found = session.exec(
        select(Grant.producer, Grant.grantee_agency, func.count())
        .join_from(Grant, Dataset, _of_grant())
        .where(visible_to(seer, now=now), _live(now), col(Grant.grantee_agency).is_not(None))
        .group_by(Grant.producer, col(Grant.grantee_agency))
        .order_by(func.count().desc(), Grant.producer, col(Grant.grantee_agency))
    )
    return [Flow(giver, str(taker), count) for giver, taker, count in found]


def newest(session: Session, seer: Seer, *, now: datetime, limit: int) -> list[Published]:
    """The last releases of datasets the reader may know of, one a dataset, newest first."""
    latest = (
        select(Release.dataset, func.max(Release.number).label("number"))
        .group_by(Release.dataset)
        .subquery()
    )
    found = session.exec(
        select(Dataset, Release)
        .join_from(Dataset, Release, _of_release())
        .join(
            latest,
            and_(col(Release.dataset) == latest.c.dataset, col(Release.number) == latest.c.number),
        )
        .where(visible_to(seer, now=now))
        .order_by(col(Release.published_at).desc(), col(Release.id).desc())
        .limit(limit)
    )
    return [Published(dataset, release) for dataset, release in found]


def _of_release() -> ColumnElement[bool]:
    return col(Release.dataset) == col(Dataset.id)


def _of_grant() -> ColumnElement[bool]:
    return and_(col(Grant.target_type) == "dataset", col(Grant.target) == col(Dataset.id))


def _live(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Grant.revoked_at).is_(None),
        col(Grant.waits_until).is_(None),
        col(Grant.starts_at) <= now,
        col(Grant.expires_at) > now,
    )
