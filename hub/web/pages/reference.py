"""/docs: the API, rendered here from the app's own document; and /problems: what its errors mean."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from hub.errors import NotFound
from hub.problems import INVALID_REQUEST, PROBLEMS, UNEXPECTED, Problem
from hub.web.page import PageDep
from hub.web.problem_words import MEANINGS
from hub.web.reference import groups

router = APIRouter(include_in_schema=False)

OTHER_METHOD = Problem(
    "method-not-allowed",
    HTTPStatus.METHOD_NOT_ALLOWED,
    "Metode tidak berlaku",
    "Method not allowed",
)
"""The framework's own."""


@router.get("/docs")
def api(page: PageDep) -> Response:
    document = page.request.app.openapi()
    return page.render("docs.html", groups=groups(document, page.settings.public_url))


@router.get("/problems")
def problems(page: PageDep) -> Response:
    known = _known()
    return page.render("masalah.html", problems=[known[slug] for slug in sorted(known)])


@router.get("/problems/{slug}")
def problem(page: PageDep, slug: Annotated[str, Path(max_length=60)]) -> Response:
    found = _known().get(slug)
    if found is None:
        raise NotFound("Jenis masalah ini tidak ada.", "There is no such problem type.")
    return page.render("masalah-satu.html", problem=found, meaning=MEANINGS[slug])


def _known() -> dict[str, Problem]:
    """Every problem type by its slug; the first class mapped to it gives the words."""
    known: dict[str, Problem] = {}
    for each in (*PROBLEMS.values(), INVALID_REQUEST, UNEXPECTED, OTHER_METHOD):
        known.setdefault(each.slug, each)
    return known
