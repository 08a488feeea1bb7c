"""Answering a question inside what the caller may see: page, facets and total alike."""

from collections import Counter
from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    and_,
    cast,
    false,
    select,
    true,
)
from sqlmodel import Session

from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import paging
from catalog.search.index import IN_INDEX, SearchEntry
from catalog.search.match import matching, prefer_index
from catalog.search.question import FACETS, FacetValue, Found, Order, Question

_ENUMS: dict[str, type[Enum]] = {"access": AccessClass, "frequency": Frequency}


def find(session: Session, question: Question, visible: ColumnElement[bool]) -> Found:
    """Raises CursorInvalid. `visible` goes into every statement: nothing is counted beyond it."""
    within = visible
    if question.words:
        prefer_index(session)
        within = and_(visible, matching(session, question.words))
    elif question.nothing:
        within = false()
    facets, total = _counts(session, question, within)
    chosen = and_(within, *(_taken(_column(name), name, question) for name in FACETS))
    match question.order:
        case Order.RELEVANCE if question.words:
            items, following = paging.by_relevance(session, question, chosen)
        case Order.TITLE:
            items, following = paging.by_title(session, question, chosen)
        case _:
            items, following = paging.by_update(session, question, chosen)
    return Found(items, following, facets, total)


def _column(facet: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(Dataset, FACETS[facet])
    return column


def _taken(column: ColumnElement[Any], facet: str, question: Question) -> ColumnElement[bool]:
    values = question.chosen.get(facet)
    return column.in_(values) if values else true()


def _counts(
    session: Session, question: Question, within: ColumnElement[bool]
) -> tuple[dict[str, list[FacetValue]], int]:
    """Each facet ignores its own choice, so that one can add to it.

    Counted here in one pass: five groupings by the database cost it five sorts of everything found.
    """
    columns = select(*[cast(_column(name), String) for name in FACETS])
    if question.words:
        columns = columns.join_from(Dataset, SearchEntry, IN_INDEX)
    rows = session.execute(columns.where(within)).all()
    chosen = {
        place: {_stored(name, value) for value in values}
        for place, name in enumerate(FACETS)
        if (values := question.chosen.get(name))
    }

    def taken(*, besides: int = -1) -> list[Row[Any]]:
        asked = [(place, values) for place, values in chosen.items() if place != besides]
        return [row for row in rows if all(row[place] in values for place, values in asked)]

    facets = {}
    for place, name in enumerate(FACETS):
        counted = Counter(row[place] for row in (taken(besides=place) if chosen else rows))
        shown = (FacetValue(_public(name, value), n) for value, n in counted.items() if value)
        facets[name] = sorted(shown, key=_most_first)
    return facets, len(taken() if chosen else rows)


def _stored(facet: str, value: str) -> str:
    """Databases store the name of an enum's member; people read its value."""
    return _ENUMS[facet](value).name if facet in _ENUMS else value


def _public(facet: str, stored: str) -> str:
    return str(_ENUMS[facet][stored].value) if facet in _ENUMS else stored


def _most_first(facet: FacetValue) -> tuple[int, str]:
    return -facet.count, facet.value
