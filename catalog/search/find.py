"""Answering a question inside what the caller may see: page, facets and total alike."""

from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlmodel import Session

from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import paging
from catalog.search.index import IN_INDEX, SearchEntry
from catalog.search.match import matching, prefer_index
from catalog.search.question import FACETS, FacetValue, Found, Order, Question

TOTAL = "total"
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
    """Each facet ignores its own choice, so that one can add to it; one statement for them all."""
    columns = select(*[_column(name).label(name) for name in FACETS])
    if question.words:
        columns = columns.join_from(Dataset, SearchEntry, IN_INDEX)
    pool = columns.where(within).cte("found")

    def taken(*, besides: str = "") -> ColumnElement[bool]:
        names = (name for name in FACETS if name != besides)
        return and_(true(), *(_taken(pool.c[name], name, question) for name in names))

    facets = (
        select(literal(name), cast(pool.c[name], String), func.count())
        .where(taken(besides=name))
        .group_by(pool.c[name])
        for name in FACETS
    )
    whole = select(literal(TOTAL), literal(""), func.count()).select_from(pool).where(taken())
    counted: dict[str, list[FacetValue]] = {name: [] for name in FACETS}
    total = 0
    for name, value, count in session.execute(union_all(whole, *facets)):
        if name == TOTAL:
            total = count
        elif value:
            counted[name].append(FacetValue(_public(name, value), count))
    return {name: sorted(values, key=_most_first) for name, values in counted.items()}, total


def _public(facet: str, stored: str) -> str:
    """Databases store the name of an enum's member; people read its value."""
    return str(_ENUMS[facet][stored].value) if facet in _ENUMS else stored


def _most_first(facet: FacetValue) -> tuple[int, str]:
    return -facet.count, facet.value
