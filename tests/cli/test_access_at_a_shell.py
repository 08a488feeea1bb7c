"""`simpul access …` on the machine of a hub: decisions made again, grants tried now."""

import json
from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency, AgencyKind
from hub.app import create_app
from hub.calendar import real_now
from hub.db import open_engine, unit_of_work
from hub.settings import Settings


def refused_three_times(settings: Settings) -> None:
    """A visitor asks for rows of a restricted dataset."""
    app, now = create_app(settings), real_now()
    with unit_of_work(app.state.engine) as session:
        session.add(Agency(code="bpbj", name="BPBJ", kind=AgencyKind.OFFICE, created_at=now))
        session.flush()  # the dataset refers to it
        session.add(
            Dataset(
                id="bpbj/kontrak",
                agency="bpbj",
                slug="kontrak",
                title="Kontrak",
                schema_name="lkpp/nontender-kontrak",
                schema_version="1.0.0",
                access_class=AccessClass.TERBATAS,
                created_at=now,
                updated_at=now,
            )
        )
    with TestClient(app) as visitor:
        for _ in range(3):
            answer = visitor.get("/api/v1/datasets/bpbj/kontrak/rows")
            assert answer.status_code == 401


def test_decisions_are_made_again_and_an_altered_one_is_named(simpul, tmp_path: Path) -> None:
    home = tmp_path / "hub"
    env = {"SIMPUL_HOME": str(home)}
    assert simpul("init", "--profile", "paser", **env).returncode == 0
    settings = Settings(home=home)
    refused_three_times(settings)

    told = simpul("access", "replay", "--json", **env)
    assert told.returncode == 0, told.stderr
    count = json.loads(told.stdout)["decisions"]
    assert json.loads(told.stdout) == {"decisions": count, "same": count, "faults": []}
    assert 1 <= count <= 3
    later = simpul("access", "replay", "--json", "--since", "2099-01-01", **env)
    assert json.loads(later.stdout)["decisions"] == 0
    tried = simpul("access", "check", "--json", **env)
    assert json.loads(tried.stdout) == {"live": 0, "ended": 0, "drift": []}

    engine = open_engine(settings.database)
    with unit_of_work(engine) as session:
        session.connection().execute(text("UPDATE hub_access_decision SET reason = 'open'"))
    engine.dispose()
    again = simpul("access", "replay", **env)
    assert again.returncode == 1
    assert "it was open and is visitor" in again.stderr
