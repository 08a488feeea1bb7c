"""Retention that deletes and proves it: what is past its time goes, and a certificate says what went.

Days are the rule book's. In one transaction what the database holds is removed, the certificate and its
ledger entry are written; ten minutes later files go, and `gone_at` is set when none of them is left. Whoever is killed
in between finds certificates without it, and goes on. An open failure of protection holds what it is
about; the latest release of a dataset is never touched.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Engine, func
from sqlmodel import Session, col, delete, select

from catalog.models import Dataset, Release
from hub.access import leftovers
from hub.access.models import AccessDecision
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.db import reading, unit_of_work
from hub.grants.personal import must_be_named
from hub.ledger.entry import HUB, Target
from hub.ledger.models import LedgerEntry
from hub.ledger.service import Ledger
from hub.privacy.models import Breach, BreachState, Disposal
from hub.privacy.reads import floor_of
from hub.proceedings.numbering import next_number
from hub.rules import service as rules
from hub.settings import Settings
from hub.standards import service as standards

BOOK = "pelindungan-data-pribadi"
SUBJECTS, DECISIONS, RELEASES = "subjects", "decisions", "releases"
GRACE = timedelta(minutes=10)
"""For whoever is reading a release at the moment when it is taken out of readers' hands."""


@dataclass(frozen=True)
class Rule:
    """How long a thing is kept; `limit` is the moment before which it is past its time."""

    name: str
    days: int
    version: int
    limit: datetime


def dispose_due(engine: Engine, settings: Settings, ledger: Ledger, *, now: datetime) -> int:
    """Dispose of what is past its time, one transaction each; returns how many certificates were written."""
    with reading(engine) as session:
        due = list(_due_releases(session, _rule(session, RELEASES, now)))
    made = 0
    for dataset, number in due:
        with unit_of_work(engine) as session:
            made += _dispose_release(session, ledger, dataset, number, now)
    for dispose in (_dispose_subjects, _dispose_decisions):
        with unit_of_work(engine) as session:
            made += dispose(session, ledger, now)
    _clear(engine, settings, now)
    return made


def faults_of(session: Session, settings: Settings, disposal: Disposal) -> list[str]:
    """Why a certificate does not hold; empty when what it names is gone and the ledger says the same."""
    found = []
    if digest_of(disposal.what) != disposal.digest:
        found.append("the certificate was altered")
    entry = session.get(LedgerEntry, disposal.entry)
    if entry is None or f"sha256:{disposal.digest}".encode() not in entry.body:
        found.append("the ledger does not hold its digest")
    found += [
        f"file {path.name} is still there" for path in _files(settings, disposal) if path.exists()
    ]
    found += _rows_left(session, disposal)
    return found


def digest_of(what: dict[str, Any]) -> str:
    return sha256(rfc8785.dumps(what)).hexdigest()


def _rule(session: Session, name: str, now: datetime) -> Rule:
    book = rules.current(session, BOOK)
    days = int(book.body["retention"][name]["days"])
    return Rule(name, days, book.version, now - timedelta(days=days))


def _held(session: Session) -> list[Breach]:
    """Failures that are not closed: what they are about stays."""
    return list(session.exec(select(Breach).where(Breach.state != BreachState.CLOSED)))


def _due_releases(session: Session, rule: Rule) -> Iterator[tuple[str, int]]:
    """Releases of datasets with personal columns that were superseded before the limit."""
    held = {breach.dataset for breach in _held(session)}
    if None in held:
        return
    for dataset in session.exec(select(Dataset).order_by(Dataset.id)).all():
        if dataset.id in held or not _is_personal(session, dataset):
            continue
        kept = select(Release.number, Release.published_at).where(
            Release.dataset == dataset.id, col(Release.disposed_at).is_(None)
        )
        numbered = session.exec(kept.order_by(col(Release.number))).all()
        for (number, _), (_, superseded_at) in pairwise(numbered):
            if superseded_at < rule.limit:
                yield dataset.id, number


def _is_personal(session: Session, dataset: Dataset) -> bool:
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    return bool(must_be_named(document))


