"""/pdp/catatan and /pdp/pemusnahan: what is on record of processing, and of its end."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.responses import Response

from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError
from hub.ledger.deps import LedgerDep
from hub.privacy import certificates, desk, records
from hub.privacy.record_shapes import record_out
from hub.privacy.records import BOOK
from hub.privacy.retention import faults_of
from hub.rules import service as rules
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep, Page
from hub.web.pages.administration import Id, Key
from hub.web.pages.personal_front import MOST, sections
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Article = Annotated[str, Form(max_length=400)]


@router.get("/pdp/catatan")
def listed(
    page: MemberPageDep, dataset: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        found = records.listed(session, page.reader, limit=MOST, dataset=dataset or None)
        rows = [record_out(row, grant, now) for row, grant in found]
        codes = [
            code for row in rows for code in (row.kode_skpd_pengendali, row.kode_skpd_penerima)
        ]
        return page.render(
            "pdp-catatan.html",
            sections=sections(session, page.reader),
            rows=rows,
            names=names_of(session, codes),
            titles=titled(session, {row.dataset for row in rows}),
            bases=_bases(session),
            dataset=dataset or "",
        )


@router.get("/pdp/catatan/{record_id}")
def one(page: MemberPageDep, record_id: str) -> Response:
    return _one(page, record_id)


@router.post("/pdp/catatan/{record_id}/dasar")
def state_basis(
    page: MemberPageDep,
    ledger: LedgerDep,
    record_id: str,
    basis: Id = "",
    article: Article = "",
    key: Key = "",
) -> Response:
    def stated(session: Session) -> dict[str, Any]:
        records.state_basis(
            session, ledger, page.reader, record_id, basis=basis, article=article.strip()
        )
        return {}

    try:
        forms.take(page, key, (basis, article), stated)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Dasar belum dicatat")), "basis")
        return _one(page, record_id, failed, status=forms.status_of(error))
    return page.redirect(f"/pdp/catatan/{record_id}")


@router.get("/pdp/pemusnahan")
def disposals(page: MemberPageDep) -> Response:
    with reading(page.engine) as session:
        rows = certificates.listed(session, page.reader, limit=MOST)
        return page.render(
            "pdp-pemusnahan.html",
            sections=sections(session, page.reader),
            rows=rows,
            faults={row.id: faults_of(session, page.settings, row) for row in rows if row.gone_at},
            titles=titled(session, [row.dataset for row in rows if row.dataset]),
            retention=rules.current(session, BOOK).body["retention"],
        )


def _one(
    page: Page, record_id: str, failed: Failure | None = None, *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        found = record_out(*records.one(session, page.reader, record_id), real_now())
        return page.render(
            "pdp-catatan-satu.html",
            status=status,
            sections=sections(session, page.reader),
            acts=desk.acts(session, page.reader),
            record=found,
            names=names_of(session, [found.kode_skpd_pengendali, found.kode_skpd_penerima]),
            titles=titled(session, [found.dataset]),
            bases=_bases(session),
            triggers={one["code"]: one for one in rules.current(session, BOOK).body["triggers"]},
            failed=failed,
            key=forms.new_key(),
        )


def _bases(session: Session) -> dict[str, Any]:
    return {one["code"]: one for one in rules.current(session, BOOK).body["bases"]}
