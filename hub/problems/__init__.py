"""Every error of every room becomes one RFC 9457 problem, in the reader's language."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hub.errors import NotFound, TooLarge
from hub.problems.table import (
    INVALID_REQUEST,
    PROBLEMS,
    ROOTS,
    UNEXPECTED,
    Problem,
    of_slug,
    problem_of,
)

__all__ = [
    "INVALID_REQUEST",
    "PROBLEMS",
    "ROOTS",
    "UNEXPECTED",
    "Problem",
    "answer",
    "chosen_language",
    "document",
    "facts_of",
    "install",
    "language_of",
    "message_of",
    "of_body",
    "of_bug",
    "of_http",
    "of_rule",
    "of_slug",
    "problem_of",
]

log = structlog.get_logger(__name__)


def chosen_language(request: Request) -> str | None:
    """The language somebody chose here: `?lang=`, or the remembered choice; None when nobody did."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    return asked if asked in ("id", "en") else None


def language_of(request: Request) -> str:
    """Of an API's answer: the choice, else the client's Accept-Language, else Indonesian."""
    chosen = chosen_language(request)
    if chosen is not None:
        return chosen
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "id"


def message_of(error: Exception, language: str) -> str:
    """The error's own sentence in `language`, else that of its problem, else what it says of itself."""
    own = getattr(error, f"message_{language}", "") or getattr(error, f"reason_{language}", "")
    own = own or getattr(getattr(error, "sentence", None), language, "")
    say = problem_of(error).say
    if own or say is None:
        return str(own or error)
    return say[language == "en"].format_map(vars(error))


def facts_of(error: Exception) -> dict[str, Any]:
    """What the error adds to the problem document."""
    members = {name: getattr(error, name) for name in problem_of(error).members}
    return {**members, **getattr(error, "facts", {})}


def document(
    problem: Problem, detail: str, more: Mapping[str, Any], *, language: str, instance: str
) -> dict[str, Any]:
    """One problem document (RFC 9457) as JSON; `more` are extension members."""
    title = problem.title_en if language == "en" else problem.title_id
    body = {
        "type": f"/problems/{problem.slug}",
        "title": title,
        "status": problem.status.value,
        "detail": detail,
        "instance": instance,
    }
    encoded: dict[str, Any] = jsonable_encoder({**more, **body})
    return encoded


class ProblemResponse(JSONResponse):
    """A problem may echo what was sent: half a surrogate pair becomes a question mark, NaN a text."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        plain = json.loads(json.dumps(content), parse_constant=str)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def answer(request: Request, problem: Problem, detail: str, /, **more: Any) -> JSONResponse:
    """One problem document in the reader's language; `more` are extension members."""
    language, instance = language_of(request), request.url.path
    body = document(problem, detail, more, language=language, instance=instance)
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        reason = f', error="{more["error"]}"' if "error" in more else ""  # RFC 6750 §3.1
        headers["WWW-Authenticate"] = f'Bearer realm="simpul"{reason}'
    if "retry_after" in more:
        headers["Retry-After"] = str(more["retry_after"])
    return ProblemResponse(body, problem.status, headers=headers)


def of_rule(request: Request, error: Exception) -> JSONResponse:
    detail = message_of(error, language_of(request))
    return answer(request, problem_of(error), detail, **facts_of(error))


def of_http(request: Request, error: Exception) -> JSONResponse:
    """The framework's own 404, 405 and the like."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    status = HTTPStatus(error.status_code)
    slug = status.name.lower().replace("_", "-")
    known = {p.status: p for p in (PROBLEMS[NotFound], PROBLEMS[TooLarge])}
    return answer(
        request,
        known.get(status, Problem(slug, status, status.phrase, status.phrase)),
        str(error.detail),
    )


def of_body(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    faults = [{"at": list(e["loc"]), "why": e["msg"]} for e in error.errors()]
    detail = (
        "The request does not fit; see faults."
        if language_of(request) == "en"
        else "Permintaan tidak sesuai; lihat faults."
    )
    return answer(request, INVALID_REQUEST, detail, faults=faults)


def of_bug(request: Request, error: Exception) -> JSONResponse:
    """Our own fault: the log has the story, the client a problem that says nothing of our insides."""
    log.error("unexpected", path=request.url.path, exc_info=error)
    detail = (
        "Something went wrong in the hub. It was recorded; try again, then tell the walidata."
        if language_of(request) == "en"
        else "Ada yang salah pada hub dan sudah tercatat. Coba lagi, lalu beri tahu walidata."
    )
    return answer(request, UNEXPECTED, detail)


def install(app: FastAPI) -> None:
    app.add_exception_handler(Exception, of_bug)
    for root in ROOTS:
        app.add_exception_handler(root, of_rule)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_body)
