"""/masuk, its second step, and /keluar: a session for a person."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from hub.agencies import second_proof
from hub.auth import cookies, entering, sealing, second_factor, signing_in, totp
from hub.auth.caller import caller_of
from hub.auth.entering import Half, HalfWay, SignedIn, Way
from hub.auth.errors import NotHalfWay, WrongCode, WrongPassword
from hub.auth.outside.deps import MaybeProviderDep
from hub.auth.outside.provider import Provider
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import Conflict, TooManyRequests
from hub.ledger.deps import LedgerDep
from hub.ledger.service import Ledger
from hub.problems import message_of
from hub.settings import Settings
from hub.web import forms
from hub.web.page import Page, PageDep
from hub.web.paths import own_path, with_next
from hub.web.qr import drawn
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

SECOND_STEP = "/masuk/dua-langkah"
Next = Annotated[str, Form(max_length=8192)]
Code = Annotated[str, Form(max_length=64)]


@router.get("/masuk")
def form(page: PageDep, provider: MaybeProviderDep, next: str = "/") -> Response:
    if page.actor is not None:
        return page.redirect(own_path(next))
    return _form(page, provider, next)


@router.post("/masuk")
def sign_in(
    page: PageDep,
    provider: MaybeProviderDep,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Next = "/",
) -> Response:
    now = real_now()
    try:
        entered = signing_in.sign_in(
            page.engine,
            username,
            password,
            now=now,
            caller=caller_of(page.request, page.settings),
            demands=second_proof.demanded_of(page.settings, now=now),
        )
    except (WrongPassword, TooManyRequests) as error:
        said = message_of(error, page.language)
        return _form(page, provider, next, username, said, status=forms.status_of(error))
    return go_on(page, entered, next)


def go_on(page: Page, entered: SignedIn | HalfWay, next: str) -> Response:
    """To where she wanted to go, or first to the second step."""
    if isinstance(entered, HalfWay):
        answer = page.redirect(with_next(SECOND_STEP, next))
        cookies.give(answer, page.settings, entered.secret, cookies.HALF)
        return answer
    return arrived(page, page.redirect(own_path(next)), entered)


def arrived(page: Page, answer: Response, signed_in: SignedIn) -> Response:
    cookies.give(answer, page.settings, signed_in.secret)
    cookies.take(answer, page.settings, cookies.HALF)
    return answer


@router.get(SECOND_STEP)
def second_step(page: PageDep, next: str = "/") -> Response:
    secret = cookies.read(page.request, page.settings, cookies.HALF)
    try:
        with reading(page.engine) as session:
            half = entering.half_of(session, secret, now=real_now())
    except NotHalfWay:
        return page.redirect(with_next("/masuk", next))
    return _second_form(page, half, next)


@router.post(SECOND_STEP)
def take_second_step(
    page: PageDep, ledger: LedgerDep, code: Code = "", next: Next = "/"
) -> Response:
    secret = cookies.read(page.request, page.settings, cookies.HALF)
    try:
        half = entering.count_code(page.engine, secret, now=real_now())
    except NotHalfWay:
        return page.redirect(with_next("/masuk", next))
    except TooManyRequests as error:
        return _too_many(page, error)
    try:
        if not half.has_app:
            return _set_up(page, ledger, secret, code, next)
        with unit_of_work(page.engine) as session:
            signed_in = entering.finish(
                session,
                key_of(page.settings),
                secret,
                code,
                caller=caller_of(page.request, page.settings),
                now=real_now(),
            )
    except (WrongCode, Conflict) as error:
        said = message_of(error, page.language)
        return _second_form(page, half, next, said, status=forms.status_of(error))
    return arrived(page, page.redirect(own_path(next)), signed_in)


@router.post("/keluar")
def sign_out(page: PageDep, provider: MaybeProviderDep) -> Response:
    secret = cookies.read(page.request, page.settings)
    login = None
    if secret:
        with unit_of_work(page.engine) as session:
            login = signing_in.sign_out(session, secret)
    known = provider is not None and login is not None and login.provider
    answer = page.redirect("/keluar/di-sana" if known else "/")
    cookies.take(answer, page.settings)
    return answer


def key_of(settings: Settings) -> bytes:
    """The key under which secrets of apps lie."""
    return sealing.key_from(settings.secret_key, settings.keys)


def shown_app(page: Page, secret: str, username: str) -> dict[str, str]:
    """A secret for an app, as a drawing and in groups of four letters to type."""
    issuer = f"Simpul {page.settings.instance_name}"
    address = totp.address_of(secret, issuer=issuer, username=username)
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return {"drawing": drawn(address), "typed": " ".join(groups)}


def _set_up(page: Page, ledger: Ledger, secret: str, code: str, next: str) -> Response:
    way = Way(caller_of(page.request, page.settings))
    with unit_of_work(page.engine) as session:
        signed_in, codes = second_proof.set_up_on_the_way_in(
            session, ledger, key_of(page.settings), secret, code, way, now=real_now()
        )
    answer = page.render("akun-kode-kertas.html", codes=codes, onward=own_path(next))
    answer.headers["Cache-Control"] = "no-store"
    return arrived(page, answer, signed_in)


def _form(
    page: Page,
    provider: Provider | None,
    next: str,
    username: str = "",
    error: str = "",
    *,
    status: int = 200,
) -> Response:
    return page.render(
        "masuk.html",
        next=own_path(next),
        username=username,
        error=error,
        provider=None if provider is None else provider.standing,
        elsewhere=""
        if provider is None
        else with_next(f"/masuk/lewat/{provider.standing.name}", next),
        status=status,
    )


def _second_form(
    page: Page, half: Half, next: str, error: str = "", *, status: int = 200
) -> Response:
    app: dict[str, str] = {}
    if not half.has_app:
        with unit_of_work(page.engine) as session:
            secret = second_factor.offer(
                session, key_of(page.settings), half.person, now=real_now()
            )
        app = shown_app(page, secret, half.username)
    template = "masuk-dua-langkah.html" if half.has_app else "masuk-pasang.html"
    answer = page.render(
        template, next=own_path(next), error=error, username=half.username, status=status, **app
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _too_many(page: Page, error: TooManyRequests) -> Response:
    return page.render(
        "kesalahan.html",
        status=429,
        code=429,
        title=page.say(N_("Terlalu banyak percobaan")),
        detail=message_of(error, page.language),
        advice=page.say(N_("Tidak ada yang berubah. Coba lagi sebentar.")),
    )
