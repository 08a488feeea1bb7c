"""/oauth/authorize: a program asks a person to sign in and to let it act for her (OAuth 2, OpenID)."""

from dataclasses import replace
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from hub.agencies import accounts
from hub.agencies.principal import principal_of
from hub.auth import authorizing, consents, cookies, registration, scopes, signing_in
from hub.auth.authorizing import Asked, NoWayBack, SentBack
from hub.auth.deps import ServerDep
from hub.auth.form import RawFormDep
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.ledger.deps import LedgerDep
from hub.ledger.service import Ledger
from hub.problems import chosen_language, message_of
from hub.web.headers import POLICY
from hub.web.naming import names_of
from hub.web.page import Page, PageDep
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)


@router.get("/oauth/authorize")
def authorize(page: PageDep, server: ServerDep) -> Response:
    """Straight back with a code when she allowed as much before; else the question."""
    try:
        asked = authorizing.read(server, page.request.scope["query_string"])
    except NoWayBack as error:
        return _told(page, error)
    except SentBack as back:
        return back.answer
    page = _in_language(page, asked)
    person = _signed_in(page)
    if person is None or not asked.is_fresh(person, now=real_now()):
        if "none" in asked.prompts:
            return authorizing.sign_in_required(server, asked)
        return _to_sign_in(page, asked) if person is None else _again(page, asked)
    if _was_allowed(page, asked, person):
        return authorizing.allowed(server, asked, person)
    if "none" in asked.prompts:
        return authorizing.consent_required(server, asked)
    return _question(page, asked)


@router.post("/oauth/authorize")
def answer(page: PageDep, server: ServerDep, ledger: LedgerDep, form: RawFormDep) -> Response:
    """Her answer; or a request that came as a form (OpenID Connect Core §3.1.2.1), asked anew."""
    try:
        said = authorizing.posted(form)
        if "decision" not in said:
            return page.redirect(f"/oauth/authorize?{urlencode(said)}")
        asked = authorizing.read(server, page.request.scope["query_string"])
    except NoWayBack as error:
        return _told(page, error)
    except SentBack as back:
        return back.answer
    person = _signed_in(page)
    if person is None:
        return _to_sign_in(page, asked)
    match said["decision"]:
        case "allow" if not asked.is_fresh(person, now=real_now()):
            return _again(page, asked)
        case "allow":
            _remember(page, ledger, asked)
            return authorizing.allowed(server, asked, person)
        case "deny":
            return authorizing.denied(server, asked)
        case "sign-in":
            return _signed_out(page, asked)
    return _question(page, asked)


def _signed_in(page: Page) -> Identity | None:
    """Somebody who sits before this browser; a token is nobody's word."""
    actor = page.actor
    return actor.identity if actor is not None and actor.identity.via == "session" else None


def _was_allowed(page: Page, asked: Asked, person: Identity) -> bool:
    if asked.prompts & {"consent", "select_account"} or not asked.assured:
        return False
    with reading(page.engine) as session:
        return consents.is_allowed(session, person.id, asked.client.client_id, asked.scopes)


def _remember(page: Page, ledger: Ledger, asked: Asked) -> None:
    with unit_of_work(page.engine) as session:
        accounts.allow_client(
            session, ledger, page.reader, asked.client.client_id, asked.scopes, now=real_now()
        )


def _question(page: Page, asked: Asked) -> Response:
    """What the program would get: what her posts include of what it asks, and what they do not."""
    hub_scopes = asked.scopes & scopes.ALL
    mine = hub_scopes & page.reader.scopes
    with reading(page.engine) as session:
        program = Identity(
            "client", asked.client.client_id, asked.client.name, frozenset(), "token"
        )
        agency = principal_of(session, program, now=real_now()).agency
        names = names_of(session, [agency])
    answer = page.render(
        "izin.html",
        client=asked.client,
        agency=names.get(agency or ""),
        host=registration.host_of(asked.redirect_uri),
        of_her=[scopes.OF_A_PERSON[name] for name in scopes.OF_A_PERSON if name in asked.scopes],
        of_the_hub=[scopes.SCOPES[name] for name in scopes.SCOPES if name in mine],
        beyond=[scopes.SCOPES[name] for name in scopes.SCOPES if name in hub_scopes - mine],
        query=page.request.url.query,
    )
    return _may_lead_to(answer, asked)


def _again(page: Page, asked: Asked) -> Response:
    """The program wants a fresh sign-in: she ends the old one herself, no link can do that to her."""
    return page.render("izin-masuk-lagi.html", client=asked.client, query=page.request.url.query)


def _to_sign_in(page: Page, asked: Asked) -> Response:
    chosen = f"&lang={page.language}" if page.language == "en" else ""
    return page.redirect(f"/masuk?next={quote(asked.after_sign_in())}{chosen}")


def _signed_out(page: Page, asked: Asked) -> Response:
    secret = page.request.cookies.get(cookies.cookie_name(page.settings))
    if secret:
        with unit_of_work(page.engine) as session:
            signing_in.sign_out(session, secret)
    answer = _to_sign_in(page, asked)
    cookies.take(answer, page.settings)
    return answer


def _told(page: Page, error: NoWayBack) -> Response:
    return page.render(
        "kesalahan.html",
        status=400,
        code=400,
        title=page.say(N_("Aplikasi ini meminta dengan cara yang keliru")),
        detail=message_of(error, page.language),
        advice=page.say(
            N_("Tidak ada yang diberikan. Kembali ke aplikasinya, dan beri tahu pengelolanya.")
        ),
    )


def _in_language(page: Page, asked: Asked) -> Page:
    """The language that the program knows of her, when she chose none here."""
    wanted = asked.fields.get("ui_locales", "").partition(" ")[0].partition("-")[0]
    if chosen_language(page.request) is None and wanted == "en":
        return replace(page, language="en")
    return page


def _may_lead_to(answer: Response, asked: Asked) -> Response:
    """Browsers apply form-action to where a form's answer leads, too."""
    source = registration.source_of(asked.redirect_uri)
    answer.headers["Content-Security-Policy"] = POLICY.replace(
        "form-action 'self'", f"form-action 'self' {source}"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
