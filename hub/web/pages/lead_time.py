"""Published clocks: how long answers take, declared beside measured; declared on the dataset's page."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.db import reading
from hub.ledger.deps import LedgerDep
from hub.openness import lead_times, service
from hub.openness.deps import MeasureDep, measure_in
from hub.openness.lead_times import LeadTime
from hub.web import forms
from hub.web.naming import titled
from hub.web.page import MemberPageDep, Page, PageDep

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
MOST = 1000
"""Datasets on the page; all of them are in the API."""


@router.get("/skor/waktu-jawab")
def listed(page: PageDep, by: MeasureDep) -> Response:
    """Declared beside measured, for every dataset that the reader may know of."""
    with reading(page.engine) as session:
        service.must_see(by, page.actor)
        names = lead_times.known_names(session, page.actor, after=None, limit=MOST)
        found = lead_times.of_datasets(session, by, names, now=page.clock.now())
        titles = titled(session, names)
    told = [one for one in found.values() if one.measured.answers or one.declared is not None]
    return page.render(
        "skor-waktu.html",
        told=told,
        silent=len(found) - len(told),
        titles=titles,
        rule=by.book.body["lead_time"],
    )


@router.post("/katalog/{agency}/{slug}/waktu-jawab")
def declare(
    page: MemberPageDep,
    by: MeasureDep,
    ledger: LedgerDep,
    agency: Part,
    slug: Part,
    days: Annotated[str, Form(max_length=4)] = "",
    key: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """An empty field takes the declaration back; what is wrong is told on the page of errors."""
    name = f"{agency}/{slug}"

    def declared(session: Session) -> dict[str, Any]:
        said = 0 if days.strip() == "0" else forms.whole_number(days.strip(), "days")
        lead_times.declare(session, ledger, page.reader, by, name, said)
        return {}

    forms.take(page, key, (name, days), declared)
    return page.redirect(f"/katalog/{name}#waktu-jawab")


def of_dataset(session: Session, page: Page, name: str) -> LeadTime:
    by = measure_in(session, page.settings, page.clock)
    return lead_times.of_datasets(session, by, [name], now=page.clock.now())[name]
