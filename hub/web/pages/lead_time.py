"""Declaring how long an answer takes, from the page of the dataset."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.ledger.deps import LedgerDep
from hub.openness import lead_times
from hub.openness.deps import MeasureDep, measure_in
from hub.openness.lead_times import LeadTime
from hub.web import forms
from hub.web.page import MemberPageDep, Page

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]


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
