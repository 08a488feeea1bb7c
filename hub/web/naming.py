"""Names of agencies and titles of datasets for pages that have their codes."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.agencies.models import Agency


def names_of(session: Session, codes: Iterable[str | None]) -> dict[str, str]:
    """Name by code; a code without an agency stands for itself."""
    wanted = {code for code in codes if code}
    found = session.exec(select(Agency.code, Agency.name).where(col(Agency.code).in_(wanted)))
    return {code: code for code in wanted} | dict(found.all())


def titled(session: Session, ids: Iterable[str]) -> dict[str, Dataset]:
    """Datasets by id, for their titles: of things that the reader is shown anyway."""
    found = session.exec(select(Dataset).where(col(Dataset.id).in_(set(ids))))
    return {dataset.id: dataset for dataset in found}
