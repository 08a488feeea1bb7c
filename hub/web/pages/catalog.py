"""/katalog: search and facets; every view is an address, and the same answer as the API's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.datastructures import URL
from starlette.responses import Response

from catalog.errors import CursorInvalid
from catalog.search.question import Order, Question
from catalog.search.words import asked
from hub.access import browse
from hub.access.descriptions import FacetOut
from hub.calendar import real_now
from hub.db import reading
from hub.deps import LONGEST_CURSOR
from hub.web import words
from hub.web.freshness import kept, promise_of
from hub.web.naming import names_of
from hub.web.page import Page, PageDep
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Many = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=50)]
PAGE = 20
MOST_WORDS = 12
"""Words of a question that count, as in the API."""

SHOWN_FACETS = {
    "access": N_("Kelas akses"),
    "agency": N_("Perangkat daerah"),
    "topic": N_("Topik"),
    "frequency": N_("Pemutakhiran"),
}
ORDERS = {
    Order.RELEVANCE: N_("Paling cocok"),
    Order.UPDATED: N_("Terbaru"),
    Order.TITLE: N_("Judul"),
}


@dataclass(frozen=True)
class Choice:
    """One value of a facet; `without` is the address of the same view without it."""

    value: str
    label: str
    count: int
    chosen: bool
    without: str


@router.get("/katalog")
def catalog(
    page: PageDep,
    q: Annotated[str, Query(max_length=500)] = "",
    access: Many = [],  # noqa: B006 - FastAPI copies defaults
    agency: Many = [],  # noqa: B006
    topic: Many = [],  # noqa: B006
    frequency: Many = [],  # noqa: B006
    sort: str = "",
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
) -> Response:
    chosen = {"access": access, "agency": agency, "topic": topic, "frequency": frequency}
    found_words = tuple(asked(q)[:MOST_WORDS])
    order = Order(sort) if sort in set(Order) else _usual(found_words)
    question = Question(
        found_words,
        _known(chosen),
        order,
        PAGE,
        cursor,
        nothing=bool(q.strip()) and not found_words,
    )
    now = real_now()
    with reading(page.engine) as session:
        try:
            found = browse.search(session, page.actor, question, now=now)
        except CursorInvalid:  # the catalog moved on since the page was opened
            return page.redirect(str(_address(page).remove_query_params("cursor")))
        codes = {facet.value for facet in found.facets["agency"]} | set(agency)
        names = names_of(session, codes)
    facets = {
        name: _choices(page, name, found.facets[name], chosen[name], names) for name in SHOWN_FACETS
    }
    return page.render(
        "katalog.html",
        q=q,
        found=found,
        facets=facets,
        facet_names=SHOWN_FACETS,
        picked=[(name, choice) for name in facets for choice in facets[name] if choice.chosen],
        orders=ORDERS,
        order=order,
        sorted=bool(sort),
        started=cursor is None,
        next_page=_with(page, cursor=found.next) if found.next else "",
        first_page=str(_address(page).remove_query_params("cursor")),
        as_json=f"/api/v1/datasets?{page.request.url.query}",
        freshness={item.id: kept(page, promise_of(item)) for item in found.items},
    )


def _usual(found_words: Sequence[str]) -> Order:
    return Order.RELEVANCE if found_words else Order.UPDATED


def _known(chosen: dict[str, list[str]]) -> dict[str, Sequence[Any]]:
    """Values that a facet can have; one that is made up finds nothing rather than everything."""
    classes = {kind.value: kind for kind in words.CLASSES}
    frequencies = {kind.value: kind for kind in words.FREQUENCIES}
    return {
        **chosen,
        "access": [classes[value] for value in chosen["access"] if value in classes],
        "frequency": [frequencies[v] for v in chosen["frequency"] if v in frequencies],
    }


def _choices(
    page: Page, facet: str, counted: list[FacetOut], chosen: list[str], names: dict[str, str]
) -> list[Choice]:
    """The values found, and those picked that found nothing."""
    counts = {value.value: value.count for value in counted}
    values = [*counts, *(value for value in chosen if value not in counts)]
    return [
        Choice(
            value,
            _label(page, facet, value, names),
            counts.get(value, 0),
            value in chosen,
            _dropped(page, facet, value),
        )
        for value in values
    ]


def _label(page: Page, facet: str, value: str, names: dict[str, str]) -> str:
    match facet:
        case "agency":
            return names.get(value, value)
        case "access":
            known = {kind.value: word for kind, word in words.CLASSES.items()}
        case "frequency":
            known = {kind.value: word for kind, word in words.FREQUENCIES.items()}
        case _:
            return value
    return page.say(known[value]) if value in known else value


def _address(page: Page) -> URL:
    """This view by path and query alone."""
    url = page.request.url
    return URL(f"{url.path}?{url.query}" if url.query else url.path).remove_query_params("lang")


def _with(page: Page, **changes: str | None) -> str:
    return str(_address(page).include_query_params(**changes))


def _dropped(page: Page, facet: str, value: str) -> str:
    kept = [
        (name, other)
        for name, other in page.request.query_params.multi_items()
        if (name, other) != (facet, value) and name not in ("cursor", "lang")
    ]
    return f"/katalog?{urlencode(kept)}"
