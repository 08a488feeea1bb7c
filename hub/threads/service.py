"""Indexing: after a release is published, the edges from it and to it are joined anew.

It reacts to events, at least once and in any number of workers: the same event twice finds everything done, and
what a kill leaves behind `sweep` takes away. What it writes holds keys, which are cells; nothing here
gives one to a person. Whoever walks the edges asks the access decision of both datasets first.
"""

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from catalog.edges import Found, join
from catalog.errors import QueryFailed
from catalog.models import Dataset
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.settings import Settings
from hub.standards import service as standards
from hub.threads.models import ReferenceEdge
from hub.threads.planning import Planned, plan

LEFT_ALONE = timedelta(days=1)
"""Longer than any join runs."""
MOST_AGENCIES = 500
"""Counts by agency beyond this many are no list of agencies any more, and are not kept."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Indexer:
    """What indexing needs of the running hub."""

    engine: Engine
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.home.absolute() / "edges"


def index(indexer: Indexer, dataset: str) -> int:
    """Bring the edges from a dataset and to it up to date; returns how many references were joined."""
    with reading(indexer.engine) as session:
        found = session.get(Dataset, dataset)
        planned = plan(session, standards.find, found) if found else []
        about = {_place(edge) for edge in _about(session, dataset)}
        stale = [one for one in planned if not _current(indexer, session, one)]
    done = sum(_join(indexer, one) for one in stale)
    _forget(indexer, about - {_place_of(one) for one in planned})
    return done


def sweep(indexer: Indexer) -> int:
    """Remove what killed runs left: rooms they worked in, and files that no reference names; how many."""
    folder, limit = indexer.folder, time.time() - LEFT_ALONE.total_seconds()
    lying = [*folder.glob(".part-*"), *folder.glob("[!.]*/*/*.parquet")]
    old = [path for path in lying if _is_older(path, limit)]
    with reading(indexer.engine) as session:
        named = set(session.exec(select(ReferenceEdge.file)))
    gone = [path for path in old if str(path.relative_to(folder)) not in named]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(gone)


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:  # whoever worked in it is done
        return False


def _current(indexer: Indexer, session: Session, planned: Planned) -> bool:
    known = session.get(ReferenceEdge, _place_of(planned))
    if known is None or known.basis != planned.basis:
        return False
    return (indexer.folder / known.file).exists()


def _join(indexer: Indexer, planned: Planned) -> bool:
    """Join one reference and keep what came of it; False when it could not be joined."""
    name = _file_of(planned)
    path = indexer.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=indexer.folder, prefix=".part-") as room:
        part = Path(room) / "edges.parquet"
        try:
            found = join(planned.join(indexer.settings), part, Path(room))
        except QueryFailed as error:  # the next release comes by here again
            log.warning("edges.not-joined", edge=name, why=error.message)
            return False
        part.replace(path)
    with unit_of_work(indexer.engine) as session:
        _keep(session, planned, found, name)
    for other in path.parent.glob(f"{_stem(planned)}-*.parquet"):
        if other != path:
            other.unlink(missing_ok=True)
    return True


def _keep(session: Session, planned: Planned, found: Found, file: str) -> None:
    mine, reference, theirs = _place_of(planned)
    edge = ReferenceEdge(
        from_dataset=mine,
        reference=reference,
        to_dataset=theirs,
        from_release=planned.mine.release.number,
        to_release=planned.theirs.release.number,
        via=[one.dataset.id for one in planned.bridges],
        fields=planned.reference.said,
        match=planned.reference.match,
        **asdict(found.counts),
        edges=found.edges,
        personal=planned.personal,
        agency_column=planned.agency_column,
        by_agency=_by_agency(planned, found),
        basis=planned.basis,
        file=file,
        computed_at=real_now(),
    )
    session.merge(edge)


def _by_agency(planned: Planned, found: Found) -> list[dict[str, object]]:
    if planned.agency_column is None:
        return [{"agency": planned.mine.dataset.agency, **asdict(found.counts)}]
    if len(found.by_agency) > MOST_AGENCIES:
        return []
    return [{"agency": agency, **asdict(counts)} for agency, counts in found.by_agency]


def _forget(indexer: Indexer, places: set[tuple[str, int, str]]) -> None:
    """References that are no more: another schema, another version, a dataset that plays something else."""
    if not places:
        return
    gone: Sequence[str]
    with unit_of_work(indexer.engine) as session:
        edges = [edge for place in places if (edge := session.get(ReferenceEdge, place))]
        gone = [edge.file for edge in edges]
        for edge in edges:
            session.delete(edge)
    for file in gone:
        (indexer.folder / file).unlink(missing_ok=True)


def _about(session: Session, dataset: str) -> Sequence[ReferenceEdge]:
    """Edges from the dataset and to it."""
    both = or_(col(ReferenceEdge.from_dataset) == dataset, col(ReferenceEdge.to_dataset) == dataset)
    return session.exec(select(ReferenceEdge).where(both)).all()


def _place(edge: ReferenceEdge) -> tuple[str, int, str]:
    return edge.from_dataset, edge.reference, edge.to_dataset


def _place_of(planned: Planned) -> tuple[str, int, str]:
    return planned.mine.dataset.id, planned.reference.place, planned.theirs.dataset.id


def _file_of(planned: Planned) -> str:
    return f"{planned.mine.dataset.id}/{_stem(planned)}-{planned.basis[:16]}.parquet"


def _stem(planned: Planned) -> str:
    return f"{planned.reference.place}-{planned.theirs.dataset.id.replace('/', '.')}"
