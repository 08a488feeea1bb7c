"""/pdp/dpia: impact assessments: the law's seven questions, what was found, the officer's opinion."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.responses import Response

from catalog.errors import CatalogError
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError
from hub.grants import assessments
from hub.grants.assessments import OFFICER, Draft
from hub.ledger.deps import LedgerDep
from hub.proceedings.parties import ASKING_ROLES
from hub.rules import mandates
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep, Page
from hub.web.pages.administration import Id, Key, Word
from hub.web.pages.personal_front import MOST, sections
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Long = Annotated[str, Form(max_length=10_000)]
Codes = Annotated[list[str], Form(max_length=20)]
RESULTS = {
    "dapat_dilanjutkan": ("good", N_("dapat dilanjutkan")),
    "dengan_syarat": ("warn", N_("dengan syarat")),
    "tidak_dilanjutkan": ("late", N_("tidak dilanjutkan")),
}
VERDICTS = {
    "setuju": ("good", N_("setuju")),
    "setuju_dengan_syarat": ("warn", N_("setuju dengan syarat")),
    "tidak_setuju": ("late", N_("tidak setuju")),
}


@router.get("/pdp/dpia")
def listed(
    page: MemberPageDep,
    dataset: Annotated[str, Query(max_length=200)] = "",
    permintaan: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    return _list(page, {"dataset": dataset, "request": permintaan}, ())


@router.post("/pdp/dpia")
def make(
    page: MemberPageDep,
    ledger: LedgerDep,
    dataset: Word = "",
    purpose: Long = "",
    yes: Codes = [],  # noqa: B006 - FastAPI copies it
    risks: Long = "",
    measures: Long = "",
    result: Id = "",
    number: Word = "",
    dated: Id = "",
    request: Id = "",
    key: Key = "",
) -> Response:
    typed = {
        "dataset": dataset, "purpose": purpose, "risks": risks, "measures": measures,
        "result": result, "number": number, "dated": dated, "request": request,
    }  # fmt: skip

    def made(session: Session) -> dict[str, Any]:
        now = real_now()
        draft = Draft(
            dataset=dataset.strip(),
            purpose=purpose.strip(),
            triggers={one.code: one.code in yes for one in assessments.triggers(session)},
            risks=risks.strip(),
            measures=measures.strip(),
            result=result,
            number=number.strip(),
            dated=forms.day_of(dated),
        )
        row = assessments.make(session, ledger, page.reader, draft, now=now)
        if request.strip():
            assessments.attach(session, ledger, page.reader, row.id, request.strip(), now=now)
        return {"id": row.id}

    try:
        done = forms.take(page, key, (*typed.values(), *yes), made)
    except (HubError, CatalogError) as error:
        facts = getattr(error, "facts", {})
        field = str(facts.get("member", "dataset"))
        failed = forms.failure(page, error, page.say(N_("Penilaian belum dicatat")), field)
        return _list(page, typed, yes, failed, status=forms.status_of(error))
    return page.redirect(f"/pdp/dpia/{done['id']}")


@router.get("/pdp/dpia/{assessment_id}")
def one(page: MemberPageDep, assessment_id: str) -> Response:
    return _one(page, assessment_id)


@router.post("/pdp/dpia/{assessment_id}/pendapat")
def give_opinion(
    page: MemberPageDep,
    ledger: LedgerDep,
    assessment_id: str,
    verdict: Id = "",
    text: Long = "",
    key: Key = "",
) -> Response:
    def given(session: Session) -> dict[str, Any]:
        assessments.give_opinion(
            session,
            ledger,
            page.reader,
            assessment_id,
            verdict=verdict,
            text=assessments.said(text, "text"),
            now=real_now(),
        )
        return {}

    return _step(page, assessment_id, key, (verdict, text), given, N_("Pendapat belum dicatat"))


@router.post("/pdp/dpia/{assessment_id}/lampirkan")
def attach(
    page: MemberPageDep, ledger: LedgerDep, assessment_id: str, request: Id = "", key: Key = ""
) -> Response:
    def attached(session: Session) -> dict[str, Any]:
        assessments.attach(
            session, ledger, page.reader, assessment_id, request.strip(), now=real_now()
        )
        return {}

    return _step(page, assessment_id, key, (request,), attached, N_("Belum dilampirkan"))


def _step(
    page: Page, assessment_id: str, key: str, typed: tuple[str, ...], done: Any, failure: str
) -> Response:
    try:
        forms.take(page, key, typed, done)
    except HubError as error:
        failed = forms.failure(page, error, page.say(failure))
        return _one(page, assessment_id, failed, status=forms.status_of(error))
    return page.redirect(f"/pdp/dpia/{assessment_id}")


def _list(
    page: Page,
    typed: dict[str, str],
    yes: Any,
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    blank = dict.fromkeys(
        ("dataset", "purpose", "risks", "measures", "result", "number", "dated", "request"), ""
    )
    with reading(page.engine) as session:
        rows = assessments.listed(session, page.reader, limit=MOST)
        return page.render(
            "pdp-dpia.html",
            status=status,
            sections=sections(session, page.reader),
            rows=rows,
            names=names_of(session, [row.agency for row in rows]),
            titles=titled(session, {row.dataset for row in rows}),
            results=RESULTS,
            verdicts=VERDICTS,
            triggers=assessments.triggers(session),
            asks=any(post.role in ASKING_ROLES for post in page.reader.posts),
            yes=yes,
            typed=blank | typed,
            failed=failed,
            key=forms.new_key(),
        )


def _one(
    page: Page, assessment_id: str, failed: Failure | None = None, *, status: int = 200
) -> Response:
    with reading(page.engine) as session:
        row = assessments.one(session, page.reader, assessment_id)
        return page.render(
            "pdp-dpia-satu.html",
            status=status,
            sections=sections(session, page.reader),
            row=row,
            names=names_of(session, [row.agency]),
            titles=titled(session, [row.dataset]),
            results=RESULTS,
            verdicts=VERDICTS,
            triggers=assessments.triggers(session),
            requests=assessments.requests_of(session, row.id),
            officer=mandates.carries(session, page.reader, OFFICER),
            mine=page.reader.is_member_of(row.agency),
            failed=failed,
            key=forms.new_key(),
        )
