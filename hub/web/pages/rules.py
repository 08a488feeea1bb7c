"""/aturan: the rule books of the regency, as anybody may read them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from hub.db import reading
from hub.rules import service
from hub.web import rules_view
from hub.web.page import PageDep

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Path(max_length=60)]
Version = Annotated[int | None, Query(ge=0, le=100_000)]


@router.get("/aturan")
def books(page: PageDep) -> Response:
    with reading(page.engine) as session:
        found = [service.current(session, name) for name in service.names()]
        reader = rules_view.reader_of(page, service.current(session, service.MANDATES))
    return page.render(
        "aturan.html",
        procedures=[(one, reader.title(one)) for one in found if service.is_procedure(one)],
        values=[(one, reader.title(one)) for one in found if not service.is_procedure(one)],
    )


@router.get("/aturan/{name}")
def book(page: PageDep, name: Name, versi: Version = None) -> Response:
    """Raises NotFound."""
    with reading(page.engine) as session:
        versions = service.versions(session, name)
        shown = versions[0] if versi is None else service.of_version(session, name, versi)
        reader = rules_view.reader_of(page, service.current(session, service.MANDATES))
    procedure = service.is_procedure(shown)
    return page.render(
        "aturan-satu.html",
        book=shown,
        title=reader.title(shown),
        rungs=reader.rungs(shown) if procedure else [],
        parts=[] if procedure else reader.parts(shown),
        changes=reader.changes(service.packaged(name), shown),
        versions=versions,
        newest=versions[0].version,
        may_change=page.actor is not None and page.actor.has("walidata"),
    )
