"""The revisions make exactly the tables that the code states."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from catalog.moments import UtcDateTime
from hub.db import open_engine, reading
from hub.intake import closing
from hub.intake.models import Batch
from hub.migrations import downgrade, pending, upgrade
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


NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SENTENCE = "Digantikan oleh kiriman {}, yang mengganti semua baris."
"""As the hub wrote it before revision 0008, in Indonesian alone."""


def batch_id(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database without a table."""
    if database_url.startswith("sqlite"):
        database_url = f"sqlite:///{tmp_path / 'empty.db'}"
    engine = open_engine(database_url)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()


def insert(engine: sa.Engine, table: str, *rows: dict[str, Any]) -> None:
    """Fill a table as its revision has it; what is not said is empty, whatever the type."""
    with engine.begin() as connection:
        there = sa.Table(table, sa.MetaData(), autoload_with=connection)
        for column in there.columns:
            if isinstance(column.type, sa.DateTime):
                column.type = UtcDateTime()
        for row in rows:
            filled = {c.name: _empty(c) for c in there.columns if not c.nullable}
            connection.execute(there.insert().values({**filled, **row}))


def _empty(column: sa.Column[Any]) -> Any:
    match column.type:
        case sa.Enum():
            return column.type.enums[0]
        case UtcDateTime():
            return NOW
        case sa.JSON():
            return {}
        case sa.Boolean() | sa.Integer():
            return False if isinstance(column.type, sa.Boolean) else 0
        case _:
            return ""


def batch(
    number: int, dataset: str, mode: str, release: int | None, rejected: int
) -> dict[str, Any]:
    state = "PUBLISHED" if release else "REFUSED"
    return {
        "id": batch_id(number),
        "dataset": dataset,
        "mode": mode,
        "release": release,
        "rejected": rejected,
        "state": state,
        "phase": "DONE",
    }


def populate(engine: sa.Engine) -> None:
    """Two datasets at revision 0001, one of which was replaced as a whole, twice."""
    insert(
        engine,
        "catalog_dataset",
        *(
            {"id": f"bpbj/{slug}", "agency": "bpbj", "slug": slug, "access_class": "BERBAGI"}
            | {"frequency": "MONTHLY"}
            for slug in ("a", "b")
        ),
    )
    insert(
        engine,
        "hub_batch",
        batch(1, "bpbj/a", "replace", 1, 4),
        batch(2, "bpbj/a", "upsert", 2, 3),
        batch(3, "bpbj/a", "replace", None, 9),
        batch(4, "bpbj/a", "replace", 3, 2),
        batch(5, "bpbj/a", "replace", 4, 0),
        batch(6, "bpbj/a", "append", 5, 1),
        batch(7, "bpbj/b", "upsert", 1, 5),
    )


def kept(engine: sa.Engine) -> dict[str, Batch]:
    with reading(engine) as session:
        return {batch.id: batch for batch in session.scalars(sa.select(Batch))}


def test_a_database_of_the_first_revision_comes_up_with_what_is_in_it(empty: sa.Engine) -> None:
    upgrade(empty, "0001")
    populate(empty)
    upgrade(empty, "0007")
    with empty.begin() as connection:
        opened = sa.text("SELECT id, open_rows FROM hub_batch WHERE open_rows > 0")
        assert len(connection.execute(opened).all()) == 5
        connection.execute(
            sa.text(
                "UPDATE hub_batch SET open_rows = 0, given_up_rows = 5, given_up_why = :why"
                " WHERE id = :id"
            ),
            {"why": "Paket dibatalkan", "id": batch_id(7)},
        )
    upgrade(empty)
    assert not pending(empty)
    found = kept(empty)
    counts = {int(id, 16): (b.open_rows, b.given_up_rows) for id, b in found.items()}
    assert counts == {1: (0, 4), 2: (0, 3), 3: (0, 0), 4: (0, 2), 5: (0, 0), 6: (1, 0), 7: (0, 5)}
    by = {
        int(id, 16): b.given_up_facts for id, b in found.items() if b.given_up_code == "superseded"
    }
    assert by == {1: {"batch": batch_id(4)}, 2: {"batch": batch_id(4)}, 4: {"batch": batch_id(5)}}
    said = found[batch_id(7)]
    assert (said.given_up_code, closing.why(said, "en")) == ("said", "Paket dibatalkan")


def test_sentences_of_the_hub_become_codes_and_sentences_again_on_the_way_back(
    empty: sa.Engine,
) -> None:
    upgrade(empty, "0007")
    populate(empty)
    reasons = {1: SENTENCE.format(batch_id(4)), 2: "Masa simpan karantina habis.", 7: "Batal"}
    with empty.begin() as connection:
        for number, why in reasons.items():
            connection.execute(
                sa.text("UPDATE hub_batch SET given_up_why = :why WHERE id = :id"),
                {"why": why, "id": batch_id(number)},
            )
    upgrade(empty)
    found = kept(empty)
    assert {number: found[batch_id(number)].given_up_code for number in reasons} == {
        1: "superseded",
        2: "expired",
        7: "said",
    }
    assert closing.why(found[batch_id(1)], "en").startswith(f"Superseded by batch {batch_id(4)}")
    assert closing.why(found[batch_id(1)], "id") == reasons[1]
    downgrade(empty, "0007")
    with empty.connect() as connection:
        told = connection.execute(
            sa.text("SELECT id, given_up_why FROM hub_batch WHERE given_up_why <> ''")
        ).all()
    assert {int(id, 16): why for id, why in told} == reasons


def test_every_revision_but_the_first_has_a_way_back(empty: sa.Engine) -> None:
    upgrade(empty, "0001")
    populate(empty)
    with empty.connect() as connection:
        before = sa.inspect(connection).get_table_names()
        columns = {t: {c["name"] for c in sa.inspect(connection).get_columns(t)} for t in before}
    upgrade(empty)
    downgrade(empty, "0001")
    with empty.connect() as connection:
        after = sa.inspect(connection).get_table_names()
        again = {t: {c["name"] for c in sa.inspect(connection).get_columns(t)} for t in after}
        assert connection.execute(sa.text("SELECT count(*) FROM hub_batch")).scalar_one() == 7
    assert again == columns
    upgrade(empty)
    assert len(kept(empty)) == 7
