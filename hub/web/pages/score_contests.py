"""Contesting a figure of the index: the form under a list of cases, and the page of one contest."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import Response

from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.openness import contests, service
from hub.openness.deps import MeasureDep
from hub.openness.measuring import COUNTED_GOOD, LEFT_OUT, Measure
from hub.openness.months import Month
from hub.openness.shapes import ContestIn
from hub.proceedings.office import Office
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.score_words import PART_WORDS, month_name
from hub.web.translation import N_
from hub.web.working_clock import term

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=60)]
Letter = Annotated[str, Path(pattern="^[A-F]$")]
ContestId = Annotated[str, Path(max_length=40)]
Key = Annotated[str, Form(max_length=255)]
Text = Annotated[str, Form(max_length=2000)]
Word = Annotated[str, Form(max_length=40)]
WANTED = {
    COUNTED_GOOD: N_("seharusnya dihitung baik"),
    LEFT_OUT: N_("seharusnya tidak dihitung"),
}


@router.get("/skor/bantahan/{contest_id}")
def one(page: MemberPageDep, contest_id: ContestId) -> Response:
    return _one(page, contest_id)


@router.post("/skor/bantahan/{contest_id}")
def move(
    page: MemberPageDep,
    ledger: LedgerDep,
    contest_id: ContestId,
    event: Word = "",
    reason: Text = "",
    key: Key = "",
) -> Response:
    def moved(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock)
        contests.move(session, office, page.reader, contest_id, event, reason)
        return {}

    try:
        forms.take(page, key, (contest_id, event, reason), moved)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum dicatat")), "reason")
        return _one(page, contest_id, failed, reason, status=forms.status_of(error))
    return page.redirect(f"/skor/bantahan/{contest_id}")


@router.post("/skor/{agency}/{component}")
def contest(
    page: MemberPageDep,
    by: MeasureDep,
    ledger: LedgerDep,
    agency: Code,
    component: Letter,
    bulan: Annotated[str, Form(max_length=7)] = "",
    kasus: Annotated[list[str] | None, Form(max_length=200)] = None,
    wanted: Word = "",
    reason: Text = "",
    evidence: Text = "",
    key: Key = "",
) -> Response:
    typed = {"wanted": wanted, "reason": reason, "evidence": evidence, "cases": kasus or []}

    def made(session: Session) -> dict[str, Any]:
        said = _said(bulan, component, typed)
        office = Office(ledger, page.clock)
        return {"id": contests.contest(session, office, page.reader, by, agency, said).id}

    try:
        answer = forms.take(page, key, (bulan, component, wanted, reason, *typed["cases"]), made)
    except HubError as error:
        field = str(error.facts.get("field", "reason"))
        failed = forms.failure(page, error, page.say(N_("Bantahan belum diajukan")), field)
        return listed(
            page, by, agency, component, bulan, failed=failed, typed=typed,
            status=forms.status_of(error),
        )  # fmt: skip
    return page.redirect(f"/skor/bantahan/{answer['id']}")


def listed(
    page: Page,
    by: Measure,
    agency: str,
    component: str,
    month: str,
    *,
    version: int | None = None,
    failed: Failure | None = None,
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """The list behind a figure, with the form for who may contest it."""
    with reading(page.engine) as session:
        wanted = Month.read(month) if month else None
        found = service.component_cases(
            session, by, page.actor, agency, component, wanted, version=version
        )
        shown = service.the_snapshot(session, agency, Month.read(found.month), found.version)
        until = service.contest_until(by, shown)
        name = names_of(session, [agency])[agency]
    may = contests.may_contest(page.actor, agency) and until is not None
    return page.render(
        "skor-daftar.html",
        found=found,
        name=name,
        month_name=partial(month_name, page),
        parts=PART_WORDS,
        until=until,
        may=may and until is not None and page.clock.now() <= until,
        wishes=WANTED,
        typed=typed or {"wanted": "", "reason": "", "evidence": "", "cases": []},
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _one(
    page: Page,
    contest_id: str,
    failed: Failure | None = None,
    typed: str = "",
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        row = contests.the_contest(session, page.reader, contest_id)
        found = contests.told(session, page.reader, row)
        name = names_of(session, [found.agency])[found.agency]
    began = found.history[-1].at
    return page.render(
        "skor-bantahan.html",
        found=found,
        name=name,
        month_name=partial(month_name, page),
        wishes=WANTED,
        term=term(began, found.due_at, page.clock) if found.due_at else None,
        typed=typed,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _said(month: str, component: str, typed: dict[str, Any]) -> ContestIn:
    """The form as the API would have it; raises InvalidInput with the field to mend."""
    try:
        return ContestIn.model_validate({"month": month, "component": component, **typed})
    except ValidationError as wrong:
        field = str(wrong.errors()[0]["loc"][0])
        told = {
            "cases": (
                "Tandai sedikitnya satu kasus yang keliru.",
                "Mark at least one case that is wrong.",
            ),
            "wanted": (
                "Pilih bagaimana kasus itu seharusnya dihitung.",
                "Choose how the case should count.",
            ),
        }.get(
            field,
            (
                "Tulis alasannya, sedikitnya 10 huruf.",
                "Write the reason, at least 10 letters.",
            ),
        )
        raise InvalidInput(*told, field=field) from wrong
