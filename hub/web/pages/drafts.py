"""/publikasi/skema: from a steward's spreadsheet to a published schema, without a line of JSON."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from sqlmodel import Session
from starlette.responses import FileResponse, Response

from catalog.errors import CatalogError
from catalog.models import AccessClass, Frequency
from hub.access.visibility import visible_to
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.drafts import collecting, editing, keeping, likeness, lists, looking, service
from hub.drafts.editing import Mistake
from hub.drafts.models import DraftState
from hub.drafts.shapes import Wishes, evidence_of, outcome_of, plan_of, wishes_of
from hub.errors import HubError, InvalidInput, NotPermitted, TooLarge
from hub.intake.deps import IntakeDep
from hub.intake.service import Intake
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.reviews import collecting as collecting_rule
from hub.reviews import holders
from hub.reviews import service as reviewing_service
from hub.standards import service as standards
from hub.web import forms, reviewing
from hub.web.columns import TYPES
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.navigation import publishes
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_
from hub.web.uploading import Upload, taken
from schemas.drafting import Draft, Plan
from schemas.drafting.plan import KINDS
from schemas.drafting.sheets import FORMS
from schemas.errors import SchemaError

router = APIRouter(include_in_schema=False)

Id = Annotated[str, InPath(max_length=40)]
MOST_BYTES = 20 * 1024**2
"""A draft looks at every cell while somebody waits; part of the rows says as much."""
MOST_FORM_BYTES = 2 * 1024**2
MOST_FIELDS = 20_000
HANDS_ON = ("send", "publish")

STATES = {
    DraftState.DRAFT: ("warn", N_("Rancangan")),
    DraftState.SENT: ("warn", N_("Menunggu walidata")),
    DraftState.RETURNED: ("late", N_("Dikembalikan")),
    DraftState.PUBLISHED: ("good", N_("Terbit")),
}
LOCALES = {"id": "1.234,56", "en": "1,234.56", "iso": "1234.56"}
ORDERS = {
    "day": N_("hari dahulu (31/12/2025)"),
    "month": N_("bulan dahulu (12/31/2025)"),
}


@dataclass(frozen=True)
class Typed:
    """A plan and wishes as they were typed, with what is wrong with them."""

    plan: Plan
    wishes: Wishes
    mistakes: tuple[Mistake, ...] = ()


async def get_file(request: Request, page: MemberPageDep) -> AsyncIterator[Upload]:
    async with taken(request, page, limit=MOST_BYTES) as upload:
        yield upload


async def get_fields(request: Request, _page: MemberPageDep) -> dict[str, str]:
    """A form of many small fields, read within bounds; the last of a name counts."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM_BYTES:
            raise TooLarge("Isian terlalu besar.", "The form is too large.")
    try:
        said = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidInput("Isian tidak dapat dibaca.", "The form cannot be read.") from error
    return dict(said)


FileDep = Annotated[Upload, Depends(get_file)]
FieldsDep = Annotated[dict[str, str], Depends(get_fields)]


@router.get("/publikasi/skema")
def listed(page: MemberPageDep) -> Response:
    _must_publish(page)
    with reading(page.engine) as session:
        rows = service.listed(session, page.reader)
        names = names_of(session, [row.agency for row in rows])
    return page.render(
        "rancangan.html",
        rows=[(row, wishes_of(row), len(plan_of(row).kept)) for row in rows],
        names=names,
        states=STATES,
        drafts=page.reader.has("steward"),
    )


@router.get("/publikasi/skema/baru")
def fresh(page: MemberPageDep) -> Response:
    return _fresh(page)


@router.post("/publikasi/skema/baru")
def begin(page: MemberPageDep, intake: IntakeDep, upload: FileDep) -> Response:
    """Draft from the file, judge it once, and lead to the page of the draft."""
    agency = upload.fields.get("agency", "")
    try:
        form = _form_of(upload.file_name)
        with reading(page.engine) as session:
            files = lists.files(session, page.settings)
        draft = looking.look(
            intake.judges,
            upload.body.path,
            form,
            lists.codes_of(files),
            sheet=None,
            zone=_zone(page),
        )
        file = (PurePath(upload.file_name).name, form, upload.body.sha256)
        with unit_of_work(page.engine) as session:
            row = service.begin(session, page.reader, agency, draft, file=file, now=real_now())
            keeping.put(page.settings, row.id, form, upload.body.path)
            made = row.id
        _judge_and_keep(page, intake, made, draft.plan, None, files)
    except (HubError, SchemaError) as error:
        failed = forms.failure(page, error, page.say(N_("Belum ada rancangan")), "file")
        return _fresh(page, failed, agency, status=forms.status_of(error))
    return page.redirect(f"/publikasi/skema/{made}")


