"""Reporting a wrong value: who may, what is checked, and the mark that follows at once."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog import marks, releases
from catalog.marks import Mark
from hub.access.door import Asked
from hub.access.judging import Action
from hub.access.marking import Pointed, point
from hub.access.reader import Reader
from hub.access.vault import Vault
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES
from hub.corrections.models import CorrectionJoined, CorrectionReport
from hub.corrections.shapes import Filed, ReportIn, Value
from hub.corrections.subject import PROCEDURE, CorrectionSubject
from hub.db import reading, unit_of_work
from hub.errors import Conflict, InvalidInput
from hub.idempotency.service import Once
from hub.identifiers import new_id
from hub.ledger.models import LedgerEntry
from hub.proceedings import machine
from hub.proceedings.machine import Opening
from hub.proceedings.models import Proceeding
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office

MOST_OPEN = 20
"""Open reports of one reporter on one dataset: a bound on effort, not a rule of law."""


def report(
    reader: Reader,
    office: Office,
    principal: Principal,
    dataset: str,
    said: ReportIn,
    once: Once,
    digest: str,
) -> dict[str, Any]:
    """File a report, or join the open one on the same cell; the mark is there when this returns.

    Raises what `point` raises (NotFound for a cell that the caller cannot see), Conflict when the cell
    holds another value than was observed or too many reports are open, InvalidInput for an entry that
    is none.
    """
    with reading(reader.engine) as session:
        before = once.recall(session, principal.id, digest) if once.key else None
    if before is not None:
        return before
    asked = Asked(principal, Action.ROWS, dataset, said.release)
    at = {name: _text(value) or "" for name, value in said.row.items()}
    found = point(reader, asked, at, said.field)
    _check_observed(found, said.observed)
    with unit_of_work(reader.engine) as session:
        return once.run(
            session,
            principal.id,
            digest,
            lambda: _file(session, Vault.of(reader.settings), office, principal, found, said),
        )[0]


def _file(
    session: Session,
    vault: Vault,
    office: Office,
    principal: Principal,
    found: Pointed,
    said: ReportIn,
) -> dict[str, Any]:
    dataset = found.dataset.id
    marks.take_turns(session, dataset)
    _check_entry(session, said.evidence_entry)
    _check_latest(session, vault, found)
    known = marks.find(session, dataset, found.cell.key, found.field)
    if known is not None:
        proceeding = session.get_one(Proceeding, known.id)
        if proceeding.ends_at is None:
            return _join(session, office, principal, proceeding, said)
        # It ended without an answer: the mark passes to the new report.
        marks.close(session, known.id, office.clock.now(), new_id())
    _check_count(session, principal, dataset)
    return _begin(session, office, principal, found, said)


def _begin(
    session: Session, office: Office, principal: Principal, found: Pointed, said: ReportIn
) -> dict[str, Any]:
    now = office.clock.now()
    row = CorrectionReport(
        id=next_number(session, "LDS", now.year, 6),
        dataset=found.dataset.id,
        agency=found.dataset.agency,
        release=found.release,
        key=found.cell.key,
        field=found.field,
        observed=found.cell.text,
        suggested=_text(said.suggested),
        evidence=said.evidence,
        evidence_entry=said.evidence_entry,
        reporter_kind=principal.identity.kind,
        reporter=principal.id,
        reporter_agency=_agency(principal, found.dataset.agency),
        at=now,
    )
    session.add(row)
    mark = Mark(
        id=row.id,
        dataset=row.dataset,
        key=row.key,
        field=row.field,
        value=found.digest,
        opened_at=now,
    )
    marks.put(session, mark, new_id())
    subject = CorrectionSubject()
    # Own people report in their own name: as the owner's side they also answer.
    asking = None if row.reporter_agency == row.agency else row.reporter_agency
    opening = Opening(row.id, requester=asking, producer=row.agency, dataset=row.dataset)
    proceeding = machine.begin(session, office, principal, PROCEDURE, subject, opening)
    machine.announce(session, subject, proceeding, ["produsen.steward", "produsen.head"])
    return _filed(proceeding, joined=False)


def _join(
    session: Session,
    office: Office,
    principal: Principal,
    proceeding: Proceeding,
    said: ReportIn,
) -> dict[str, Any]:
    first = session.get_one(CorrectionReport, proceeding.id)
    known = session.get(CorrectionJoined, (first.id, principal.id))
    if first.reporter != principal.id and known is None:
        session.add(
            CorrectionJoined(
                report=first.id,
                reporter=principal.id,
                reporter_kind=principal.identity.kind,
                reporter_agency=_agency(principal, first.agency),
                suggested=_text(said.suggested),
                evidence=said.evidence,
                evidence_entry=said.evidence_entry,
                at=office.clock.now(),
            )
        )
    return _filed(proceeding, joined=True)


def _filed(proceeding: Proceeding, *, joined: bool) -> dict[str, Any]:
    due = proceeding.due_at
    told = Filed(id=proceeding.id, state=proceeding.state, due_at=due, joined=joined)
    return told.model_dump(mode="json")


def _agency(principal: Principal, owner: str) -> str | None:
    """For which agency somebody reports: the owner's own, when he reads the data as one of its people."""
    if any(principal.holds(role, owner) for role in OWNING_ROLES):
        return owner
    return principal.agency


