"""Rejected rows are raw data of an agency: after their time they go, and counts and rules stay."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from hub.db import reading, unit_of_work
from hub.intake import keeping, quarantines
from hub.intake.models import Batch, BatchState
from hub.ledger.entry import HUB
from hub.ledger.service import Ledger
from hub.settings import Settings
from schemas.gate.quarantine import head_of
from schemas.gate.recording import write_head

AT_ONCE = 100
UNKNOWN = ("Kolom yang tidak dikenal skema.", "Columns that the schema does not know.")
WHY = "Masa simpan karantina habis."


def drop_old(engine: Engine, settings: Settings, ledger: Ledger, *, now: datetime) -> int:
    """Remove the cells of batches that ended longer ago than `quarantine_days`; returns how many batches.

    Files go first: whoever is killed in between finds nothing to remove the next time, and goes on.
    """
    limit, done = now - timedelta(days=settings.quarantine_days), 0
    while True:
        with reading(engine) as session:
            batches = _old(session, limit)
        for batch in batches:
            _clear(keeping.folder(settings, batch))
            with unit_of_work(engine) as session:
                _mark(session, ledger, batch, now)
        done += len(batches)
        if len(batches) < AT_ONCE:
            return done


def _old(session: Session, limit: datetime) -> list[str]:
    """Batches that left cells anywhere, oldest first."""
    left = or_(col(Batch.rejected) > 0, col(Batch.state) != BatchState.PUBLISHED)
    wanted = (
        select(Batch.id)
        .where(left, col(Batch.finished_at) < limit, col(Batch.quarantine_dropped_at).is_(None))
        .order_by(col(Batch.finished_at))
        .limit(AT_ONCE)
    )
    return list(session.exec(wanted).all())


def _clear(folder: Path) -> None:
    """The report keeps its summary; examples, invented names and a header are cells too."""
    (folder / keeping.QUARANTINE).unlink(missing_ok=True)
    report_file = folder / keeping.REPORT
    if not report_file.exists():
        return
    report = head_of(report_file)
    by_rule = [_counted(rule) for rule in report["by_rule"]]
    del report["rows"]
    made = report_file.with_suffix(".kept")
    write_head(made, {**report, "by_rule": by_rule, "header_errors": []}, [])
    made.replace(report_file)


def _counted(rule: dict[str, Any]) -> dict[str, Any]:
    """A line of the summary without examples, and without a name that only the file knew."""
    if rule["rule"] in ("additionalProperties", "unevaluatedProperties"):
        rule = {
            **rule,
            "column": "",
            "pointer": "",
            "message_id": UNKNOWN[0],
            "message_en": UNKNOWN[1],
        }
    return {**rule, "examples": []}


def _mark(session: Session, ledger: Ledger, batch_id: str, now: datetime) -> None:
    batch = session.get_one(Batch, batch_id)
    if batch.open_rows:
        quarantines.give_up(session, ledger, HUB, batch_id, WHY)
    if batch.problem:
        batch.problem = {**batch.problem, "facts": {}}
    batch.quarantine_dropped_at = now
    session.add(batch)
