"""When a release is published: reports whose value it changed are settled."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from catalog import marks, releases
from catalog.models import Release
from hub.access.vault import Vault
from hub.corrections.models import CorrectionReport
from hub.corrections.subject import BY_RELEASE, CorrectionSubject, settle
from hub.db import reading, unit_of_work
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Settler:
    """What settling and telling need of the running hub."""

    engine: Engine
    vault: Vault
    office: Office


def settle_changed(settler: Settler, dataset: str) -> int:
    """Settle every open report on a dataset whose cell the latest release holds otherwise, or no more.

    Any number may run at once, and again: each report is settled in a transaction of its own, once.
    """
    with reading(settler.engine) as session:
        latest = releases.latest(session, dataset)
        found = [] if latest is None else list(_changed(session, settler.vault, latest))
    for report in found:
        with unit_of_work(settler.engine) as session:
            _settle(session, settler.office, report)
        log.info("correction_settled", report=report)
    return len(found)


def _changed(session: Session, vault: Vault, latest: Release) -> Iterator[str]:
    for mark in marks.open_marks(session, latest.dataset):
        if vault.digest(vault.cell(session, latest, mark.key, mark.field)) != mark.value:
            yield mark.id


def _settle(session: Session, office: Office, report: str) -> None:
    if session.get_one(Proceeding, report).ends_at is None:
        machine.advance(session, office, CorrectionSubject(), report, BY_RELEASE)
        return
    # Nobody answered while it ran; the mark stayed, and goes with the value.
    settle(session, session.get_one(CorrectionReport, report), office.clock.now())
