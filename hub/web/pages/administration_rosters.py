"""/kelola/orang/lembar: people in bulk from a spreadsheet, judged, previewed, entered once."""

import io
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import xlsxwriter
from fastapi import APIRouter, Depends, Path, Request
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies import rosters, service
from hub.agencies.principal import actor_of
from hub.agencies.rosters import Fetched
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import HubError
from hub.intake.deps import IntakeDep
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.judging_people import judged
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import ROLES, DeskDep, Key
from hub.web.pages.signing_in import key_of
from hub.web.translation import N_
from hub.web.uploading import Upload, taken_from_anybody
from schemas.errors import SchemaError
from schemas.template import write_template

router = APIRouter(include_in_schema=False)

RosterId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
MOST_BYTES = 2 * 1024**2
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    rosters.NEW: ("good", N_("baru")),
    rosters.CHANGED: ("warn", N_("berubah")),
    rosters.SAME: ("idle", N_("sudah ada")),
    rosters.REFUSED: ("late", N_("ditolak")),
}
WHY = {
    "role": N_("jabatan ini sudah ada dengan peran lain"),
    "off": N_("akunnya nonaktif; aktifkan dahulu"),
}


async def get_file(request: Request, page: DeskDep) -> AsyncIterator[Upload]:
    async with taken_from_anybody(request, page, limit=MOST_BYTES) as upload:
        yield upload


FileDep = Annotated[Upload, Depends(get_file)]


@router.get("/kelola/orang/lembar")
def form(page: DeskDep) -> Response:
    return _form(page)


@router.get("/kelola/orang/templat.xlsx")
def template(page: DeskDep) -> Response:
    out = io.BytesIO()
    write_template(rosters.document(), out, page.language)
    return _workbook(out.getvalue(), "orang.xlsx")


@router.post("/kelola/orang/lembar")
def judge(page: DeskDep, intake: IntakeDep, upload: FileDep) -> Response:
    """Nothing is entered yet: leads to what the sheet would change."""
    with reading(page.engine) as session:
        agencies = [one.code for one in service.list_agencies(session, limit=1000) if one.active]
    try:
        found = judged(page.settings, intake.judges, upload.body.path, upload.file_name, agencies)
        with unit_of_work(page.engine) as session:
            made = rosters.begin(
                session,
                actor_of(page.reader),
                found.lines,
                found.outcome,
                file_name=upload.file_name,
                now=real_now(),
            ).id
    except (HubError, SchemaError) as error:
        failed = forms.failure(page, error, page.say(N_("Lembar ini tidak dapat dipakai")), "file")
        return _form(page, failed, status=forms.status_of(error))
    return page.redirect(f"/kelola/orang/lembar/{made}")


@router.get("/kelola/orang/lembar/{roster}")
def preview(page: DeskDep, roster: RosterId) -> Response:
    return _preview(page, roster)


@router.post("/kelola/orang/lembar/{roster}")
def enter(page: DeskDep, ledger: LedgerDep, roster: RosterId, key: Key = "") -> Response:
    """All of it in one transaction, or nothing."""

    def entered(session: Session) -> dict[str, Any]:
        rosters.enter(
            session,
            ledger,
            actor_of(page.reader),
            key_of(page.settings),
            roster,
            days=page.settings.entry_code_days,
            now=real_now(),
        )
        return {}

    try:
        forms.take(page, key, (roster,), entered)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum didaftarkan")))
        return _preview(page, roster, failed, status=forms.status_of(error))
    return page.redirect(f"/kelola/orang/lembar/{roster}")


@router.post("/kelola/orang/lembar/{roster}/kode")
def codes(page: DeskDep, ledger: LedgerDep, roster: RosterId) -> Response:
    """The codes as a sheet, once."""
    try:
        with unit_of_work(page.engine) as session:
            found = rosters.fetch(
                session, ledger, actor_of(page.reader), key_of(page.settings), roster
            )
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Tidak ada kode lagi")))
        return _preview(page, roster, failed, status=forms.status_of(error))
    answer = _workbook(_sheet(page, found), "kode-sekali-pakai.xlsx")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sheet(page: Page, found: list[Fetched]) -> bytes:
    """One line for each code; every cell a text, so that no spreadsheet takes one for a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    heads = ("nama", "username", "instansi", "jabatan", "kode", "alamat")
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Kode")
        sheet.set_column(0, 5, 24)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head)
        for number, one in enumerate(found, 1):
            address = f"{page.settings.public_url}/masuk/kode"
            said = one.line
            cells = (said["nama"], said["username"], said["instansi"], said["jabatan"])
            for place, cell in enumerate((*cells, one.code, address)):
                sheet.write_string(number, place, cell)
    return out.getvalue()


def _workbook(body: bytes, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(body, media_type=XLSX, headers={"Content-Disposition": disposition})


def _form(page: Page, failed: Failure | None = None, *, status: int = 200) -> Response:
    return page.render(
        "kelola-lembar.html",
        failed=failed,
        columns=rosters.document().body["properties"],
        most=MOST_BYTES,
        status=status,
    )


def _preview(
    page: Page, roster: str, failed: Failure | None = None, *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        found = rosters.find(session, roster)
        planned = rosters.plan(session, found.lines, now=real_now())
        names = names_of(session, [one.line["instansi"] for one in planned])
    counts = Counter(found.outcome.get("entered") or (one.kind for one in planned))
    return page.render(
        "kelola-lembar-satu.html",
        roster=found,
        planned=planned,
        counts=counts,
        refused=counts[rosters.REFUSED] + found.outcome["rejected"],
        names=names,
        kinds=KINDS,
        why=WHY,
        roles=ROLES,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
