"""One page of what was found, in each order; the same on both databases, byte by byte."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from catalog.errors import CursorInvalid
from catalog.models import Dataset
from catalog.search.index import IN_INDEX, SearchEntry
from catalog.search.match import matching
from catalog.search.question import MOST_RANKED, Order, Question, from_cursor, to_cursor
from catalog.search.rank import score

Page = tuple[list[Dataset], str | None]


def by_relevance(session: Session, question: Question, chosen: ColumnElement[bool]) -> Page:
    ranked = _ranked(session, question.words, chosen)
    if question.cursor:
        place = from_cursor(Order.RELEVANCE, question.cursor)
        ranked = [(points, name) for points, name in ranked if (points, name) > place]
    page = ranked[: question.limit]
    wanted = select_rows(Dataset).where(col(Dataset.id).in_([name for _, name in page]))
    by_name = {dataset.id: dataset for dataset in session.exec(wanted)}
    following = to_cursor(Order.RELEVANCE, *page[-1]) if len(ranked) > len(page) else None
    return [by_name[name] for _, name in page], following


def _ranked(
    session: Session, words: Sequence[str], chosen: ColumnElement[bool]
) -> list[tuple[float, str]]:
    """(-points, dataset) from best to worst, of the `MOST_RANKED` likeliest: those by title first."""
    likeliest = case((matching(session, words, title=True), 1), else_=0)
    candidates = session.execute(
        select(col(SearchEntry.dataset), col(SearchEntry.title), col(SearchEntry.keywords))
        .join(Dataset, IN_INDEX)
        .where(chosen)
        .order_by(likeliest.desc(), col(Dataset.updated_at).desc(), _bytes(session, Dataset.id))
        .limit(MOST_RANKED)
    )
    return sorted((-score(words, title, keys), name) for name, title, keys in candidates)


def by_update(session: Session, question: Question, chosen: ColumnElement[bool]) -> Page:
    """Newest first."""
    when, name = col(Dataset.updated_at), _bytes(session, Dataset.id)
    rows = select_rows(Dataset).join(SearchEntry, IN_INDEX)
    rows = rows.where(chosen).order_by(when.desc(), name)
    if question.cursor:
        moment, last = _moment_and_name(question.cursor)
        rows = rows.where(or_(when < moment, and_(when == moment, name > last)))
    found = session.exec(rows.limit(question.limit + 1)).all()
    page = list(found[: question.limit])
    more = len(found) > len(page)
    at = (page[-1].updated_at.isoformat(), page[-1].id) if more else ("", "")
    return page, to_cursor(Order.UPDATED, *at) if more else None


def by_title(session: Session, question: Question, chosen: ColumnElement[bool]) -> Page:
    title, name = _bytes(session, SearchEntry.sort_title), _bytes(session, SearchEntry.dataset)
    rows = (
        select_rows(Dataset, SearchEntry.sort_title)
        .join(SearchEntry, IN_INDEX)
        .where(chosen)
        .order_by(title, name)
    )
    if question.cursor:
        at, last = from_cursor(Order.TITLE, question.cursor)
        rows = rows.where(or_(title > at, and_(title == at, name > last)))
    found = session.exec(rows.limit(question.limit + 1)).all()
    page = found[: question.limit]
    following = None
    if len(found) > len(page):
        dataset, at = page[-1]
        following = to_cursor(Order.TITLE, at, dataset.id)
    return [dataset for dataset, _ in page], following


def _bytes(session: Session, column: Any) -> ColumnElement[str]:
    """A text column compared byte by byte, whatever the language of the database."""
    collation = "BINARY" if session.get_bind().dialect.name == "sqlite" else "C"
    return col(column).collate(collation)


def _moment_and_name(cursor: str) -> tuple[datetime, str]:
    text, name = from_cursor(Order.UPDATED, cursor)
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise CursorInvalid from None
    if moment.tzinfo is None:
        raise CursorInvalid
    return moment, name
