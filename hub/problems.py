"""Every error of every room becomes one RFC 9457 problem. The only table of status codes."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from catalog.errors import CatalogError
from connectors.errors import ConnectorError
from hub import errors
from schemas.errors import SchemaError

ROOTS: tuple[type[Exception], ...] = (errors.HubError, SchemaError, ConnectorError, CatalogError)


@dataclass(frozen=True)
class Problem:
    """What a class of errors means to a client; `slug` ends the problem's `type`."""

    slug: str
    status: HTTPStatus
    title_id: str
    title_en: str


PROBLEMS: dict[type[Exception], Problem] = {
    errors.NotAuthenticated: Problem(
        "not-authenticated", HTTPStatus.UNAUTHORIZED, "Belum masuk", "Not authenticated"
    ),
    errors.NotPermitted: Problem(
        "not-permitted", HTTPStatus.FORBIDDEN, "Tidak berwenang", "Not permitted"
    ),
    errors.NotFound: Problem("not-found", HTTPStatus.NOT_FOUND, "Tidak ditemukan", "Not found"),
    errors.Conflict: Problem("conflict", HTTPStatus.CONFLICT, "Bertentangan", "Conflict"),
    errors.IdempotencyMismatch: Problem(
        "idempotency-mismatch",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Kunci idempotensi dipakai untuk isi lain",
        "Idempotency key used for another body",
    ),
    errors.InvalidInput: Problem(
        "invalid-input",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Isian tidak dapat diterima",
        "Invalid input",
    ),
    errors.TooLarge: Problem(
        "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Terlalu besar", "Too large"
    ),
    errors.TooManyRequests: Problem(
        "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Terlalu sering", "Too many requests"
    ),
    errors.Unavailable: Problem(
        "unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Belum dapat dilayani", "Unavailable"
    ),
    errors.EvidenceUnavailable: Problem(
        "evidence-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Bukti tidak dapat dicatat",
        "Evidence cannot be recorded",
    ),
    errors.StorageFull: Problem(
        "storage-full", HTTPStatus.INSUFFICIENT_STORAGE, "Penyimpanan penuh", "Storage full"
    ),
}

UNEXPECTED = Problem(
    "unexpected", HTTPStatus.INTERNAL_SERVER_ERROR, "Kesalahan pada hub", "Unexpected error"
)
INVALID_REQUEST = Problem(
    "invalid-request",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Permintaan tidak sesuai bentuk",
    "The request does not fit",
)


def problem_of(error: Exception) -> Problem:
    """The nearest mapped ancestor decides; an unmapped error is our own fault, 500."""
    kinds = (kind for kind in type(error).__mro__ if kind in PROBLEMS)
    return PROBLEMS.get(next(kinds, Exception), UNEXPECTED)


def language_of(request: Request) -> str:
    """`id` unless the client asks for English (`?lang=`, the remembered choice, Accept-Language)."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    if asked in ("id", "en"):
        return asked
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "id"


def message_of(error: Exception, language: str) -> str:
    """The error's own sentence in `language`, else what it says of itself."""
    return str(getattr(error, f"message_{language}", "") or error)


def answer(request: Request, problem: Problem, detail: str, **more: Any) -> JSONResponse:
    """One problem document in the reader's language; `more` are extension members."""
    title = problem.title_en if language_of(request) == "en" else problem.title_id
    body = {
        "type": f"/problems/{problem.slug}",
        "title": title,
        "status": problem.status.value,
        "detail": detail,
        "instance": request.url.path,
    }
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        reason = f', error="{more["error"]}"' if "error" in more else ""  # RFC 6750 §3.1
        headers["WWW-Authenticate"] = f'Bearer realm="simpul"{reason}'
    if "retry_after" in more:
        headers["Retry-After"] = str(more["retry_after"])
    return JSONResponse(
        jsonable_encoder({**more, **body}),
        problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def of_rule(request: Request, error: Exception) -> JSONResponse:
    facts = getattr(error, "facts", {})
    return answer(request, problem_of(error), message_of(error, language_of(request)), **facts)


def of_http(request: Request, error: Exception) -> JSONResponse:
    """The framework's own 404, 405 and the like."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    status = HTTPStatus(error.status_code)
    slug = status.name.lower().replace("_", "-")
    known = {p.status: p for p in PROBLEMS.values() if p.slug in ("not-found",)}
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


def install(app: FastAPI) -> None:
    for root in ROOTS:
        app.add_exception_handler(root, of_rule)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_body)