def _check_observed(found: Pointed, observed: Value) -> None:
    if not _same(json.loads(found.cell.json), observed):
        raise Conflict(
            f"Nilai kolom {found.field} di rilis {found.release} tidak sama dengan yang Anda "
            "laporkan; buka lagi barisnya dan tulis nilai yang tampak.",
            f"The column {found.field} of release {found.release} holds another value than you "
            "report; open the row again and say what it shows.",
            release=found.release,
        )


def _check_latest(session: Session, vault: Vault, found: Pointed) -> None:
    latest = releases.latest(session, found.dataset.id)
    if latest is None or latest.number == found.release:
        return
    now = vault.cell(session, latest, found.cell.key, found.field)
    if vault.digest(now) != found.digest:
        raise Conflict(
            f"Nilai itu sudah tidak ada lagi di rilis {latest.number}, rilis terbaru.",
            f"That value is not there any more in release {latest.number}, the latest.",
            release=latest.number,
        )


def _check_entry(session: Session, entry: str) -> None:
    if entry and session.get(LedgerEntry, entry) is None:
        raise InvalidInput(
            "evidence_entry bukan nomor catatan di jejak; salin entry_id dari tanda terima.",
            "evidence_entry is no entry of the ledger; copy entry_id from a receipt.",
            member="evidence_entry",
        )


def _check_count(session: Session, principal: Principal, dataset: str) -> None:
    still_open = (
        select(func.count())
        .select_from(CorrectionReport)
        .join(Proceeding, col(Proceeding.id) == col(CorrectionReport.id))
        .where(
            CorrectionReport.dataset == dataset,
            CorrectionReport.reporter == principal.id,
            col(Proceeding.ends_at).is_(None),
        )
    )
    if session.exec(still_open).one() >= MOST_OPEN:
        raise Conflict(
            f"Anda punya {MOST_OPEN} laporan yang masih terbuka atas {dataset}; tunggu jawabannya, "
            "atau hubungi pengelola datanya bila kesalahannya merata.",
            f"You have {MOST_OPEN} open reports on {dataset}; wait for the answers, or talk to its "
            "steward when the fault is everywhere.",
            open=MOST_OPEN,
        )


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _same(shown: Any, said: Value) -> bool:
    """Equal as values or as texts: forms know texts alone, where nothing stands for an empty cell."""
    if shown is None or said is None:
        return shown is None and said in (None, "")
    mine, theirs = _as_text(shown), _text(said)
    if mine == theirs:
        return True
    try:
        return not isinstance(shown, bool) and Decimal(mine) == Decimal(str(theirs).strip())
    except InvalidOperation:
        return False


def _as_text(shown: Any) -> str:
    if isinstance(shown, bool):
        return "true" if shown else "false"
    return shown if isinstance(shown, str) else json.dumps(shown)
