"""What an agency holds, as it stood at a moment: what is due and published, how good, how punctual.

Components A, D and E of the index; each measured from releases, batches, runs and the files themselves.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog.filled import filled_share
from catalog.models import Dataset, Release
from catalog.storage import from_json
from hub.agencies.desk_models import PriorityData
from hub.calendar import LocalDays
from hub.intake.models import Batch, BatchState, Run, RunOutcome, Source
from hub.openness.formula import Case
from hub.openness.freshness import Promise
from hub.openness.months import INSTANT, Window
from hub.settings import Settings
from hub.standards import service as standards

FRESHNESS, COMPLETENESS, VALIDITY = "freshness", "completeness", "validity"
JUDGED = (BatchState.PUBLISHED, BatchState.REFUSED)
PULLED = (RunOutcome.OK, RunOutcome.NOTHING_NEW)


@dataclass(frozen=True)
class Judged:
    """Rows that the gate judged for a dataset, and how many of them were right or mended since."""

    rows: int
    right: int


@dataclass
class Holding:
    """One dataset with its releases (moments, oldest first) before the end of a window."""

    dataset: Dataset
    published: list[datetime] = field(default_factory=list)
    filled: float | None = None
    judged: Judged | None = None


@dataclass(frozen=True)
class Holdings:
    """Everything the three components need for some agencies; `sources` are shares of good runs."""

    entries: Mapping[str, Sequence[PriorityData]]
    datasets: Mapping[str, Sequence[Holding]]
    sources: Mapping[str, Sequence[tuple[str, str, int, int]]]

    def of(self, dataset: str) -> Holding | None:
        agency = dataset.partition("/")[0]
        return next(
            (one for one in self.datasets.get(agency, ()) if one.dataset.id == dataset), None
        )


def held(
    session: Session, settings: Settings, window: Window, agencies: Collection[str]
) -> Holdings:
    """Gathered in a fixed number of queries, whatever the number of agencies."""
    entries: dict[str, list[PriorityData]] = defaultdict(list)
    wanted = select(PriorityData).where(col(PriorityData.agency).in_(agencies))
    for entry in session.exec(wanted.order_by(col(PriorityData.id))):
        entries[entry.agency].append(entry)
    datasets: dict[str, list[Holding]] = defaultdict(list)
    known: dict[str, Holding] = {}
    listed = select(Dataset).where(
        col(Dataset.agency).in_(agencies), Dataset.created_at < window.until
    )
    for dataset in session.exec(listed.order_by(col(Dataset.id))):
        known[dataset.id] = Holding(dataset)
        datasets[dataset.agency].append(known[dataset.id])
    _releases(session, settings, window, known)
    _judged(session, window, known)
    return Holdings(entries, datasets, _sources(session, window, agencies))


def available(book: Mapping[str, Any], holdings: Holdings, agency: str, day: date) -> list[Case]:
    """A: entries of the Forum's list that are due, and what the agency declared besides.

    Declared datasets of one schema record are one case, good when all of them are: cutting a dataset
    in pieces raises nothing.
    """
    needed = book["components"]["A"]["metadata"]
    entries = holdings.entries.get(agency, ())
    cases = [
        _entry_case(holdings, entry, needed)
        for entry in entries
        if entry.first_due is None or entry.first_due <= day
    ]
    if book["components"]["A"]["counts_declared"]:
        listed = {entry.dataset for entry in entries}
        cases += _declared(
            [one for one in holdings.datasets.get(agency, ()) if one.dataset.id not in listed],
            needed,
        )
    return cases


def quality(
    holdings: Holdings, agency: str, window: Window, zone: ZoneInfo, local: LocalDays
) -> list[Case]:
    """D: of every published dataset, how far it is fresh, filled and right."""
    return [
        case
        for one in holdings.datasets.get(agency, ())
        if one.published
        for case in _quality_of(one, window, zone, local)
    ]


def punctuality(
    holdings: Holdings, agency: str, window: Window, zone: ZoneInfo, local: LocalDays
) -> list[Case]:
    """E: of every source the share of pulls that went well, of what is sent the share in time."""
    sources = holdings.sources.get(agency, ())
    cases = [
        Case(
            "source",
            source,
            good / runs,
            "runs_good" if good == runs else "runs_failed",
            at=dataset,
        )
        for source, dataset, good, runs in sources
    ]
    pulled = {dataset for _, dataset, _, _ in sources}
    for one in holdings.datasets.get(agency, ()):
        if one.dataset.id not in pulled and (found := _renewals(one, window, zone, local)):
            share = sum(found) / len(found)
            why = "renewed_in_time" if share == 1 else "renewed_late"
            cases.append(Case("dataset", one.dataset.id, share, why))
    return cases


def _entry_case(holdings: Holdings, entry: PriorityData, needed: Sequence[str]) -> Case:
    one = holdings.of(entry.dataset) if entry.dataset else None
    if one is None:
        return Case("priority_data", entry.id, 0.0, "not_entered")
    why = _lacking(one, needed)
    return Case("dataset", one.dataset.id, float(why == "published"), why, at=_last(one))


def _declared(holdings: Sequence[Holding], needed: Sequence[str]) -> list[Case]:
    by_record: dict[str, list[Holding]] = defaultdict(list)
    for one in holdings:
        by_record[one.dataset.schema_name].append(one)
    return [_record_case(members, needed) for _, members in sorted(by_record.items())]


def _record_case(members: Sequence[Holding], needed: Sequence[str]) -> Case:
    """The worst of them speaks for all."""
    whys = [(_lacking(one, needed), one) for one in members]
    why, one = next((pair for pair in whys if pair[0] != "published"), whys[0])
    return Case("dataset", one.dataset.id, float(why == "published"), why, at=_last(one))


def _lacking(one: Holding, needed: Sequence[str]) -> str:
    if not one.published:
        return "unpublished"
    return "published" if all(getattr(one.dataset, name) for name in needed) else "metadata_missing"


def _last(one: Holding) -> str:
    return one.published[-1].isoformat() if one.published else ""


def _quality_of(one: Holding, window: Window, zone: ZoneInfo, local: LocalDays) -> Iterator[Case]:
    fresh = [
        kept for check in window.checks if (kept := _kept(one, check, zone, local)) is not None
    ]
    name = one.dataset.id
    if fresh:
        why = "fresh" if fresh[-1] else "stale"
        yield Case("dataset", name, sum(fresh) / len(fresh), why, FRESHNESS, _last(one))
    if one.filled is not None:
        yield Case("dataset", name, one.filled, "filled", COMPLETENESS, _last(one))
    if one.judged is not None:
        yield Case("dataset", name, one.judged.right / one.judged.rows, "judged", VALIDITY)


def _kept(one: Holding, check: datetime, zone: ZoneInfo, local: LocalDays) -> bool | None:
    """Whether the promise was kept at a month's end; None without a release or a schedule."""
    before = [at for at in one.published if at < check]
    if not before:
        return None
    due = Promise(one.dataset.frequency, None, before[-1]).due_on(zone, local)
    return None if due is None else due >= (check - INSTANT).astimezone(zone).date()


