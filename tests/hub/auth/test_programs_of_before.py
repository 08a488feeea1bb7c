"""Programs that were registered before there were flows to choose from go on as they were."""

from datetime import UTC, datetime

from sqlalchemy import column, insert, table
from sqlmodel import select

from hub.auth.models import Client
from hub.db import open_engine, reading
from hub.migrations import downgrade, pending, upgrade

MADE = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("client_id", "name", "secret_hash", "scope", "active", "created_at")


def test_they_keep_their_flow_and_have_no_way_back(database_url: str) -> None:
    engine = open_engine(database_url)
    downgrade(engine, "0009")
    before = table("hub_auth_client", *map(column, NAMES))
    values = ("gudang", "Gudang data", "x" * 64, "data:read", True, MADE)
    with engine.begin() as connection:
        connection.execute(insert(before).values(dict(zip(NAMES, values, strict=True))))
    upgrade(engine)
    with reading(engine) as session:
        client = session.exec(select(Client)).one()
    assert client.method == "client_secret_basic"
    assert (client.public, client.redirect_uris) == (False, [])
    assert client.grant_types == ["client_credentials"]
    downgrade(engine, "0009")
    with engine.connect() as connection:
        assert connection.execute(select(*map(column, NAMES)).select_from(before)).one()
    upgrade(engine)
    assert not pending(engine)
    engine.dispose()
