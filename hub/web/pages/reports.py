"""/publikasi/{agency}/{slug}/kiriman/{batch}: what became of a delivery, rule by rule and row by row."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session
from starlette.responses import Response

from catalog import releases
from catalog.models import Dataset, Release
from hub.agencies.principal import actor_of
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.intake import batches, closing, quarantines, reports, second_person
from hub.intake.deps import IntakeDep
from hub.intake.models import Batch, BatchState
from hub.ledger.deps import LedgerDep
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Move, Words
from hub.standards import service as standards
from hub.web import forms
from hub.web.forms import Failure
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_
from hub.web.working_clock import Term, term
from schemas.document import SchemaDocument
from schemas.gate.quarantine import Part

router = APIRouter(include_in_schema=False)

PathPart = Annotated[str, Path(max_length=100)]
ROWS = 100
LOOK_AGAIN = 2
"""Seconds after which the page of a batch that is still judged looks again."""


@dataclass(frozen=True)
class View:
    """Which of the rejected rows are shown: of one column and rule, from a place in the quarantine."""

    rule: str = ""
    column: str = ""
    after: int = 0

    def link(self, **changes: Any) -> str:
        """The query of the same view, changed; empty parts are left out."""
        said = {"rule": self.rule, "column": self.column, "after": self.after} | changes
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Signing:
    """The second person's part in a batch; `silence` is what its term's end brings."""

    title: Words
    look: str
    term: Term | None
    silence: Words | None
    moves: list[Move]
    before: Release | None


@router.get("/publikasi/{agency}/{slug}/kiriman/{batch_id}")
def report(
    page: MemberPageDep,
    agency: PathPart,
    slug: PathPart,
    batch_id: PathPart,
    rule: Annotated[str, Query(max_length=200)] = "",
    column: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    return shown(page, f"{agency}/{slug}", batch_id, View(rule, column, after))


@router.post("/publikasi/{agency}/{slug}/kiriman/{batch_id}/abaikan")
def give_up(
    page: MemberPageDep,
    intake: IntakeDep,
    agency: PathPart,
    slug: PathPart,
    batch_id: PathPart,
    reason: Annotated[str, Form(max_length=500)] = "",
    key: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Close what is open of a quarantine, with the reason."""
    name = f"{agency}/{slug}"
    try:
        if len(reason.strip()) < 3:
            raise InvalidInput("Tulis alasannya.", "Say why.")
        with reading(page.engine) as session:
            dataset = batches.writable(session, page.reader, name, scope="data:write")
            batch = batches.find(session, page.reader, name, batch_id)
        who = actor_of(page.reader, dataset.agency)

        def close(session: Any) -> dict[str, Any]:
            given = closing.give_up(session, intake.ledger, who, batch.id, reason.strip())
            return given.as_dict()

        forms.take(page, key, (batch.id, reason), close)
    except HubError as error:
        title = page.say(N_("Baris belum diabaikan"))
        failed = forms.failure(page, error, title, "alasan")
        return shown(page, name, batch_id, View(), failed, status=forms.status_of(error))
    return page.redirect(f"/publikasi/{name}/kiriman/{batch_id}")