def _renewals(one: Holding, window: Window, zone: ZoneInfo, local: LocalDays) -> list[bool]:
    """In time or not, each renewal of the window and the one that is overdue at its end."""
    found = []
    for earlier, later in pairwise(one.published):
        due = Promise(one.dataset.frequency, None, earlier).due_on(zone, local)
        if due is not None and window.holds(later):
            found.append(later.astimezone(zone).date() <= due)
    if one.published:
        due = Promise(one.dataset.frequency, None, one.published[-1]).due_on(zone, local)
        if due is not None and due < window.last_day:
            found.append(False)
    return found


def _releases(
    session: Session, settings: Settings, window: Window, known: Mapping[str, Holding]
) -> None:
    wanted = (
        select(Release.dataset, Release.number, Release.published_at)
        .where(col(Release.dataset).in_(known), Release.published_at < window.until)
        .order_by(col(Release.dataset), col(Release.number))
    )
    last: dict[str, int] = {}
    for dataset, number, at in session.exec(wanted):
        known[dataset].published.append(window.seen(at))
        last[dataset] = number
    newest = select(Release).where(
        col(Release.id).in_(
            select(func.max(Release.id))
            .where(col(Release.dataset).in_(last), Release.published_at < window.until)
            .group_by(col(Release.dataset))
        )
    )
    for release in session.exec(newest):
        known[release.dataset].filled = _filled(session, settings, release)