@router.get("/publikasi/skema/{draft}")
def one(page: MemberPageDep, draft: Id) -> Response:
    return _one(page, draft)


@router.post("/publikasi/skema/{draft}")
def act(
    page: MemberPageDep, intake: IntakeDep, ledger: LedgerDep, draft: Id, fields: FieldsDep
) -> Response:
    """Save and judge what was typed; then, if asked, hand it on. The same form twice counts once."""
    action = fields.get("action", "save")
    here = page.redirect(f"/publikasi/skema/{draft}")
    try:
        if _handed_on(page, draft, fields):
            return here
        if action == "return":
            _give_back(page, draft, fields)
            return page.redirect("/publikasi/skema")
        typed = _typed(page, draft, fields)
        if typed.mistakes:
            return _one(page, draft, typed, status=422)
        with reading(page.engine) as session:
            files = lists.files(session, page.settings)
        _judge_and_keep(page, intake, draft, typed.plan, typed.wishes, files)
        if action in HANDS_ON:
            _hand_on(page, ledger, draft, fields)
    except (HubError, CatalogError, SchemaError) as error:
        if _handed_on(page, draft, fields):
            return here  # while this one was judged, its twin was
        failed = forms.failure(page, error, page.say(N_("Belum dilanjutkan")))
        return _one(page, draft, failed=failed, status=forms.status_of(error))
    return here


@router.post("/publikasi/skema/{draft}/lembar")
def other_sheet(page: MemberPageDep, intake: IntakeDep, draft: Id, fields: FieldsDep) -> Response:
    """Begin anew from another sheet of the same workbook."""
    with reading(page.engine) as session:
        row = service.find(session, page.reader, draft)
        files = lists.files(session, page.settings)
    try:
        path = looking.source_of(page.settings, row)
        found = looking.look(
            intake.judges,
            path,
            row.file_form,
            lists.codes_of(files),
            sheet=fields.get("sheet", ""),
            zone=_zone(page),
        )
        wishes = service.redrafted(row, found)
        _judge_and_keep(page, intake, draft, found.plan, wishes, files, evidence=found)
    except (HubError, SchemaError) as error:
        failed = forms.failure(page, error, page.say(N_("Lembar itu tidak dapat dipakai")), "sheet")
        return _one(page, draft, failed=failed, status=forms.status_of(error))
    return page.redirect(f"/publikasi/skema/{draft}")


@router.get("/publikasi/skema/{draft}/rapi.xlsx")
def tidy(page: MemberPageDep, intake: IntakeDep, draft: Id) -> Response:
    """The table of the steward's own file, without what stood around it."""
    with reading(page.engine) as session:
        row = service.find(session, page.reader, draft)
        sheet = evidence_of(row).sheet
    if not service.sees_cells(page.reader, row):
        raise NotPermitted(
            "Isi berkas hanya untuk steward instansi pemiliknya.",
            "The contents of the file are for the stewards of its agency alone.",
        )
    page.settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="rancangan-", dir=page.settings.work))
    kept = folder / "kirim.xlsx"
    with looking.tidied(page.settings, intake.judges, row, sheet, folder, compact=True) as path:
        shutil.move(path, kept)
    return _Passing(kept, filename=f"{wishes_of(row).record or 'data'}.xlsx")


