"""/kelola/kalender: national days off, the regency's own, and what a term of working days comes to."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies import local_days, service
from hub.agencies.desk_models import DayKind
from hub.agencies.principal import actor_of
from hub.calendar import due_at, national_days_off
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import DeskDep, Id, Key, Word
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Year = Annotated[int, Query(ge=2020, le=2050)]
TERM = 5
"""Working days of the preview: those of a request for access."""
KINDS = {DayKind.OFF: N_("libur"), DayKind.WORKED: N_("masuk kerja")}


@router.get("/kelola/kalender")
def calendar(page: DeskDep, year: Year | None = None) -> Response:
    return _calendar(page, year or page.clock.today().year)


@router.post("/kelola/kalender")
def add(
    page: DeskDep,
    ledger: LedgerDep,
    day: Id = "",
    kind: Id = DayKind.OFF,
    name: Word = "",
    basis: Annotated[str, Form(max_length=300)] = "",
    agency: Id = "",
    key: Key = "",
) -> Response:
    typed = {"day": day, "kind": kind, "name": name, "basis": basis, "agency": agency}

    def added(session: Session) -> dict[str, Any]:
        local_days.add(
            session,
            ledger,
            actor_of(page.reader),
            day=_day(day),
            kind=_kind(kind),
            name=_said(name, "name"),
            basis=_said(basis, "basis"),
            applies_to=agency,
        )
        return {}

    try:
        forms.take(page, key, tuple(typed.values()), added)
    except HubError as error:
        failed = forms.failure(
            page, error, page.say(N_("Belum dicatat")), str(error.facts.get("field", "day"))
        )
        year = page.clock.today().year
        return _calendar(page, year, failed, typed, status=forms.status_of(error))
    return page.redirect(f"/kelola/kalender?year={_day(day).year}")


@router.post("/kelola/kalender/{day}/hapus")
def remove(
    page: DeskDep, ledger: LedgerDep, day: Annotated[date, Path()], agency: Id = "", key: Key = ""
) -> Response:
    def removed(session: Session) -> dict[str, Any]:
        local_days.remove(session, ledger, actor_of(page.reader), day, agency)
        return {}

    forms.take(page, key, (agency,), removed)
    return page.redirect(f"/kelola/kalender?year={day.year}")


def _day(text: str) -> date:
    day = forms.day_of(text)
    if day is None or not 2020 <= day.year <= 2050:
        raise InvalidInput("Isi tanggalnya.", "Write the date.", field="day")
    return day


def _kind(text: str) -> DayKind:
    if text not in tuple(DayKind):
        raise InvalidInput("Pilih libur atau masuk.", "Choose off or worked.", field="kind")
    return DayKind(text)


def _said(text: str, field: str) -> str:
    if len(text.strip()) < 3:
        raise InvalidInput(
            "Isi keterangan dan dasarnya, misalnya nomor SK.",
            "Write the name and its basis, for example the number of a decree.",
            field=field,
        )
    return text.strip()


def _calendar(
    page: Page,
    year: int,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        own = local_days.listed(session, since=date(year, 1, 1), until=date(year, 12, 31))
        agencies = service.list_agencies(session, limit=1000)
        names = names_of(session, [row.applies_to for row in own])
        due = due_at(page.clock.now(), TERM, local_days.known(session))
    return page.render(
        "kelola-kalender.html",
        year=year,
        national=national_days_off(year),
        own=own,
        agencies=agencies,
        names=names,
        kinds=KINDS,
        days=TERM,
        due=due,
        typed=typed or {"day": "", "kind": "libur", "name": "", "basis": "", "agency": ""},
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
