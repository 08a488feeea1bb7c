"""/publikasi/{agency}/{slug}/kiriman/{batch}: what became of a delivery, row by row."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from catalog.models import Dataset
from hub.db import reading
from hub.intake import batches, reports
from hub.intake.models import BatchState
from hub.standards import service as standards
from hub.web.page import MemberPageDep, Page

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
MOST_ROWS = 50
LOOK_AGAIN = 2
"""Seconds after which the page of a batch that is still judged looks again."""


@router.get("/publikasi/{agency}/{slug}/kiriman/{batch_id}")
def report(page: MemberPageDep, agency: Part, slug: Part, batch_id: Part) -> Response:
    with reading(page.engine) as session:
        batch = batches.find(session, page.reader, f"{agency}/{slug}", batch_id)
        dataset = session.get_one(Dataset, batch.dataset)
        document = standards.find(session, batch.schema_name, batch.schema_version)
    if batch.state is BatchState.RECEIVED:
        waiting = page.render("kiriman-tunggu.html", batch=batch, dataset=dataset)
        waiting.headers["Refresh"] = str(LOOK_AGAIN)
        return waiting
    may_read = batches.may_read(page.reader, batch.dataset)
    found = reports.head(page.settings, batch.id) if may_read else {}
    return page.render(
        "kiriman.html",
        batch=batch,
        dataset=dataset,
        document=document,
        message=page.said(batch, "message") if may_read else "",
        header_errors=[_spoken(page, error) for error in found.get("header_errors", [])],
        rules=[_spoken(page, rule) for rule in found.get("by_rule", [])],
        rows=found.get("rows", [])[:MOST_ROWS],
        say_message=lambda error: _said(page, error),
        withheld=not may_read,
        sends=page.reader.holds("steward", dataset.agency),
    )


def _spoken(page: Page, error: dict[str, Any]) -> dict[str, Any]:
    return {**error, "message": _said(page, error)}


def _said(page: Page, error: dict[str, Any]) -> str:
    return str(error.get(f"message_{page.language}", ""))
