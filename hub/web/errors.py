"""Errors as people see them: a page where a browser asked for one, a problem document otherwise."""

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub import problems
from hub.agencies.actor import actor_of_request
from hub.errors import NotAuthenticated, NotFound
from hub.problems import PROBLEMS, UNEXPECTED, Problem
from hub.web.headers import HEADERS
from hub.web.page import Page, get_page
from hub.web.translation import N_

PROGRAMS = ("/api/", "/oauth/", "/.well-known/", "/static/", "/healthz", "/readyz", "/metrics")
"""Paths that answer programs, whatever they accept."""

ADVICE = {
    401: N_("Masuk dahulu, lalu coba lagi."),
    403: N_(
        "Kalau Anda memerlukannya untuk tugas, mintalah kepada produsen datanya atau walidata."
    ),
    404: N_("Periksa alamatnya, atau cari lewat katalog."),
    413: N_("Bagi berkasnya menjadi beberapa kiriman."),
    422: N_("Kembali ke halaman sebelumnya dan perbaiki isian."),
    500: N_(
        "Ini kesalahan hub, bukan kesalahan Anda. Coba lagi; bila berulang, beri tahu walidata."
    ),
    503: N_("Tidak ada yang berubah. Coba lagi sebentar."),
}
"""What to do, by status; Indonesian."""


def install(app: FastAPI) -> None:
    """After `hub.problems.install`, whose answers these stand in front of."""
    for root in problems.ROOTS:
        app.add_exception_handler(root, of_rule)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_body)
    app.add_exception_handler(Exception, unexpected)


def of_rule(request: Request, error: Exception) -> Response:
    if not _wants_page(request):
        return problems.of_rule(request, error)
    if isinstance(error, NotAuthenticated):
        return RedirectResponse(f"/masuk?next={quote(_back(request))}", 303)
    language = problems.chosen_language(request) or "id"
    return _page(request, problems.problem_of(error), problems.message_of(error, language))


def of_http(request: Request, error: Exception) -> Response:
    answer = problems.of_http(request, error)
    if not _wants_page(request):
        return answer
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    if error.status_code == 404:
        return _page(request, PROBLEMS[NotFound], "")
    status, phrase = HTTPStatus(answer.status_code), str(error.detail)
    return _page(request, Problem("", status, phrase, phrase), "")


def of_body(request: Request, error: Exception) -> Response:
    if not _wants_page(request):
        return problems.of_body(request, error)
    return _page(request, problems.INVALID_REQUEST, "")


def unexpected(request: Request, error: Exception) -> Response:
    """This answer leaves outside the middleware, so it brings the security headers itself."""
    answer: Response = problems.of_bug(request, error)
    if _wants_page(request):
        answer = _page(request, UNEXPECTED, "", known=False)
    answer.headers.update(HEADERS)
    return answer


def _wants_page(request: Request) -> bool:
    accepts = "text/html" in request.headers.get("accept", "")
    return accepts and not request.url.path.startswith(PROGRAMS)


def _back(request: Request) -> str:
    """Where to go on after signing in: this page, or the first one when a form was sent."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _page(request: Request, problem: Problem, detail: str, *, known: bool = True) -> Response:
    """Says nothing of the thing that was asked for but what the error itself says."""
    status = int(problem.status)
    page = _of(request, known)
    title = problem.title_en if page.language == "en" else problem.title_id
    advice = page.say(ADVICE.get(status, ADVICE[500]))
    return page.render(
        "kesalahan.html", status=status, code=status, title=title, detail=detail, advice=advice
    )


def _of(request: Request, known: bool) -> Page:
    """The page that failed; for an address that is none, one of its own for whoever asks."""
    page = getattr(request.state, "page", None)
    if isinstance(page, Page):
        return page
    state, actor = request.app.state, None
    if known:
        with suppress(NotAuthenticated):
            actor = actor_of_request(request)
    return get_page(request, actor, state.settings, state.engine, state.clock)
