"""/akun/sandi, /akun/dua-langkah and /akun/luar: how one proves who one is, and how that changes."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from hub.agencies import accounts, second_proof
from hub.auth import cookies, second_factor, signing_in, tries
from hub.auth.caller import caller_of
from hub.auth.errors import WrongCode, WrongPassword
from hub.auth.outside import flow
from hub.auth.outside.deps import MaybeProviderDep
from hub.auth.outside.provider import Provider
from hub.auth.secret import new_secret
from hub.auth.service import the_person
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import Conflict, HubError, InvalidInput, NotFound, TooManyRequests
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.page import Page
from hub.web.pages.account import OwnPageDep
from hub.web.pages.outside import away
from hub.web.pages.signing_in import key_of, shown_app
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Password = Annotated[str, Form(max_length=1000)]
Code = Annotated[str, Form(max_length=64)]


@router.get("/akun/sandi")
def password_form(page: OwnPageDep) -> Response:
    return _password(page)


@router.post("/akun/sandi")
def change_password(
    page: OwnPageDep,
    ledger: LedgerDep,
    current: Password = "",
    new: Password = "",
    again: Password = "",
) -> Response:
    """Everybody else who is signed in under her name is put out."""
    try:
        if new != again:
            raise InvalidInput(
                "Kata sandi baru dan ulangannya tidak sama.",
                "The new password and its repetition differ.",
                field="again",
            )
        signed_in = accounts.change_own_password(
            page.engine,
            ledger,
            page.reader,
            current,
            new,
            caller=caller_of(page.request, page.settings),
            now=real_now(),
        )
    except (WrongPassword, TooManyRequests, InvalidInput) as error:
        named = {"password": "new"}.get(str(error.facts.get("field", "")), error.facts.get("field"))
        failed = _failure(
            page, error, page.say(N_("Kata sandi belum diganti")), str(named or "current")
        )
        return _password(page, failed, error)
    answer = page.redirect("/akun")
    cookies.give(answer, page.settings, signed_in.secret)
    return answer


@router.get("/akun/dua-langkah")
def second_factor_form(page: OwnPageDep) -> Response:
    return _factor(page)


@router.post("/akun/dua-langkah/mulai")
def begin(page: OwnPageDep, password: Password = "") -> Response:
    """Shows the secret for an app, to whoever knows the password: a sign-in left open is not enough."""
    try:
        signing_in.must_know(page.engine, page.reader.id, password, now=real_now())
    except (WrongPassword, TooManyRequests) as error:
        return _factor(
            page, _failure(page, error, page.say(N_("Belum dimulai")), "password"), error
        )
    return _app(page)


@router.post("/akun/dua-langkah")
def confirm(page: OwnPageDep, ledger: LedgerDep, code: Code = "") -> Response:
    try:
        tries.count(page.engine, tries.of_codes(page.reader.id), now=real_now())
        with unit_of_work(page.engine) as session:
            signed_in, codes = second_proof.set_up(
                session,
                ledger,
                page.reader,
                key_of(page.settings),
                code,
                caller=caller_of(page.request, page.settings),
                now=real_now(),
            )
    except WrongCode as error:
        return _app(page, _failure(page, error, page.say(N_("Kode belum cocok")), "code"), error)
    except (Conflict, TooManyRequests) as error:
        return _factor(page, _failure(page, error, page.say(N_("Belum terpasang"))), error)
    answer = _codes(page, codes)
    cookies.give(answer, page.settings, signed_in.secret)
    return answer


@router.post("/akun/dua-langkah/kode-baru")
def renew_codes(page: OwnPageDep, ledger: LedgerDep, code: Code = "") -> Response:
    try:
        tries.count(page.engine, tries.of_codes(page.reader.id), now=real_now())
        with unit_of_work(page.engine) as session:
            codes = second_proof.renew_codes(
                session, ledger, page.reader, key_of(page.settings), code, now=real_now()
            )
    except (WrongCode, TooManyRequests) as error:
        return _factor(
            page, _failure(page, error, page.say(N_("Kode belum diganti")), "code"), error
        )
    return _codes(page, codes)


@router.post("/akun/dua-langkah/lepas")
def take_off(page: OwnPageDep, ledger: LedgerDep, code: Code = "") -> Response:
    try:
        tries.count(page.engine, tries.of_codes(page.reader.id), now=real_now())
        with unit_of_work(page.engine) as session:
            second_proof.take_off(
                session, ledger, page.reader, key_of(page.settings), code, now=real_now()
            )
    except (WrongCode, TooManyRequests) as error:
        failed = _failure(page, error, page.say(N_("Belum dilepas")), "code-off")
        return _factor(page, failed, error)
    return page.redirect("/akun")


@router.post("/akun/luar")
def join_outside(page: OwnPageDep, provider: MaybeProviderDep, password: Password = "") -> Response:
    """Answers with a link: a form may not lead to another site (form-action)."""
    if provider is None:
        raise NotFound("Tidak ada penyedia akun.", "There is no account provider.")
    try:
        signing_in.must_know(page.engine, page.reader.id, password, now=real_now())
        browser = new_secret()
        address = flow.lead(
            page.engine,
            provider,
            browser=browser,
            after="/akun",
            person=page.reader.id,
            now=real_now(),
        )
    except HubError as error:
        failed = _failure(page, error, page.say(N_("Belum dihubungkan")), "password")
        return _outside(page, provider, failed=failed, status=_status(error))
    return away(page, _outside(page, provider, address), browser)


@router.get("/akun/luar")
def outside_form(page: OwnPageDep, provider: MaybeProviderDep) -> Response:
    return page.redirect("/akun") if provider is None else _outside(page, provider)


def _outside(
    page: Page,
    provider: Provider,
    address: str = "",
    *,
    failed: Failure | None = None,
    status: int = 200,
) -> Response:
    return page.render(
        "akun-luar.html",
        failed=failed,
        address=address,
        provider=provider.standing,
        username=_username(page),
        status=status,
    )


def _password(page: Page, failed: Failure | None = None, error: HubError | None = None) -> Response:
    return page.render(
        "akun-sandi.html", failed=failed, username=_username(page), status=_status(error)
    )


def _username(page: Page) -> str:
    """Beside each password, for the sake of whoever keeps passwords."""
    with reading(page.engine) as session:
        return the_person(session, page.reader.id).username


def _factor(page: Page, failed: Failure | None = None, error: HubError | None = None) -> Response:
    with reading(page.engine) as session:
        state = second_factor.state_of(session, page.reader.id)
        person = the_person(session, page.reader.id)
    return page.render(
        "akun-dua-langkah.html",
        failed=failed,
        factor=state,
        has_password=bool(person.password_hash),
        username=person.username,
        status=_status(error),
    )


def _app(page: Page, failed: Failure | None = None, error: HubError | None = None) -> Response:
    with unit_of_work(page.engine) as session:
        secret = second_factor.offer(session, key_of(page.settings), page.reader.id, now=real_now())
        username = the_person(session, page.reader.id).username
    app = shown_app(page, secret, username)
    return page.render("akun-pasang.html", failed=failed, status=_status(error), **app)


def _codes(page: Page, codes: list[str]) -> Response:
    """The one time that they are shown."""
    return page.render("akun-kode-kertas.html", codes=codes, onward="/akun")


def _failure(page: Page, error: Exception, title: str, field: str = "") -> Failure:
    return forms.failure(page, error, title, field)


def _status(error: HubError | None) -> int:
    """A wrong password on a page of hers does not put her out: 401 would lead to the sign-in form."""
    if error is None:
        return 200
    return 422 if isinstance(error, WrongPassword | WrongCode) else forms.status_of(error)
