"""/masuk/kode: somebody with a code on paper chooses a password, and is in."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from hub.agencies import entry, second_proof
from hub.auth import one_time
from hub.auth.caller import caller_of
from hub.auth.entering import Way
from hub.auth.one_time import Meant, WrongEntryCode
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.errors import InvalidInput, TooManyRequests
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.page import Page, PageDep
from hub.web.pages.signing_in import go_on, key_of
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Form(max_length=64)]
Password = Annotated[str, Form(max_length=1000)]


@router.get("/masuk/kode")
def form(page: PageDep) -> Response:
    return _ask(page)


@router.post("/masuk/kode")
def look(page: PageDep, code: Code = "") -> Response:
    """Whose code it is, before anything happens."""
    try:
        meant = _looked(page, code)
    except (WrongEntryCode, TooManyRequests) as error:
        return _ask(page, code, error)
    return _choose(page, code, meant)


@router.post("/masuk/kode/sandi")
def choose(
    page: PageDep,
    ledger: LedgerDep,
    code: Code = "",
    new: Password = "",
    again: Password = "",
) -> Response:
    try:
        meant = _looked(page, code)
    except (WrongEntryCode, TooManyRequests) as error:
        return _ask(page, code, error)
    try:
        hashed = _hashed(new, again, meant.username)
    except InvalidInput as error:
        field = {"password": "new"}.get(str(error.facts["field"]), "again")
        failed = forms.failure(page, error, page.say(N_("Kata sandi belum dipilih")), field)
        return _choose(page, code, meant, failed, status=forms.status_of(error))
    now = real_now()
    try:
        with unit_of_work(page.engine) as session:
            entered = entry.use(
                session,
                ledger,
                key_of(page.settings),
                code,
                meant.person,
                hashed,
                Way(caller_of(page.request, page.settings)),
                now=now,
                demands=second_proof.demanded_of(page.settings, now=now),
            )
    except WrongEntryCode as error:
        return _ask(page, code, error)
    return go_on(page, entered, "/")


def _looked(page: Page, code: str) -> Meant:
    return one_time.look(
        page.engine,
        key_of(page.settings),
        code,
        caller=caller_of(page.request, page.settings),
        now=real_now(),
    )


def _hashed(new: str, again: str, username: str) -> str:
    """Slow on purpose, hence outside any transaction. Raises InvalidInput."""
    if new != again:
        raise InvalidInput(
            "Kata sandi baru dan ulangannya tidak sama.",
            "The new password and its repetition differ.",
            field="again",
        )
    return hash_password(new, username=username)


def _ask(
    page: Page, code: str = "", error: WrongEntryCode | TooManyRequests | None = None
) -> Response:
    failed = error and forms.failure(page, error, page.say(N_("Belum dapat masuk")), "code")
    status = 200 if error is None else forms.status_of(error)
    return page.render("masuk-kode.html", code=code, failed=failed, status=status)


def _choose(
    page: Page, code: str, meant: Meant, failed: Failure | None = None, *, status: int = 200
) -> Response:
    answer = page.render(
        "masuk-kode-sandi.html", code=code, meant=meant, failed=failed, status=status
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
