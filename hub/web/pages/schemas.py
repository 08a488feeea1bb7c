"""/skema: published schemas in words, with the document beside them."""

import io
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlmodel import Session
from starlette.responses import Response

from catalog.search.question import Question
from hub.access import browse
from hub.access.descriptions import DatasetLine
from hub.calendar import real_now
from hub.client import MEDIA_TYPES
from hub.db import reading
from hub.deps import PageQuery
from hub.standards import listing, service
from hub.web.columns import rules, views
from hub.web.page import Page, PageDep
from schemas.template import write_template

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Version = Annotated[str, Path(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]
MOST = 500


@router.get("/skema")
def listed(page: PageDep, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    with reading(page.engine) as session:
        found = listing.lines(session, q, PageQuery(MOST, None, True))
    return page.render("skema.html", q=q, lines=found.items, count=found.count)


@router.get("/skema/{system}/{record}")
def latest(page: PageDep, system: Part, record: Part) -> Response:
    """Leads to the newest version."""
    with reading(page.engine) as session:
        known = service.registry(session)
        version = known.latest(f"{system}/{record}").version
    return page.redirect(f"/skema/{system}/{record}/{version}")


@router.get("/skema/{system}/{record}/{version}.xlsx")
def template(page: PageDep, system: Part, record: Part, version: Version) -> Response:
    """A workbook to fill in, with the words of the page's language."""
    with reading(page.engine) as session:
        document = service.find(session, f"{system}/{record}", version)
    out = io.BytesIO()
    write_template(document, out, page.language)
    name = f"templat-{record}-{version}.xlsx"
    return Response(
        out.getvalue(),
        media_type=MEDIA_TYPES[".xlsx"],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/skema/{system}/{record}/{version}")
def one(page: PageDep, system: Part, record: Part, version: Version) -> Response:
    name = f"{system}/{record}"
    with reading(page.engine) as session:
        about = listing.one_version(session, name, version)
        document = service.find(session, name, version)
        versions = service.registry(session).versions(name)
        users = _users(session, page, name)
    return page.render(
        "skema-satu.html",
        about=about,
        document=document,
        versions=list(reversed(versions)),
        columns=views(document, page.language),
        rules=rules(document, page.language),
        users=users,
    )


def _users(session: Session, page: Page, name: str) -> list[DatasetLine]:
    """Datasets of this schema that the reader may know of."""
    question = Question(chosen={"schema": [name]}, limit=50)
    return browse.search(session, page.actor, question, now=real_now()).items
