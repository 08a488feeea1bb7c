"""/laporan-data: reports of wrong values, and the form on which one is reported."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import Response

from hub.access import browse
from hub.access.errors import NoGrant
from hub.access.reader import ReaderDep
from hub.access.vault import Pointable, Vault
from hub.calendar import real_now
from hub.corrections import filing, service
from hub.corrections.shapes import ReportIn, ReportLine
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.web import columns, forms
from hub.web.correction_words import MARKS
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_
from hub.web.working_clock import Term, term

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
ReportId = Annotated[str, Path(max_length=40)]
Key = Annotated[str, Form(max_length=255)]
Text = Annotated[str, Form(max_length=2000)]
Word = Annotated[str, Form(max_length=200)]
Words = Annotated[list[Word] | None, Form()]
LISTED = 50


@dataclass(frozen=True)
class Item:
    """One report in the list; `term` while somebody is waited for."""

    report: ReportLine
    term: Term | None


@router.get("/laporan-data")
def listed(
    page: MemberPageDep,
    sebelum: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    with reading(page.engine) as session:
        found = service.listed(session, page.reader, before=sebelum, limit=LISTED + 1)
        lines = [service.line(session, page.reader, one) for one in found[:LISTED]]
        waiting = {one.id for one in lines if service.waits_for(session, page.reader, one.id)}
        names = names_of(session, {one.agency for one in lines})
    items = [Item(one, _term(page, one)) for one in lines]
    return page.render(
        "laporan-data.html",
        waiting=[one for one in items if one.report.id in waiting],
        others=[one for one in items if one.report.id not in waiting],
        names=names,
        following=lines[-1].id if len(found) > LISTED else None,
    )


@router.get("/laporan-data/{report_id}")
def one(page: MemberPageDep, report_id: ReportId) -> Response:
    return _one(page, report_id)


@router.post("/laporan-data/{report_id}")
def move(
    page: MemberPageDep,
    ledger: LedgerDep,
    report_id: ReportId,
    event: Annotated[str, Form(max_length=40)] = "",
    reason: Text = "",
    key: Key = "",
) -> Response:
    vault, office = Vault.of(page.settings), Office(ledger, page.clock)

    def moved(session: Session) -> dict[str, Any]:
        service.move(session, vault, office, page.reader, report_id, event, reason)
        return {}

    try:
        forms.take(page, key, (report_id, event, reason), moved)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum dicatat")), "reason")
        return _one(page, report_id, failed, reason, status=forms.status_of(error))
    return page.redirect(f"/laporan-data/{report_id}")


@router.get("/katalog/{agency}/{slug}/lapor")
def blank(page: MemberPageDep, agency: Part, slug: Part) -> Response:
    return _form(page, f"{agency}/{slug}", _typed())


@router.post("/katalog/{agency}/{slug}/lapor/baris")
def of_row(page: MemberPageDep, agency: Part, slug: Part, kunci: Words = None) -> Response:
    """The form with the row filled in: by a form of the sample, so that no key stands in an address."""
    return _form(page, f"{agency}/{slug}", _typed(kunci=kunci or []))


@router.post("/katalog/{agency}/{slug}/lapor")
def report(
    page: MemberPageDep,
    reader: ReaderDep,
    ledger: LedgerDep,
    agency: Part,
    slug: Part,
    kunci: Words = None,
    field: Word = "",
    observed: Text = "",
    suggested: Text = "",
    evidence: Text = "",
    evidence_entry: Annotated[str, Form(max_length=64)] = "",
    key: Key = "",
) -> Response:
    name = f"{agency}/{slug}"
    typed = _typed(
        kunci=kunci or [],
        field=field,
        observed=observed,
        suggested=suggested,
        evidence=evidence,
        evidence_entry=evidence_entry,
    )
    said = (name, *typed["kunci"], *(str(typed[part]) for part in sorted(typed) if part != "kunci"))
    try:
        filed = filing.report(
            reader,
            Office(ledger, page.clock),
            page.reader,
            name,
            _said(_pointable(page, name), typed),
            forms.once(page, key),
            forms.digest(said),
        )
    except HubError as error:
        place = str(error.facts.get("field", "kunci"))
        failed = forms.failure(page, error, page.say(N_("Laporan belum terkirim")), place)
        return _form(page, name, typed, failed, status=forms.status_of(error))
    return page.redirect(f"/laporan-data/{filed['id']}")


def _typed(**said: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("field", "observed", "suggested", "evidence", "evidence_entry"), "")
    return {"kunci": [], **blank, **said}


def _pointable(page: Page, name: str) -> Pointable:
    """Raises NoGrant, and what seeing the dataset raises."""
    with reading(page.engine) as session:
        browse.one(session, page.actor, name, now=real_now())
        found = Vault.of(page.settings).pointable(session, page.reader, name)
    if found is None:
        raise NoGrant(name)
    return found


def _form(
    page: Page,
    name: str,
    typed: dict[str, Any],
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        shown = browse.one(session, page.actor, name, now=real_now())
    able = _pointable(page, name)
    return page.render(
        "lapor.html",
        dataset=shown,
        able=able,
        titles=columns.titles(able.document, page.language),
        typed=typed,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _one(
    page: Page,
    report_id: str,
    failed: Failure | None = None,
    typed: str = "",
    *,
    status: int = 200,
) -> Response:
    vault = Vault.of(page.settings)
    with reading(page.engine) as session:
        row = service.the_report(session, vault, page.reader, report_id)
        found = service.told(session, vault, page.reader, row)
        name = names_of(session, [found.agency])[found.agency]
    return page.render(
        "laporan-data-satu.html",
        found=found,
        mark=found.mark and MARKS.get(found.mark, found.mark),
        name=name,
        term=_term(page, found),
        typed=typed,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _term(page: Page, report: ReportLine) -> Term | None:
    return None if report.due_at is None else term(report.entered_at, report.due_at, page.clock)


def _said(able: Pointable, typed: dict[str, Any]) -> ReportIn:
    """The form as the API would have it; raises InvalidInput with the field to mend."""
    parts = [part.strip() for part in typed["kunci"]]
    if len(parts) != len(able.key) or not all(parts):
        raise InvalidInput(
            "Isi seluruh kunci baris itu.", "Fill in the whole key of the row.", field="kunci"
        )
    told = {name: typed[name] for name in ("field", "observed", "evidence", "evidence_entry")}
    row = dict(zip(able.key, parts, strict=True))
    try:
        return ReportIn(row=row, suggested=typed["suggested"] or None, **told)
    except ValidationError as wrong:
        place = str(wrong.errors()[0]["loc"][0])
        raise InvalidInput(*_FAULTS.get(place, _FAULTS["evidence"]), field=place) from wrong


_FAULTS = {
    "field": ("Pilih kolom yang nilainya salah.", "Choose the column whose value is wrong."),
    "evidence": (
        "Tulis buktinya, sedikitnya 10 huruf: dokumen dan halamannya, atau tautannya.",
        "Say how one can tell, in at least 10 letters: a document and its page, or a link.",
    ),
    "evidence_entry": (
        "Nomor catatan terdiri atas angka dan huruf a–f; salin dari tanda terima.",
        "An entry's number is made of digits and letters a–f; copy it from a receipt.",
    ),
}
