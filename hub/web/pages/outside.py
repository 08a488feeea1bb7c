"""/masuk/lewat/…: to the regency's own OpenID provider and back."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from hub.agencies import outside, second_proof
from hub.agencies.principal import actor_of
from hub.auth import cookies, entering
from hub.auth.caller import caller_of
from hub.auth.entering import HalfWay, SignedIn, Way
from hub.auth.errors import AttemptGone, NotKnownHere, OutsideRefused, ProviderSilent
from hub.auth.outside import flow
from hub.auth.outside.deps import MaybeProviderDep, ProviderDep
from hub.auth.outside.flow import Proven
from hub.auth.outside.provider import Provider
from hub.auth.secret import new_secret
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.errors import Conflict, HubError
from hub.ledger.deps import LedgerDep
from hub.ledger.service import Ledger
from hub.problems import message_of
from hub.web import forms
from hub.web.page import Page, PageDep
from hub.web.pages.signing_in import go_on
from hub.web.paths import own_path, with_next
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)

LONGEST_SECRET = 64
REFUSALS = (AttemptGone, OutsideRefused, NotKnownHere, ProviderSilent, Conflict)
ANSWERS = frozenset({"code", "state", "iss", "error"})


@router.get("/masuk/lewat/{provider}")
def lead(page: PageDep, provider: ProviderDep, next: str = "/") -> Response:
    """A link, not a form: a form may lead to its own site alone (form-action)."""
    if page.actor is not None:
        return page.redirect(own_path(next))
    browser = _browser(page)
    try:
        address = flow.lead(
            page.engine, provider, browser=browser, after=own_path(next), now=real_now()
        )
    except HubError as error:
        return _refused(page, provider, error, next)
    return away(page, RedirectResponse(address, 303), browser)


@router.get("/masuk/lewat/{provider}/kembali")
def come_back(page: PageDep, provider: ProviderDep, ledger: LedgerDep) -> Response:
    now, browser = real_now(), cookies.read(page.request, page.settings, cookies.AWAY)
    try:
        attempt, proven = flow.come_back(
            page.engine, provider, _said(page), browser=browser, now=now
        )
        if attempt.person is not None:
            return _joined(page, ledger, attempt.person, proven)
        with unit_of_work(page.engine) as session:
            entered = _enter(session, page, ledger, proven)
    except REFUSALS as error:
        return _refused(page, provider, error, "/")
    return go_on(page, entered, attempt.after)


@router.post("/masuk/lewat/{provider}/keluar")
def logged_out(
    page: PageDep, provider: ProviderDep, logout_token: Annotated[str, Form(max_length=16384)] = ""
) -> Response:
    """The provider tells that somebody signed out there (OpenID Connect Back-Channel Logout)."""
    try:
        ended = flow.logged_out(page.engine, provider, logout_token, now=real_now())
    except OutsideRefused as error:
        log.warning("outside_refused", provider=provider.standing.name, why=error.why)
        return Response(status_code=400, headers={"Cache-Control": "no-store"})
    log.info("outside_logged_out", provider=provider.standing.name, sessions=ended)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


@router.get("/keluar/di-sana")
def also_there(page: PageDep, provider: MaybeProviderDep) -> Response:
    """She is out here; with this link she is out at the provider's as well (RP-Initiated Logout)."""
    if provider is None or page.actor is not None:
        return page.redirect("/")
    address = _end_address(page, provider)
    if not address:
        return page.redirect("/")
    return page.render("keluar-di-sana.html", address=address, label=provider.standing.label)


def away(page: Page, answer: Response, browser: str) -> Response:
    cookies.give(answer, page.settings, browser, cookies.AWAY)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _browser(page: Page) -> str:
    """One secret for all tabs, so that a second one does not put out the first."""
    known = cookies.read(page.request, page.settings, cookies.AWAY)
    return known if 0 < len(known) <= LONGEST_SECRET else new_secret()


def _said(page: Page) -> Mapping[str, str]:
    """The answer's parameters; one that comes twice is no answer (RFC 6749 §3.1)."""
    pairs = [(n, v) for n, v in page.request.query_params.multi_items() if n in ANSWERS]
    if len({name for name, _ in pairs}) != len(pairs):
        raise OutsideRefused("a parameter is repeated")
    return dict(pairs)


def _enter(session: Session, page: Page, ledger: Ledger, proven: Proven) -> SignedIn | HalfWay:
    now = real_now()
    person = outside.admit(session, ledger, proven, newcomers=page.settings.oidc_newcomers, now=now)
    way = Way(caller_of(page.request, page.settings), proven.provider, proven.session)
    if not page.settings.oidc_second_factor:
        return entering.open_session(session, person.id, way, now=now)
    demands = second_proof.demanded_of(page.settings, now=now)
    return entering.enter(session, person.id, way, now=now, demands=demands)


def _joined(page: Page, ledger: Ledger, person: str, proven: Proven) -> Response:
    """She had asked for it on her own page, and must still be the one who sits there."""
    if page.actor is None or page.actor.id != person:
        raise AttemptGone
    with unit_of_work(page.engine) as session:
        outside.join(
            session,
            ledger,
            actor_of(page.actor),
            person,
            proven.issuer,
            proven.subject,
            now=real_now(),
        )
    return page.redirect("/akun#luar")


def _end_address(page: Page, provider: Provider) -> str:
    try:
        address = provider.document().get("end_session_endpoint")
    except (OutsideRefused, ProviderSilent):
        return ""
    if address is None:
        return ""
    back = f"{page.settings.public_url.rstrip('/')}/"
    asked = {"client_id": provider.standing.client_id, "post_logout_redirect_uri": back}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _refused(page: Page, provider: Provider, error: HubError, next: str) -> Response:
    """In words, with the way to start again; the password stays another way in."""
    return page.render(
        "masuk-mulai-lagi.html",
        status=forms.status_of(error),
        title=page.say(N_("Anda belum masuk")),
        detail=message_of(error, page.language),
        label=provider.standing.label,
        again=with_next(f"/masuk/lewat/{provider.standing.name}", next),
        password=with_next("/masuk", next),
    )
