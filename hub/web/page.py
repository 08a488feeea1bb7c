"""What every page needs: who looks, in which language, and the template that answers."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any

from fastapi import Depends, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.agencies.actor import MaybeActorDep
from hub.agencies.principal import Principal
from hub.auth.cookies import is_https
from hub.calendar import BusinessClock
from hub.db import reading
from hub.deps import ClockDep, EngineDep, SettingsDep
from hub.errors import NotAuthenticated
from hub.notices import inbox
from hub.problems import chosen_language
from hub.proceedings.procedure import Words
from hub.settings import Settings
from hub.web import formats, words
from hub.web.assets import asset
from hub.web.navigation import INBOX, entries
from hub.web.translation import Language, counted, translated

REMEMBER_LANGUAGE = 365 * 24 * 3600
"""Seconds for which a choice of language is remembered."""


@dataclass(frozen=True)
class Page:
    """One request for a page, and the way to answer it."""

    request: Request
    actor: Principal | None
    language: Language
    settings: Settings
    engine: Engine
    clock: BusinessClock

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """The template with `values`, in the reader's language; remembers a `?lang=` choice."""
        return self.dressed(HTMLResponse(self.text(template, **values), status))

    def text(self, template: str, **values: Any) -> str:
        """The page itself, for an answer that leaves in pieces."""
        return _environment().get_template(template).render(self._context() | values)

    def dressed(self, response: Response) -> Response:
        """With the headers that every page has."""
        response.headers["Vary"] = "Cookie"
        response.headers["Cache-Control"] = "no-store" if self.actor else "no-cache"
        chosen = self.request.query_params.get("lang")
        if chosen in ("id", "en"):
            response.set_cookie(
                "lang",
                chosen,
                max_age=REMEMBER_LANGUAGE,
                samesite="lax",
                httponly=True,
                secure=is_https(self.settings),
            )
        return response

    @property
    def reader(self) -> Principal:
        """Who looks, on a MemberPageDep."""
        assert self.actor is not None  # noqa: S101 - get_member_page has seen it
        return self.actor

    def redirect(self, path: str) -> Response:
        """See-other to a path of ours, after a form was taken."""
        return RedirectResponse(path, 303)

    def unread(self) -> int:
        """Notices that wait for the reader; the masthead of every page asks."""
        if self.actor is None or self.actor.identity.dataset is not None:
            return 0
        try:
            with reading(self.engine) as session:
                return inbox.count_unread(session, self.actor)
        except SQLAlchemyError:  # the page that tells of a broken database has a masthead too
            return 0

    def say(self, text: str) -> str:
        return translated(text, self.language)

    def say_words(self, said: Words) -> str:
        """A text of a rule book."""
        return said.en if self.language == "en" else said.id

    def counted(self, text: str, amount: int) -> str:
        """A text with `{n}` in it, for so many."""
        return counted(text, amount, formats.number(amount, self.language), self.language)

    def said(self, thing: object, name: str) -> str:
        """What `thing` says in the reader's language: `title_en` beside `title`, `message_en` beside
        `message_id`; Indonesian where the English is missing.
        """
        own = getattr(thing, name, None)
        own = getattr(thing, f"{name}_id", "") if own is None else own
        english = getattr(thing, f"{name}_en", "") if self.language == "en" else ""
        return str(english or own)

    def _context(self) -> dict[str, Any]:
        language, zone = self.language, self.settings.zone
        return {
            "_": self.say,
            "counted": self.counted,
            "said": self.said,
            "say_words": self.say_words,
            "words": words,
            "lang": language,
            "actor": self.actor,
            "settings": self.settings,
            "clock": self.clock,
            "path": self.request.url.path,
            "wide": "",
            "other_language": self._other_language(),
            "navigation": entries(self.actor),
            "inbox": INBOX,
            "unread": self.unread,
            "number": partial(formats.number, language=language),
            "percent": partial(formats.percent, language=language),
            "day": partial(formats.day, language=language),
            "long_day": partial(formats.long_day, language=language),
            "weekday": partial(formats.weekday, language=language),
            "moment": partial(formats.moment, language=language, zone=zone),
            "size": partial(formats.size, language=language),
            "ago": partial(formats.ago, today=self.clock.today(), language=language),
        }

    def _other_language(self) -> str:
        """The same page, filters and all, in the other language."""
        other = "id" if self.language == "en" else "en"
        return f"{self.request.url.path}?{self.request.url.include_query_params(lang=other).query}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hub.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.filters["short"] = formats.short
    return environment


def get_page(
    request: Request,
    actor: MaybeActorDep,
    settings: SettingsDep,
    engine: EngineDep,
    clock: ClockDep,
) -> Page:
    # Pages are Indonesian first whatever the browser was set to; English is one click away.
    language: Language = "en" if chosen_language(request) == "en" else "id"
    page = Page(request, actor, language, settings, engine, clock)
    request.state.page = page  # an error is told on the page on which it happened
    return page


PageDep = Annotated[Page, Depends(get_page)]


def get_member_page(page: PageDep) -> Page:
    """Raises NotAuthenticated, which leads a browser to the sign-in form and back."""
    if page.actor is None:
        raise NotAuthenticated("Masuk dahulu.", "Sign in first.")
    return page


MemberPageDep = Annotated[Page, Depends(get_member_page)]
"""The page of somebody who has signed in."""
