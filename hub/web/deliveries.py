"""How the deliveries of datasets went: the last batches, the sources and their last run."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from catalog import releases
from catalog.errors import DatasetNotFound
from catalog.models import Dataset, Release
from hub.agencies.principal import Principal
from hub.calendar import working_days_between
from hub.intake import batches, quarantines, running, sources
from hub.intake.models import Batch, BatchState, Run, RunOutcome, Source
from hub.openness.freshness import Promise
from hub.web.freshness import kept
from hub.web.page import Page
from hub.web.translation import N_

SHOWN = 14
"""Batches in the small drawing."""


@dataclass(frozen=True)
class SourceLine:
    """A pull source with its last run, None before the first."""

    source: Source
    run: Run | None


@dataclass(frozen=True)
class DatasetDeliveries:
    """`batches` newest first; `quarantines` are those with rows still open, oldest first."""

    dataset: Dataset
    release: Release | None
    batches: list[Batch]
    sources: list[SourceLine]
    quarantines: list[Batch]

    @property
    def drawing(self) -> list[str]:
        """One class of the stylesheet a batch, oldest first: "" accepted, q partly, x refused."""
        return [_mark(batch) for batch in reversed(self.batches)]

    @property
    def refused(self) -> int:
        return sum(batch.state is not BatchState.PUBLISHED for batch in self.batches)

    @property
    def quarantined(self) -> int:
        """Rows that wait for a correction."""
        return sum(batch.open_rows for batch in self.quarantines)

    @property
    def foremost(self) -> Batch | None:
        """The quarantine with most rows open."""
        return max(self.quarantines, key=lambda batch: batch.open_rows, default=None)

    def waited(self, batch: Batch, page: Page) -> int:
        """Working days since the batch came, up to the business day."""
        came = batch.received_at.astimezone(page.settings.zone).date()
        return working_days_between(came, page.clock.today(), page.clock.local())

    @property
    def promise(self) -> Promise:
        published_at = self.release.published_at if self.release else None
        return Promise(self.dataset.frequency, self.dataset.data_date, published_at)


def own(session: Session, actor: Principal) -> list[DatasetDeliveries]:
    """Of the datasets whose batches the actor may see, by agency and slug."""
    wanted = select(Dataset).order_by(col(Dataset.agency), col(Dataset.slug))
    if not actor.has("walidata"):
        wanted = wanted.where(col(Dataset.agency).in_(sorted(actor.agencies)))
    datasets = session.exec(wanted).all()
    latest = releases.latest_of(session, [dataset.id for dataset in datasets])
    pulled = _sources(session, actor)
    left = quarantines.open_of(session, [dataset.id for dataset in datasets])
    return [_of(session, dataset, latest.get(dataset.id), pulled, left) for dataset in datasets]


def one(session: Session, actor: Principal, dataset_id: str) -> DatasetDeliveries:
    """Raises NotFound for everybody but the dataset's own agency and the walidata."""
    batches.must_see(actor, dataset_id)
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise DatasetNotFound(dataset_id)
    pulled = _sources(session, actor)
    left = quarantines.open_of(session, [dataset_id])
    return _of(session, dataset, releases.latest(session, dataset_id), pulled, left)


def state(page: Page, line: DatasetDeliveries) -> tuple[str, str]:
    """Shape and sentence: what is broken first, then what waits, then the promise."""
    runs = [pulled.run for pulled in line.sources if pulled.run]
    if any(run.outcome is RunOutcome.FAILED for run in runs):
        return "late", page.say(N_("Tarikan terakhir gagal"))
    if line.batches and line.batches[0].state is not BatchState.PUBLISHED:
        return "late", page.say(N_("Kiriman terakhir ditolak"))
    if line.quarantined:
        return "warn", page.counted(N_("{n} baris dikarantina"), line.quarantined)
    return kept(page, line.promise)


def _sources(session: Session, actor: Principal) -> list[SourceLine]:
    listed = sources.listed(session, actor)
    return [
        SourceLine(source, _last(running.runs(session, source.id, limit=1))) for source in listed
    ]


def _last(runs: Iterable[Run]) -> Run | None:
    return next(iter(runs), None)


def _of(
    session: Session,
    dataset: Dataset,
    release: Release | None,
    pulled: list[SourceLine],
    left: list[Batch],
) -> DatasetDeliveries:
    mine = [line for line in pulled if line.source.dataset == dataset.id]
    recent = batches.recent(session, dataset.id, limit=SHOWN)
    open_here = [batch for batch in left if batch.dataset == dataset.id]
    return DatasetDeliveries(dataset, release, recent, mine, open_here)


def _mark(batch: Batch) -> str:
    if batch.state is not BatchState.PUBLISHED:
        return "x"
    return "q" if batch.rejected else ""