def _filled(session: Session, settings: Settings, release: Release) -> float | None:
    agency, _, slug = release.dataset.partition("/")
    document = standards.find(session, release.schema_name, release.schema_version)
    columns = frozenset(
        name
        for name, said in document.body.get("properties", {}).items()
        if said.get("type") not in ("array", "object")
    )
    return _filled_of(settings.storage / agency / slug, json.dumps(release.files), columns)


@lru_cache(maxsize=4096)
def _filled_of(table: Path, files: str, columns: frozenset[str]) -> float | None:
    """Files never change, so what they hold is looked up once. None when they are gone."""
    try:
        return filled_share(table, from_json(files), columns)
    except FileNotFoundError:
        return None


def _judged(session: Session, window: Window, known: Mapping[str, Holding]) -> None:
    """Of the window; before anything was sent in it, of the last batch before."""
    wanted = (
        select(
            Batch.dataset,
            func.sum(Batch.rows),
            func.sum(Batch.rows - Batch.rejected + Batch.mended_rows),
        )
        .where(
            col(Batch.dataset).in_(known),
            col(Batch.state).in_(JUDGED),
            Batch.rows > 0,
            Batch.received_at >= window.since,
            Batch.received_at < window.until,
        )
        .group_by(col(Batch.dataset))
    )
    for dataset, rows, right in session.execute(wanted):
        known[dataset].judged = Judged(int(rows), int(right))
    for name, one in known.items():
        if one.judged is None and one.published:
            one.judged = _last_judged(session, name, window.since)


def _last_judged(session: Session, dataset: str, before: datetime) -> Judged | None:
    wanted = select(Batch).where(
        Batch.dataset == dataset,
        col(Batch.state).in_(JUDGED),
        Batch.rows > 0,
        Batch.received_at < before,
    )
    batch = session.exec(wanted.order_by(col(Batch.received_at).desc()).limit(1)).first()
    if batch is None:
        return None
    return Judged(batch.rows, batch.rows - batch.rejected + batch.mended_rows)


def _sources(
    session: Session, window: Window, agencies: Collection[str]
) -> dict[str, list[tuple[str, str, int, int]]]:
    """Id, dataset, good runs and all runs of the window, by agency."""
    wanted = (
        select(Source.id, Source.dataset, Run.outcome, func.count())
        .join(Run, col(Run.source) == col(Source.id))
        .join(Dataset, col(Dataset.id) == col(Source.dataset))
        .where(
            col(Dataset.agency).in_(agencies),
            Run.outcome != RunOutcome.RUNNING,
            Run.started_at >= window.since,
            Run.started_at < window.until,
        )
        .group_by(col(Source.id), col(Source.dataset), col(Run.outcome))
        .order_by(col(Source.id))
    )
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for source, dataset, outcome, runs in session.execute(wanted):
        counted[source, dataset][0] += runs if outcome in PULLED else 0
        counted[source, dataset][1] += runs
    found: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for (source, dataset), (good, runs) in counted.items():
        found[dataset.partition("/")[0]].append((source, dataset, good, runs))
    return found
