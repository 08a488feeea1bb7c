"""Which releases a dataset has; their files are the business of storage and reading."""

from collections.abc import Iterable

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog.errors import ReleaseNotFound
from catalog.models import Release


def latest(session: Session, dataset: str) -> Release | None:
    """The release with the highest number, or None before the first."""
    newest = select(Release).where(Release.dataset == dataset)
    return session.exec(newest.order_by(col(Release.number).desc()).limit(1)).first()


def by_number(session: Session, dataset: str, number: int) -> Release:
    """Raises ReleaseNotFound."""
    wanted = select(Release).where(Release.dataset == dataset, Release.number == number)
    release = session.exec(wanted).first()
    if release is None:
        raise ReleaseNotFound(dataset, number)
    return release


def page(session: Session, dataset: str, *, limit: int, before: int | None = None) -> list[Release]:
    """At most `limit` releases, newest first, those with a number below `before`."""
    wanted = select(Release).where(Release.dataset == dataset)
    if before is not None:
        wanted = wanted.where(Release.number < before)
    return list(session.exec(wanted.order_by(col(Release.number).desc()).limit(limit)))


def count(session: Session, dataset: str) -> int:
    """How many releases a dataset has."""
    return session.exec(select(func.count()).where(Release.dataset == dataset)).one()


def latest_of(session: Session, datasets: Iterable[str]) -> dict[str, Release]:
    """The newest release of each, by dataset; datasets without any are left out."""
    names = list(datasets)
    newest = (
        select(Release.dataset, func.max(Release.number).label("number"))
        .where(col(Release.dataset).in_(names))
        .group_by(Release.dataset)
        .subquery()
    )
    rows = select(Release).join(
        newest,
        (col(Release.dataset) == newest.c.dataset) & (col(Release.number) == newest.c.number),
    )
    return {release.dataset: release for release in session.exec(rows)}
