"""The index: one row of analysed text per dataset, and what each database builds on it.

The analysed text is the same on both databases and neither may read it differently: FTS5 gets the
`ascii` tokenizer (split at blanks, nothing folded), PostgreSQL builds its vector word by word
instead of with a parser that has ideas about hyphens, numbers and host names.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, TextClause, event, text
from sqlmodel import Field, Session, SQLModel, col, select

from catalog.models import Dataset
from catalog.search.words import analysed, surfaces


class SearchEntry(SQLModel, table=True):
    """What may be found of one dataset, analysed; written by `put` alone."""

    __tablename__ = "catalog_search"

    id: int | None = Field(default=None, primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", unique=True)
    title: str
    keywords: str
    body: str
    sort_title: str


IN_INDEX = col(SearchEntry.dataset) == col(Dataset.id)
"""Joins a dataset with its entry."""

FTS5 = """CREATE VIRTUAL TABLE IF NOT EXISTS catalog_search_fts USING fts5(
    title, keywords, body, content='catalog_search', content_rowid='id',
    tokenize="ascii tokenchars '_'", detail=column, columnsize=0, prefix='3')"""
# Facets are counted from this index alone: the rows themselves are wide (steps, summaries).
_FACETS = """CREATE INDEX IF NOT EXISTS catalog_dataset_facets ON catalog_dataset
    (agency, topic, access_class, frequency, schema_name, id)"""
SQLITE = (
    FTS5,
    _FACETS,
    "CREATE INDEX IF NOT EXISTS catalog_search_by_title ON catalog_search (sort_title, dataset)",
    "CREATE INDEX IF NOT EXISTS catalog_dataset_by_update ON catalog_dataset (updated_at DESC, id)",
)
# No triggers: under `trusted_schema=OFF` SQLite lets none of them write to a virtual table.
_FTS_IN = text(
    "INSERT INTO catalog_search_fts(rowid, title, keywords, body)"
    " VALUES (:id, :title, :keywords, :body)"
)
_FTS_OUT = text(
    "INSERT INTO catalog_search_fts(catalog_search_fts, rowid, title, keywords, body)"
    " VALUES ('delete', :id, :title, :keywords, :body)"
)
_LEXEMES = "array_to_tsvector(array_remove(string_to_array({}, ' '), ''))"
POSTGRESQL = (
    _FACETS,
    f"""ALTER TABLE catalog_search ADD COLUMN IF NOT EXISTS in_title tsvector
        GENERATED ALWAYS AS ({_LEXEMES.format("title")}) STORED""",
    f"""ALTER TABLE catalog_search ADD COLUMN IF NOT EXISTS in_all tsvector
        GENERATED ALWAYS AS ({_LEXEMES.format("title || ' ' || keywords || ' ' || body")}) STORED""",
    "CREATE INDEX IF NOT EXISTS catalog_search_in_all ON catalog_search USING gin (in_all)",
    """CREATE INDEX IF NOT EXISTS catalog_search_by_title
        ON catalog_search (sort_title COLLATE "C", dataset COLLATE "C")""",
    """CREATE INDEX IF NOT EXISTS catalog_dataset_by_update
        ON catalog_dataset (updated_at DESC, id COLLATE "C")""",
)


def create_index(connection: Connection) -> None:
    """Build what the database searches with; harmless when it is there already."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(text(statement))


@event.listens_for(Table, "after_create")
def _with_the_table(table: Table, connection: Connection, **_more: Any) -> None:
    """However the table comes to be: by the metadata or by a migration, which makes its own copy."""
    if table.name == SearchEntry.__tablename__:
        create_index(connection)


def put(
    session: Session, dataset: Dataset, *, agency_name: str, columns: Sequence[tuple[str, str]]
) -> None:
    """Enter a dataset, or renew its entry; `columns` are (name, title) of its schema."""
    remove(session, dataset.id)
    keywords = (dataset.agency, agency_name, dataset.slug, dataset.topic, *dataset.keywords)
    body = (
        dataset.summary,
        dataset.summary_en,
        dataset.schema_name,
        dataset.coverage_area,
        *(word for column in columns for word in column),
    )
    entry = SearchEntry(
        dataset=dataset.id,
        title=analysed(f"{dataset.title} {dataset.title_en}"),
        keywords=analysed(" ".join(keywords)),
        body=analysed(" ".join(body)),
        sort_title=" ".join(surfaces(dataset.title)),
    )
    session.add(entry)
    session.flush()  # FTS5 refers to the row by its id
    _tell_fts5(session, _FTS_IN, entry)


def remove(session: Session, dataset: str) -> None:
    """Take a dataset out of the index, if it is there."""
    entry = session.exec(select(SearchEntry).where(SearchEntry.dataset == dataset)).first()
    if entry is not None:
        _tell_fts5(session, _FTS_OUT, entry)
        session.delete(entry)
        session.flush()  # the name is unique, and a new entry may follow


def _tell_fts5(session: Session, statement: TextClause, entry: SearchEntry) -> None:
    """PostgreSQL follows the row by itself."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(statement, entry.model_dump(exclude={"dataset", "sort_title"}))
