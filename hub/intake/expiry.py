"""Rejected rows are raw data of an agency: after their time they go, and counts and rules stay."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from hub.db import reading, unit_of_work
from hub.intake import closing, keeping
from hub.intake.models import Batch
from hub.ledger.service import Ledger
from hub.settings import Settings
from schemas.gate.quarantine import head_of
from schemas.gate.recording import write_head

log = structlog.get_logger(__name__)

AT_ONCE = 100
UNKNOWN = ("Kolom yang tidak dikenal skema.", "Columns that the schema does not know.")


def drop_old(engine: Engine, settings: Settings, ledger: Ledger, *, now: datetime) -> int:
    """Remove the cells of batches that ended longer ago than `quarantine_days`; returns how many batches.

    Files go first: whoever is killed in between finds nothing to remove the next time, and goes on. A folder
    that cannot be cleared is told in the log and left for the next run.
    """
    limit, done, last = now - timedelta(days=settings.quarantine_days), 0, ""
    while True:
        with reading(engine) as session:
            batches = _old(session, limit, after=last)
        for batch in batches:
            if _cleared(keeping.folder(settings, batch)):
                with unit_of_work(engine) as session:
                    _mark(session, ledger, batch, now)
                done += 1
        if len(batches) < AT_ONCE:
            return done
        last = batches[-1]


def _old(session: Session, limit: datetime, *, after: str) -> list[str]:
    """Batches whose time is over, by their ids: whatever came of them, examples of warnings are cells too."""
    wanted = (
        select(Batch.id)
        .where(
            col(Batch.finished_at) < limit,
            col(Batch.quarantine_dropped_at).is_(None),
            col(Batch.id) > after,
        )
        .order_by(col(Batch.id))
        .limit(AT_ONCE)
    )
    return list(session.exec(wanted).all())


def _cleared(folder: Path) -> bool:
    try:
        (folder / keeping.QUARANTINE).unlink(missing_ok=True)
        _clear(folder / keeping.REPORT)
    except (OSError, ValueError) as error:
        log.error("quarantine.not-cleared", folder=str(folder), why=str(error))
        return False
    return True


def _clear(report_file: Path) -> None:
    """The report keeps its summary; examples, invented names and a header are cells too."""
    if not report_file.exists():
        return
    report = head_of(report_file)
    del report["rows"]
    kept = {
        **report,
        "by_rule": [_counted(rule) for rule in report["by_rule"]],
        "header_errors": [],
        "notes": [note for note in report.get("notes", ()) if note["code"] != "ignored"],
    }
    made = report_file.with_suffix(".kept")
    write_head(made, kept, [])
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
    closing.expire(session, ledger, batch_id)
    batch = session.get_one(Batch, batch_id)
    if batch.problem:
        batch.problem = {**batch.problem, "facts": {}}
    batch.quarantine_dropped_at = now
    session.add(batch)
