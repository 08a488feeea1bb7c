"""/pdp/kegagalan: cases of failed protection, who read what, the notice and its clock of 72 hours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from catalog.errors import CatalogError
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError
from hub.ledger.deps import LedgerDep
from hub.privacy import breaches, desk
from hub.privacy.breaches import BOOK, PUBLIC, Told
from hub.privacy.reads import Scope
from hub.privacy.reporting import report_of
from hub.privacy.shapes import breach_out
from hub.rules import service as rules
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep, Page
from hub.web.pages.administration import Id, Key, Word
from hub.web.pages.personal_front import MOST, STATES, moment_of, sections
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Long = Annotated[str, Form(max_length=4000)]
MINUTE = "%Y-%m-%dT%H:%M"


@router.get("/pdp/kegagalan")
def listed(page: MemberPageDep) -> Response:
    return _list(page)


@router.post("/pdp/kegagalan")
def open_case(
    page: MemberPageDep,
    ledger: LedgerDep,
    since: Id = "",
    until: Id = "",
    known_at: Id = "",
    dataset: Word = "",
    agency: Word = "",
    columns: Word = "",
    what: Long = "",
    key: Key = "",
) -> Response:
    typed = {
        "since": since, "until": until, "known_at": known_at, "dataset": dataset, "agency": agency,
        "columns": columns, "what": what,
    }  # fmt: skip

    def opened(session: Session) -> dict[str, Any]:
        scope = Scope(
            moment_of(page, since, "since"),
            moment_of(page, until, "until"),
            dataset.strip() or None,
            agency.strip() or None,
        )
        named = [one.strip() for one in columns.split(",") if one.strip()]
        told = Told(scope, named, breaches.said(what), moment_of(page, known_at, "known_at"))
        return {"id": breaches.open_case(session, ledger, page.reader, told, now=real_now()).id}

    try:
        made = forms.take(page, key, tuple(typed.values()), opened)
    except HubError as error:
        field = str(error.facts.get("member", "what"))
        failed = forms.failure(page, error, page.say(N_("Laporan belum dibuka")), field)
        return _list(page, typed, failed, status=forms.status_of(error))
    return page.redirect(f"/pdp/kegagalan/{made['id']}")


@router.get("/pdp/kegagalan/{breach_id}")
def one(page: MemberPageDep, breach_id: str) -> Response:
    return _one(page, breach_id)


@router.post("/pdp/kegagalan/{breach_id}/diberitahu")
def tell(
    page: MemberPageDep,
    ledger: LedgerDep,
    breach_id: str,
    to: Id = "",
    how: Long = "",
    key: Key = "",
) -> Response:
    def told(session: Session) -> dict[str, Any]:
        now = real_now()
        breaches.tell(
            session,
            ledger,
            page.reader,
            breach_id,
            whom=to,
            how=breaches.said(how),
            at=now,
            now=now,
        )
        return {}

    return _step(page, breach_id, key, (to, how), told, N_("Pemberitahuan belum dicatat"))


@router.post("/pdp/kegagalan/{breach_id}/penanganan")
def handle(page: MemberPageDep, breach_id: str, handling: Long = "", key: Key = "") -> Response:
    def handled(session: Session) -> dict[str, Any]:
        breaches.handle(session, page.reader, breach_id, handling=breaches.said(handling))
        return {}

    return _step(page, breach_id, key, (handling,), handled, N_("Penanganan belum dicatat"))


@router.post("/pdp/kegagalan/{breach_id}/selesai")
def close(
    page: MemberPageDep, ledger: LedgerDep, breach_id: str, reason: Long = "", key: Key = ""
) -> Response:
    def closed(session: Session) -> dict[str, Any]:
        why = breaches.said(reason)
        breaches.close(session, ledger, page.reader, breach_id, why=why, now=real_now())
        return {}

    return _step(page, breach_id, key, (reason,), closed, N_("Laporan belum ditutup"))


def _step(
    page: Page,
    breach_id: str,
    key: str,
    typed: tuple[str, ...],
    done: Callable[[Session], dict[str, Any]],
    failure: str,
) -> Response:
    try:
        forms.take(page, key, typed, done)
    except (HubError, CatalogError) as error:
        failed = forms.failure(page, error, page.say(failure))
        return _one(page, breach_id, failed, status=forms.status_of(error))
    return page.redirect(f"/pdp/kegagalan/{breach_id}")


def _list(
    page: Page,
    typed: dict[str, str] | None = None,
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    now = real_now()
    local = now.astimezone(page.settings.zone)
    blank = {
        "since": f"{local - timedelta(hours=1):{MINUTE}}", "until": f"{local:{MINUTE}}",
        "known_at": f"{local:{MINUTE}}", "dataset": "", "agency": "", "columns": "", "what": "",
    }  # fmt: skip
    with reading(page.engine) as session:
        rows = breaches.listed(session, page.reader, limit=MOST, before=None)
        law = rules.current(session, BOOK).body["breach"]
        return page.render(
            "pdp-kegagalan.html",
            status=status,
            sections=sections(session, page.reader),
            acts=desk.acts(session, page.reader),
            rows=[breach_out(row, now) for row in rows],
            states=STATES,
            titles=titled(session, [row.dataset for row in rows if row.dataset]),
            law=law,
            typed=typed or blank,
            failed=failed,
            key=forms.new_key(),
        )


def _one(
    page: Page, breach_id: str, failed: Failure | None = None, *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        found = report_of(session, page.reader, breach_id, real_now())
        law = rules.of_version(session, BOOK, found.case.rules).body["breach"]
        receivers = [*law["receivers"], {"code": PUBLIC, **law["public"]}]
        return page.render(
            "pdp-kegagalan-satu.html",
            status=status,
            sections=sections(session, page.reader),
            acts=desk.acts(session, page.reader),
            case=found.case,
            report=found,
            states=STATES,
            law=law,
            receivers=receivers,
            personal=sorted({name for line in found.lines for name in line.personal}),
            datasets=sorted({line.dataset for line in found.lines if line.personal}),
            titles=titled(session, {line.dataset for line in found.lines}),
            names=names_of(session, [line.agency for line in found.lines]),
            failed=failed,
            key=forms.new_key(),
        )
