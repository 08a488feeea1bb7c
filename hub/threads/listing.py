"""What people may see of the edges: counts, never a key.

Both datasets must be ones whose description the caller may see. A count of rows that lead to a dataset says
whether its keys are there, which whoever sends rows could use to ask; so counts that lead into a class beyond
TERBUKA and BERBAGI, or meet a column with personal data, are for the agency that owns it and the walidata. So
are counts of a referring column with personal data, for whoever owns what is referred to could publish a single
key and see whether the column has it. The counts by agency are about the referring dataset, and follow the rule of the class there.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from catalog.datasets import OPEN_ENOUGH
from catalog.models import Dataset
from hub.access import visibility
from hub.agencies.principal import Principal
from hub.errors import NotPermitted
from hub.threads.models import AgencyCounts, EdgeOut, ReferenceEdge


def edges_of(session: Session, seer: Principal, dataset: str, *, now: datetime) -> list[EdgeOut]:
    """Counts of the references from a dataset and to it, its own first.

    For members of the regency. Raises NotPermitted, DatasetNotFound.
    """
    visibility.see(session, seer, dataset, now=now)
    if not seer.posts:
        raise NotPermitted(
            "Jumlah rujukan terbuka bagi anggota perangkat daerah.",
            "Counts of references are open to members of an agency.",
        )
    seen = select(Dataset.id).where(visibility.visible_to(seer, now=now))
    mine, theirs = aliased(Dataset), aliased(Dataset)
    wanted = (
        select(ReferenceEdge, mine, theirs)
        .join(mine, col(mine.id) == col(ReferenceEdge.from_dataset))
        .join(theirs, col(theirs.id) == col(ReferenceEdge.to_dataset))
        .where(
            or_(
                col(ReferenceEdge.from_dataset) == dataset,
                col(ReferenceEdge.to_dataset) == dataset,
            ),
            col(ReferenceEdge.from_dataset).in_(seen),
            col(ReferenceEdge.to_dataset).in_(seen),
        )
        .order_by(
            col(ReferenceEdge.from_dataset) != dataset,
            col(ReferenceEdge.from_dataset),
            col(ReferenceEdge.reference),
            col(ReferenceEdge.to_dataset),
        )
    )
    found = session.exec(wanted).all()
    between = _datasets(session, {name for edge, _, _ in found for name in edge.via})
    return [
        _out(seer, edge, a, b)
        for edge, a, b in found
        if (a.id not in edge.personal or _owns(seer, a))
        and all(
            _tells(seer, one, personal=one.id in edge.personal)
            for one in (b, *(between[name] for name in edge.via))
        )
    ]


def _datasets(session: Session, names: set[str]) -> dict[str, Dataset]:
    found = session.exec(select(Dataset).where(col(Dataset.id).in_(names))).all()
    return {dataset.id: dataset for dataset in found}


def _tells(seer: Principal, dataset: Dataset, *, personal: bool = False) -> bool:
    """Whether the caller may know which keys a dataset has, in numbers."""
    return _owns(seer, dataset) or (dataset.access_class in OPEN_ENOUGH and not personal)


def _owns(seer: Principal, dataset: Dataset) -> bool:
    return seer.has("walidata") or seer.is_member_of(dataset.agency)


def _out(seer: Principal, edge: ReferenceEdge, mine: Dataset, theirs: Dataset) -> EdgeOut:
    by_agency: Sequence[AgencyCounts] | None = None
    if _tells(seer, mine):
        by_agency = [AgencyCounts.model_validate(counts) for counts in edge.by_agency]
    return EdgeOut(
        **edge.model_dump(exclude={"by_agency", "basis", "file", "personal"}),
        from_title=mine.title,
        to_title=theirs.title,
        by_agency=list(by_agency) if by_agency is not None else None,
    )
