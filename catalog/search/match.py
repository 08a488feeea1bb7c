"""A question as the database's own match expression; nothing a person types is ever syntax."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, cast, column, literal, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from catalog.models import Dataset
from catalog.search.index import SearchEntry
from catalog.search.words import stem

SHORTEST_BEGINNING = 3
"""Letters after which a word of a question also finds words that begin with it."""

_FTS = table("catalog_search_fts", column("rowid"), column("catalog_search_fts"))


def matching(session: Session, words: Sequence[str], *, title: bool = False) -> ColumnElement[bool]:
    """Datasets that hold every word: itself, its family, or as the beginning of a word."""
    if session.get_bind().dialect.name == "sqlite":
        asked = literal(fts_query(words, title=title))
        rows = select(_FTS.c.rowid).where(_FTS.c.catalog_search_fts.bool_op("MATCH")(asked))
        entries = select(col(SearchEntry.dataset)).where(col(SearchEntry.id).in_(rows))
    else:
        vector: ColumnElement[str] = literal_column("in_title" if title else "in_all")
        asked_here = cast(literal(ts_query(words)), TSQUERY)
        entries = select(col(SearchEntry.dataset)).where(vector.bool_op("@@")(asked_here))
    return col(Dataset.id).in_(entries)


def fts_query(words: Sequence[str], *, title: bool = False) -> str:
    """The question for FTS5, every word in double quotes."""
    terms = []
    for word in words:
        forms = [f'"{word}"', f'"{stem(word)}"']
        if len(word) >= SHORTEST_BEGINNING:
            forms.append(f'"{word}" *')
        terms.append(f"({' OR '.join(forms)})")
    asked = " AND ".join(terms)
    return f"title : ({asked})" if title else asked


def ts_query(words: Sequence[str]) -> str:
    """The question for PostgreSQL, every word in single quotes."""
    terms = []
    for word in words:
        forms = [f"'{word}'", f"'{stem(word)}'"]
        if len(word) >= SHORTEST_BEGINNING:
            forms.append(f"'{word}':*")
        terms.append(f"({' | '.join(forms)})")
    return " & ".join(terms)
