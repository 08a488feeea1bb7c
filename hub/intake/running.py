"""Running a source: the claim that keeps two workers apart, batch after batch, and what is said at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlmodel import Session, col, or_, select

from catalog.models import Dataset
from connectors import base as contract
from connectors.errors import ConnectorError
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import Conflict, HubError
from hub.identifiers import new_id
from hub.intake import batches
from hub.intake.models import (
    Batch,
    BatchState,
    Mode,
    OnError,
    Run,
    RunOutcome,
    Source,
)
from hub.intake.service import Intake, receive
from hub.intake.sources import open_for
from hub.intake.spool import Spooled
from hub.ledger.entry import Actor
from hub.outbox import service as outbox
from hub.outbox.service import EventType

LEASE = timedelta(minutes=15)
"""Longer than the longest batch takes; renewed with every batch."""
PAUSE_AFTER = 5
"""Failures in a row after which a source waits a day instead of its usual time."""


@dataclass(frozen=True)
class Claim:
    """One source taken for one run; `fence` makes a run that lost its lease harmless."""

    source: Source
    run: str
    fence: int


def claim(session: Session, source_id: str, *, now: datetime) -> Claim:
    """Take a source for one run; raises Conflict while somebody else's run holds it."""
    source = session.exec(select(Source).where(col(Source.id) == source_id).with_for_update()).one()
    if source.lease_until is not None and source.lease_until > now:
        raise Conflict(
            "Sumber ini sedang dijalankan. Tunggu sampai selesai.",
            "This source is running. Wait until it is done.",
        )
    return _take(session, source, now)


