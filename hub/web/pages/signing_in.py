"""/masuk and /keluar: a session for a person with a password."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from hub.auth import cookies, signing_in
from hub.auth.errors import WrongPassword
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.errors import TooManyRequests
from hub.problems import message_of
from hub.web.page import Page, PageDep

router = APIRouter(include_in_schema=False)


@router.get("/masuk")
def form(page: PageDep, next: str = "/") -> Response:
    if page.actor is not None:
        return page.redirect(own_path(next))
    return _form(page, next)


@router.post("/masuk")
def sign_in(
    page: PageDep,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    try:
        signed_in = signing_in.sign_in(page.engine, username, password, now=real_now())
    except (WrongPassword, TooManyRequests) as error:
        status = 429 if isinstance(error, TooManyRequests) else 401
        return _form(page, next, username, message_of(error, page.language), status=status)
    answer = page.redirect(own_path(next))
    cookies.give(answer, page.settings, signed_in.secret)
    return answer


@router.post("/keluar")
def sign_out(page: PageDep) -> Response:
    secret = page.request.cookies.get(cookies.cookie_name(page.settings))
    if secret:
        with unit_of_work(page.engine) as session:
            signing_in.sign_out(session, secret)
    answer = page.redirect("/")
    cookies.take(answer, page.settings)
    return answer


def own_path(path: str) -> str:
    """A path of this hub, else the first page: `//x`, `/\\x` and `/<TAB>/x` lead elsewhere."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and path.isprintable() and "\\" not in path else "/"


def _form(
    page: Page, next: str, username: str = "", error: str = "", *, status: int = 200
) -> Response:
    return page.render(
        "masuk.html", next=own_path(next), username=username, error=error, status=status
    )