class _Passing(FileResponse):
    """A file that is removed after it was sent."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)


def _judge_and_keep(
    page: Page,
    intake: Intake,
    draft: str,
    plan: Plan,
    wishes: Wishes | None,
    files: Mapping[str, Path],
    evidence: Draft | None = None,
) -> None:
    """Judge outside any transaction, then keep plan and outcome together."""
    with reading(page.engine) as session:
        row = service.find(session, page.reader, draft)
    sheet = (evidence or evidence_of(row)).sheet
    outcome = looking.judged(page.settings, intake.judges, row, plan, sheet, files)
    keeping.touch(page.settings, row.id, row.file_form)
    with unit_of_work(page.engine) as session:
        service.keep(
            session,
            page.reader,
            draft,
            plan,
            wishes or wishes_of(row),
            outcome,
            now=real_now(),
            evidence=evidence,
        )


def _handed_on(page: Page, draft: str, fields: Mapping[str, str]) -> bool:
    """Whether this very form has handed the draft on already."""
    hands_on = fields.get("action") in HANDS_ON
    return hands_on and forms.taken(page, fields.get("key", ""), _said(draft, fields))


def _hand_on(page: Page, ledger: LedgerDep, draft: str, fields: Mapping[str, str]) -> None:
    def carry_out(session: Session) -> dict[str, Any]:
        if fields["action"] == "send":
            row = service.send(session, page.reader, draft, now=real_now())
        else:
            office = Office(ledger, page.clock)
            row = service.publish(session, office, page.reader, draft, now=real_now())
        return {"draft": row.id}

    forms.take(page, fields.get("key", ""), _said(draft, fields), carry_out)


def _give_back(page: Page, draft: str, fields: Mapping[str, str]) -> None:
    def carry_out(session: Session) -> dict[str, Any]:
        reason = fields.get("reason", "")
        row = service.give_back(session, page.reader, draft, reason, now=real_now())
        return {"draft": row.id}

    forms.take(page, fields.get("key", ""), _said(draft, fields), carry_out)


def _said(draft: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    return draft, *(part for pair in sorted(fields.items()) for part in pair)


def _typed(page: Page, draft: str, fields: Mapping[str, str]) -> Typed:
    with reading(page.engine) as session:
        row = service.find(session, page.reader, draft)
    plan, wrong = editing.edited(plan_of(row), fields)
    wishes, more = editing.wished(wishes_of(row), fields)
    wishes = replace(wishes, reasons=collecting.typed(wishes, plan, fields))
    return Typed(plan, wishes, (*more, *wrong))


def _fresh(
    page: Page, failed: Failure | None = None, chosen: str = "", *, status: int = 200
) -> Response:
    agencies = sorted({p.agency for p in page.reader.posts if p.role == "steward"})
    if not agencies:
        raise NotPermitted(
            "Rancangan skema dibuat oleh penanggung jawab data (steward).",
            "Drafts of schemas are made by stewards.",
        )
    with reading(page.engine) as session:
        names = names_of(session, agencies)
    return page.render(
        "rancangan-baru.html",
        status=status,
        failed=failed,
        agencies=agencies,
        names=names,
        chosen=chosen,
        most=MOST_BYTES,
        forms=", ".join(f".{form}" for form in FORMS),
    )


def _one(
    page: Page,
    draft: str,
    typed: Typed | None = None,
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        row = service.find(session, page.reader, draft)
        typed = typed or Typed(plan_of(row), wishes_of(row))
        lacking = service.lacking(session, row)
        known = standards.registry(session)
        code_lists = lists.names(session)
        names = names_of(session, [row.agency])
        held = collecting.fields_of(session, row, seen=visible_to(page.reader, now=real_now()))
        review = collecting.review_of(session, row)
        terms = holders.known_terms(session, collecting_rule.rule_in_force(session))
        asked = reviewing_service.reviewers_for(session, held)
        stands_for = reviewing_service.standing_in(session, page.reader, asked)
    walidata = page.reader.has("walidata")
    return page.render(
        "rancangan-satu.html",
        status=status,
        row=row,
        plan=typed.plan,
        wishes=typed.wishes,
        mistakes=[_worded(page, m) for m in typed.mistakes],
        wrong={m.field: _worded(page, m)[1] for m in typed.mistakes},
        lacking=[(field, en if page.language == "en" else id_) for field, id_, en in lacking],
        evidence=evidence_of(row),
        outcome=outcome_of(row),
        similar=likeness.similar(known, typed.plan) if walidata else [],
        names=names,
        states=STATES,
        kinds={kind: TYPES["string" if kind == "text" else kind] for kind in KINDS},
        locales=LOCALES,
        orders=ORDERS,
        code_lists=code_lists,
        held={field.name: field for field in held if field.holders},
        review=review,
        terms=terms,
        matches=reviewing.MATCHES,
        reviewers=reviewing.REVIEWERS,
        stands_for=stands_for,
        awaits=[name for name in asked if name not in stands_for],
        classes=list(AccessClass),
        frequencies=list(Frequency),
        editable=service.may_edit(page.reader, row),
        shows_cells=service.sees_cells(page.reader, row),
        walidata=walidata and row.state is DraftState.SENT,
        fitting=service.fitting_class(typed.plan),
        failed=failed,
        key=forms.new_key(),
        version=looking.VERSION,
    )


def _worded(page: Page, mistake: Mistake) -> tuple[str, str]:
    return mistake.field, page.said(mistake, "message")


def _must_publish(page: Page) -> None:
    if not publishes(page.reader):
        raise NotPermitted(
            "Halaman ini untuk penanggung jawab data (steward) dan walidata.",
            "This page is for stewards and the walidata.",
        )


def _form_of(name: str) -> str:
    """The ending of the file's name; raises InvalidInput for one that is no spreadsheet."""
    form = PurePath(name).suffix.lower().lstrip(".")
    if form not in FORMS:
        raise InvalidInput(
            f"Pilih lembar kerja: {', '.join(FORMS)}.", f"Choose a spreadsheet: {', '.join(FORMS)}."
        )
    return form


def _zone(page: Page) -> str:
    """The offset of the hub's own zone today, as intake steps write it."""
    offset = real_now().astimezone(page.settings.zone).strftime("%z")
    return f"{offset[:3]}:{offset[3:]}"
