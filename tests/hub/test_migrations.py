"""The revisions make exactly the tables that the code states."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from hub.db import open_engine
from hub.migrations import pending, upgrade
from hub.tables import metadata

OWN = ("catalog_search", "catalog_dataset_by_update", "catalog_dataset_facets")
"""What the search index builds by itself, per database (catalog/search/index.py)."""


def names(difference: Any) -> str:
    """The name of the table, index or column that one difference is about."""
    if isinstance(difference, list):
        return names(difference[0])
    kind, *about = difference
    thing = about[1] if kind.endswith("_column") else about[0]
    return str(getattr(thing, "name", thing))


def test_the_newest_revision_is_what_the_code_states(database_url: str) -> None:
    engine = open_engine(database_url)
    assert not pending(engine)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert [one for one in found if not names(one).startswith(OWN)] == []


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    assert not pending(engine)
    engine.dispose()