def _dispose_release(
    session: Session, ledger: Ledger, dataset: str, number: int, now: datetime
) -> int:
    """Take the release out of readers' hands and certify its files; 0 when another worker was faster."""
    wanted = select(Release).where(Release.dataset == dataset, Release.number == number)
    release = session.exec(wanted.with_for_update()).one()
    if release.disposed_at is not None:
        return 0
    shared = {
        file["path"]
        for files in session.exec(
            select(Release.files).where(Release.dataset == dataset, Release.number != number)
        )
        for file in files
    }
    own = [file for file in release.files if file["path"] not in shared]
    what = {
        "dataset": dataset,
        "release": number,
        "rows": release.rows,
        "sha256": release.sha256,
        "files": [{name: file[name] for name in ("path", "sha256", "bytes")} for file in own],
        "kept_by_others": len(release.files) - len(own),
    }
    release.files, release.disposed_at = [], now
    session.add(release)
    _certify(session, ledger, _rule(session, RELEASES, now), what, now, dataset=dataset)
    return 1


def _dispose_subjects(session: Session, ledger: Ledger, now: datetime) -> int:
    rule = _rule(session, SUBJECTS, now)
    end = _end(session, rule)
    reads = _count(session, select(func.count()).where(col(PersonalRead.entry) < end))
    if reads == 0:
        return 0
    people = _count(session, select(func.count()).where(col(ReadSubject.entry) < end))
    session.exec(delete(ReadSubject).where(col(ReadSubject.entry) < end))
    session.exec(delete(PersonalRead).where(col(PersonalRead.entry) < end))
    _certify(session, ledger, rule, {"before": end, "reads": reads, "hashes": people}, now)
    return 1


def _dispose_decisions(session: Session, ledger: Ledger, now: datetime) -> int:
    rule = _rule(session, DECISIONS, now)
    end = _end(session, rule)
    decisions = _count(session, select(func.count()).where(col(AccessDecision.id) < end))
    if decisions == 0:
        return 0
    session.exec(delete(AccessDecision).where(col(AccessDecision.id) < end))
    _certify(session, ledger, rule, {"before": end, "decisions": decisions}, now)
    return 1


def _end(session: Session, rule: Rule) -> str:
    """The id up to which rows go: not past the begin of a failure that is still open."""
    moments = [rule.limit, *(breach.since for breach in _held(session))]
    return floor_of(min(moments))


def _count(session: Session, query: Any) -> int:
    return int(session.exec(query).one())


def _certify(
    session: Session,
    ledger: Ledger,
    rule: Rule,
    what: dict[str, Any],
    now: datetime,
    *,
    dataset: str | None = None,
) -> None:
    number = next_number(session, "BP", now.year, 5)
    digest = digest_of(what)
    counts = {name: n for name, n in what.items() if isinstance(n, int) and name != "release"}
    receipt = ledger.record(
        session,
        kind="data.disposed",
        actor=HUB,
        target=Target("disposal", number, owner=dataset.partition("/")[0] if dataset else None),
        digests={"file": digest},
        counts=counts | {"files": len(what.get("files", ()))},
    )
    session.add(
        Disposal(
            id=number,
            kind=rule.name,
            dataset=dataset,
            what=what,
            digest=digest,
            rule=rule.name,
            days=rule.days,
            rules=rule.version,
            at=now,
            entry=receipt.entry_id,
        )
    )


def _clear(engine: Engine, settings: Settings, now: datetime) -> None:
    """Remove the files of certificates whose files may still be there."""
    with reading(engine) as session:
        wanted = select(Disposal).where(col(Disposal.gone_at).is_(None), Disposal.at <= now - GRACE)
        open_still = session.exec(wanted).all()
    for disposal in open_still:
        for path in _files(settings, disposal):
            path.unlink(missing_ok=True)
        if disposal.kind == RELEASES and leftovers.drop_slices(settings, unused_since=disposal.at):
            continue  # somebody used one a moment ago: the next run sees to it
        with unit_of_work(engine) as session:
            row = session.get_one(Disposal, disposal.id)
            if not faults_of(session, settings, row):
                row.gone_at = now
                session.add(row)


def _files(settings: Settings, disposal: Disposal) -> Iterable[Path]:
    if disposal.dataset is None:
        return
    table = settings.storage / disposal.dataset
    for file in disposal.what["files"]:
        yield table / file["path"]


def _rows_left(session: Session, disposal: Disposal) -> list[str]:
    """What the database still holds of it."""
    what = disposal.what
    match disposal.kind:
        case "releases":
            wanted = select(Release).where(
                Release.dataset == what["dataset"], Release.number == what["release"]
            )
            release = session.exec(wanted).first()
            left = release is not None and (release.disposed_at is None or release.files)
        case "subjects":
            left = bool(
                _count(session, select(func.count()).where(col(ReadSubject.entry) < what["before"]))
            )
        case _:
            older = select(func.count()).where(col(AccessDecision.id) < what["before"])
            left = bool(_count(session, older))
    return ["the database still holds rows of it"] if left else []