def claim_due(session: Session, *, now: datetime) -> Claim | None:
    """The next source whose time has come, or None; safe with many workers (row claim)."""
    source = session.exec(
        select(Source)
        .where(
            col(Source.enabled),
            col(Source.next_run_at) <= now,
            or_(col(Source.lease_until).is_(None), col(Source.lease_until) <= now),
        )
        .order_by(col(Source.next_run_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    return _take(session, source, now) if source else None


def _take(session: Session, source: Source, now: datetime) -> Claim:
    source.fence += 1
    source.lease_until = now + LEASE
    source.next_run_at = next_run(source, now)
    run = Run(id=new_id(), source=source.id, outcome=RunOutcome.RUNNING, started_at=now)
    session.add(source)
    session.add(run)
    return Claim(source, run.id, source.fence)


def next_run(source: Source, now: datetime) -> datetime | None:
    """The next slot after `now` on the source's own grid; missed slots are run once, not each."""
    if source.every_minutes is None:
        return None
    step = timedelta(minutes=source.every_minutes)
    if source.failures >= PAUSE_AFTER:
        step = max(step, timedelta(days=1))
    start = source.next_run_at or now
    missed = max(0, (now - start) // step)
    return start + (missed + 1) * step


def run(intake: Intake, claimed: Claim, *, find_document: batches.FindDocument) -> Run:
    """Read the source batch by batch; each batch commits the state it came with.

    Never raises for what the source does: the run says what failed, and on which layer.
    """
    source = claimed.source
    tally = _Tally()
    try:
        opened = open_for(intake.settings, source)
        for batch in opened.read(source.stream, source.state):
            _take_in(intake, claimed, batch, find_document, tally)
            opened.acknowledge(source.stream, batch.state)
    except ConnectorError as error:
        return _close(intake, claimed, tally, error.layer, error.sentence.id, error.sentence.en)
    except HubError as error:
        return _close(intake, claimed, tally, "gate", error.message_id, error.message_en)
    return _close(intake, claimed, tally, "", "", "")


class _Tally:
    """What one run has brought so far."""

    def __init__(self) -> None:
        self.batches = self.rows = self.accepted = self.rejected = 0
        self.refused = False

    def add(self, batch: Batch) -> None:
        self.batches += 1
        self.rows += batch.rows
        self.accepted += batch.accepted
        self.rejected += batch.rejected
        self.refused = self.refused or batch.state is BatchState.REFUSED


def _take_in(
    intake: Intake,
    claimed: Claim,
    pulled: contract.Batch,
    find_document: batches.FindDocument,
    tally: _Tally,
) -> None:
    """Admit what was pulled; a batch without rows moves the state and wipes nothing.

    A source that is suddenly empty is more often broken than right: mode replace never empties a
    dataset by itself.
    """
    if pulled.rows == 0:
        pulled.file.unlink(missing_ok=True)
        with unit_of_work(intake.engine) as session:
            _move_state(session, claimed, pulled.state)
        return
    tally.add(_admit(intake, claimed, pulled, find_document))


def _admit(
    intake: Intake, claimed: Claim, pulled: contract.Batch, find_document: batches.FindDocument
) -> Batch:
    source = claimed.source
    body = Spooled(pulled.file, pulled.size, pulled.sha256)
    with reading(intake.engine) as session:
        dataset = session.get_one(Dataset, source.dataset)
        delivery = batches.delivery(
            session,
            intake.settings,
            dataset,
            body,
            format=pulled.format,
            mode=cast(Mode, source.mode),  # checked when the source was made
            on_error=cast(OnError, source.on_error),
            via="pull",
            actor=Actor(client=f"source:{source.id}", agency=dataset.agency),
            find_document=find_document,
            source=source.id,
        )
    try:
        return receive(intake, delivery, along=_moving_state(claimed, pulled.state))
    finally:
        body.discard()


def _moving_state(claimed: Claim, state: dict[str, Any]) -> Callable[[Session, Batch], None]:
    def along(session: Session, batch: Batch) -> None:
        _move_state(session, claimed, state)

    return along


def _move_state(session: Session, claimed: Claim, state: dict[str, Any]) -> None:
    source = _fenced(session, claimed)
    source.state = state
    source.lease_until = real_now() + LEASE
    session.add(source)


def _fenced(session: Session, claimed: Claim) -> Source:
    source = session.exec(
        select(Source).where(col(Source.id) == claimed.source.id).with_for_update()
    ).one()
    if source.fence != claimed.fence:
        raise Conflict(
            "Giliran sumber ini sudah diambil alih; kiriman ini tidak dicatat.",
            "Another run has taken over this source; this batch was not recorded.",
        )
    return source


def _close(
    intake: Intake, claimed: Claim, tally: _Tally, layer: str, message_id: str, message_en: str
) -> Run:
    failed = bool(message_en)
    with unit_of_work(intake.engine) as session:
        run = session.get_one(Run, claimed.run)
        run.batches, run.rows = tally.batches, tally.rows
        run.accepted, run.rejected = tally.accepted, tally.rejected
        run.layer, run.message_id, run.message_en = layer, message_id, message_en
        run.outcome = _outcome(tally, failed)
        run.finished_at = real_now()
        session.add(run)
        source = session.get_one(Source, claimed.source.id)
        if source.fence == claimed.fence:
            source.lease_until = None
            source.failures = source.failures + 1 if failed else 0
            session.add(source)
        if failed:
            outbox.record(
                session,
                EventType.SOURCE_FAILED,
                dataset=source.dataset,
                data={"source": source.id, "run": run.id, "layer": layer},
            )
        return run


def _outcome(tally: _Tally, failed: bool) -> RunOutcome:
    if failed:
        return RunOutcome.FAILED
    if tally.refused:
        return RunOutcome.REFUSED
    return RunOutcome.OK if tally.batches else RunOutcome.NOTHING_NEW


def runs(session: Session, source_id: str, *, limit: int = 50) -> list[Run]:
    """The last runs of a source, newest first."""
    return list(
        session.exec(
            select(Run)
            .where(col(Run.source) == source_id)
            .order_by(col(Run.started_at).desc())
            .limit(limit)
        ).all()
    )
