"""/kelola/data-prioritas: what the regency wants published first, by whom, from when on and on whose word."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.responses import Response

from catalog.models import Frequency
from hub.access import priority_dues
from hub.access.priority_dues import DueState
from hub.agencies import priority, service
from hub.agencies.principal import actor_of
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.web import formats, forms
from hub.web.forms import Failure
from hub.web.naming import names_of, titled
from hub.web.page import Page
from hub.web.pages.administration import DeskDep, Id, Key, Word
from hub.web.translation import N_
from hub.web.words import FREQUENCIES

router = APIRouter(include_in_schema=False)

EntryId = Annotated[str, Query(pattern="^[0-9a-f]{0,32}$")]
MonthName = Annotated[str, Query(max_length=7)]
YEARS = 10
"""How far the calendar is leafed through, back and ahead."""
DUES = {
    DueState.COMING: ("idle", N_("belum jatuh tempo")),
    DueState.PUBLISHED: ("good", N_("terbit pada waktunya")),
    DueState.LATE: ("warn", N_("terbit terlambat")),
    DueState.OVERDUE: ("late", N_("lewat jatuh tempo")),
}
BLANK = {
    "id": "", "title": "", "agency": "", "dataset": "", "frequency": "tahunan", "first_due": "",
    "basis": "",
}  # fmt: skip


@router.get("/kelola/data-prioritas")
def listed(page: DeskDep, ubah: EntryId = "", bulan: MonthName = "") -> Response:
    """With what is due in a month, this one unless another is named."""
    typed = BLANK
    if ubah:
        with reading(page.engine) as session:
            row = priority.the_entry(session, ubah)
        typed = {name: str(value or "") for name, value in row.model_dump().items()}
    return _list(page, typed, month=_month(bulan, page.clock.today()))


@router.post("/kelola/data-prioritas")
def put(
    page: DeskDep,
    ledger: LedgerDep,
    id: Id = "",
    title: Word = "",
    agency: Id = "",
    dataset: Annotated[str, Form(max_length=150)] = "",
    frequency: Id = "",
    first_due: Id = "",
    basis: Annotated[str, Form(max_length=300)] = "",
    key: Key = "",
) -> Response:
    typed = {
        "id": id, "title": title, "agency": agency, "dataset": dataset, "frequency": frequency,
        "first_due": first_due, "basis": basis,
    }  # fmt: skip

    def done(session: Session) -> dict[str, Any]:
        priority.put(
            session,
            ledger,
            actor_of(page.reader),
            id or None,
            title=_said(title, "title"),
            agency=agency,
            dataset=dataset.strip() or None,
            frequency=_frequency(frequency),
            first_due=forms.day_of(first_due),
            basis=_said(basis, "basis"),
            now=real_now(),
        )
        return {}

    try:
        forms.take(page, key, tuple(typed.values()), done)
    except HubError as error:
        field = str(error.facts.get("field", "title"))
        failed = forms.failure(page, error, page.say(N_("Belum dicatat")), field)
        return _list(page, typed, failed, status=forms.status_of(error))
    return page.redirect("/kelola/data-prioritas")


@router.post("/kelola/data-prioritas/hapus")
def remove(page: DeskDep, ledger: LedgerDep, id: Id = "", key: Key = "") -> Response:
    def removed(session: Session) -> dict[str, Any]:
        priority.remove(session, ledger, actor_of(page.reader), id)
        return {}

    forms.take(page, key, (id,), removed)
    return page.redirect("/kelola/data-prioritas")


def _said(text: str, field: str) -> str:
    if len(text.strip()) < 3:
        raise InvalidInput(
            "Isi nama data dan dasarnya, misalnya nomor keputusan.",
            "Write the name of the data and its basis, for example the number of a decree.",
            field=field,
        )
    return text.strip()


def _frequency(text: str) -> Frequency:
    if text not in tuple(Frequency):
        raise InvalidInput("Pilih jadwalnya.", "Choose the schedule.", field="frequency")
    return Frequency(text)


def _month(text: str, today: date) -> date:
    """The first day of `2026-03`; of this month for anything else, and for what is far away."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return month if abs(month.year - today.year) <= YEARS else today.replace(day=1)


def _list(
    page: Page,
    typed: dict[str, str],
    failed: Failure | None = None,
    *,
    month: date | None = None,
    status: int = 200,
) -> Response:
    today, local = page.clock.today(), page.clock.local()
    first = month or today.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    with reading(page.engine) as session:
        rows = priority.listed(session, limit=priority_dues.MOST)
        due = priority_dues.dues(
            session, rows, since=first, until=following - timedelta(days=1), clock=page.clock
        )
        agencies = service.list_agencies(session, limit=1000)
        names = names_of(session, [row.agency for row in rows])
        titles = titled(session, [row.dataset for row in rows if row.dataset])
    return page.render(
        "kelola-prioritas.html",
        rows=rows,
        next_due={row.id: priority_dues.next_due(row, today, local) for row in rows},
        due=due,
        dues=DUES,
        month=formats.month(first, page.language),
        earlier=f"{first - timedelta(days=1):%Y-%m}",
        following=f"{following:%Y-%m}",
        agencies=agencies,
        names=names,
        titles=titles,
        frequencies=FREQUENCIES,
        typed=typed,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