@router.post("/publikasi/{agency}/{slug}/kiriman/{batch_id}/pengesahan")
def sign(
    page: MemberPageDep,
    ledger: LedgerDep,
    agency: PathPart,
    slug: PathPart,
    batch_id: PathPart,
    event: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
    key: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Sign a batch that waits for its second person, return it, or withdraw it."""
    name = f"{agency}/{slug}"

    def carry_out(session: Session) -> dict[str, Any]:
        batch = batches.find(session, page.reader, name, batch_id)
        office = Office(ledger, page.clock)
        second_person.move(session, office, page.reader, batch, event, reason=reason)
        return {}

    try:
        forms.take(page, key, (batch_id, event, reason), carry_out)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Langkah belum tercatat")), "reason")
        return shown(page, name, batch_id, View(), failed, status=forms.status_of(error))
    return page.redirect(f"/publikasi/{name}/kiriman/{batch_id}")


def shown(
    page: Page,
    name: str,
    batch_id: str,
    view: View,
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page of one batch; while it is judged, one that looks again."""
    with reading(page.engine) as session:
        batch = batches.find(session, page.reader, name, batch_id)
        dataset = session.get_one(Dataset, batch.dataset)
        document = standards.find(session, batch.schema_name, batch.schema_version)
        mended = quarantines.mended_of(session, batch)
        corrections = quarantines.corrections_of(session, batch)
        signing = _signing(page, session, batch)
    if batch.state is BatchState.RECEIVED:
        waiting = page.render("kiriman-tunggu.html", batch=batch, dataset=dataset)
        waiting.headers["Refresh"] = str(LOOK_AGAIN)
        return waiting
    may_read = batches.may_read(page.reader, batch.dataset)
    part = _part(page, batch, document, view) if may_read else Part([], None)
    return page.render(
        "kiriman.html",
        status=status,
        batch=batch,
        dataset=dataset,
        document=document,
        message=page.said(batch, "message") if may_read else "",
        **_findings(page, batch, document, may_read=may_read),
        view=view,
        rows=part.rows,
        next_place=part.after,
        mended=lambda number: bool(mended >> number & 1),
        corrections=corrections,
        signing=signing,
        given_up_why=closing.why(batch, page.language),
        say_message=lambda error: _said(page, error),
        dropped=batch.quarantine_dropped_at,
        kept_until=_kept_until(page, batch),
        withheld=not may_read,
        sends=page.reader.holds("steward", dataset.agency),
        failed=failed,
        key=forms.new_key(),
    )


def _findings(
    page: Page, batch: Batch, document: SchemaDocument, *, may_read: bool
) -> dict[str, Any]:
    """What the head of the report says in words; without cells and notes for who may not read the data."""
    found = reports.head(page.settings, batch.id)
    if not may_read:
        found = reports.without_cells(found, document)
    rules = [_spoken(page, rule) for rule in found.get("by_rule", [])]
    return {
        "header_errors": [_spoken(page, error) for error in found.get("header_errors", [])],
        "notes": [_said(page, note) for note in found.get("notes", []) if may_read],
        "rules": [rule for rule in rules if rule["severity"] == "error"],
        "warnings": [rule for rule in rules if rule["severity"] == "warning"],
        "warned": found.get("counts", {}).get("warnings", 0),
        "letters": found.get("cells", {}),
    }


def _signing(page: Page, session: Session, batch: Batch) -> Signing | None:
    """How a batch stands that waits, or waited, for a second person; None for all others."""
    proceeding = session.get(Proceeding, batch.id)
    if proceeding is None:
        return None
    procedure = machine.procedure_of(session, proceeding)
    state, due = procedure.states[proceeding.state], proceeding.due_at
    subject = second_person.SUBJECT
    silence = None
    if state.clock is not None:
        silence = procedure.silent_move(state, subject.facts(session, proceeding)).title
    return Signing(
        state.title,
        state.look,
        term(proceeding.entered_at, due, page.clock) if due else None,
        silence,
        machine.possible(session, page.reader, subject, proceeding),
        releases.latest(session, batch.dataset),
    )


def _part(page: Page, batch: Batch, document: SchemaDocument, view: View) -> Part:
    """The rows of the view; none of a batch that left none."""
    if not batch.rejected or not reports.has_rows(page.settings, batch.id):
        return Part([], None)
    report = reports.Report(page.settings, batch.id, document, page.language)
    return report.part(view.after, ROWS, view.column or None, view.rule or None)


def _kept_until(page: Page, batch: Batch) -> date:
    """The last day on which the rejected rows themselves are there."""
    return quarantines.kept_until(page.settings, batch).astimezone(page.settings.zone).date()


def _spoken(page: Page, error: dict[str, Any]) -> dict[str, Any]:
    return {"severity": "error", **error, "message": _said(page, error)}


def _said(page: Page, error: dict[str, Any]) -> str:
    return str(error.get(f"message_{page.language}", ""))
