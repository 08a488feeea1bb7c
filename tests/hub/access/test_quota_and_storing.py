"""Rows of a day and leave to store: what a grant limits, on every path and for many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import func, select

from catalog.models import Dataset
from hub.access.models import RowsOfDay
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import put_grant, rows_of


@pytest.fixture
def limited(hub, penerima, publish_rows, make_client):
    """A dataset of ten rows, an analyst of bappeda, and a maker of grants for her."""
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    path = f"/api/v1/datasets/{dataset}/"

    def give(**said):
        with unit_of_work(hub.app.state.engine) as session:
            known = session.get_one(Dataset, dataset)
            return put_grant(session, hub.app.state.ledger, known, "bappeda", **said).id

    return path, analyst, give


def today(hub):
    return real_now().astimezone(hub.app.state.settings.zone).date()


def used(hub, grant):
    with reading(hub.app.state.engine) as session:
        row = session.get(RowsOfDay, (grant, today(hub)))
        return row.rows if row else 0


def reads(hub):
    with reading(hub.app.state.engine) as session:
        wanted = select(func.count()).where(LedgerEntry.kind.like("%.read"))
        return session.exec(wanted).one()


def test_every_path_takes_from_the_rows_of_the_day(hub, limited):
    path, analyst, give = limited
    grant = give(daily_rows=45)
    taken = 0
    for what, rows in (
        ("rows?limit=3", 3),
        ("rows?limit=4&format=csv", 4),
        ("rows?format=csv", 10),
        ("sample?size=5", 5),
        ("profile", 0),
        ("releases/1/changes?since=0", 10),
    ):
        assert analyst.get(path + what).status_code == 200, what
        taken += rows
        assert used(hub, grant) == taken, what
    sql = {"sql": "SELECT kode FROM bpbj.penerima LIMIT 7"}
    assert analyst.post("/api/v1/query", json=sql).status_code == 200
    assert used(hub, grant) == taken + 7


def test_more_than_the_rest_is_refused_whole_and_takes_nothing(hub, limited):
    path, analyst, give = limited
    grant = give(daily_rows=12)
    assert len(rows_of(analyst.get(path + "rows"))) == 10
    before = reads(hub)
    for what in ("rows", "rows?format=csv", "sample?size=3", "releases/1/changes?since=0"):
        answer = analyst.get(path + what)
        assert answer.status_code == 429, what
        told = answer.json()
        assert (told["rest"], told["daily_rows"], told["grant"]) == (2, 12, grant)
        assert told["renews_at"].startswith(str(today(hub) + timedelta(days=1)))
        assert 0 < int(answer.headers["retry-after"]) <= 86_401
        assert "Tanah Grogot" not in answer.text
    sql = {"sql": "SELECT * FROM bpbj.penerima LIMIT 3"}
    assert analyst.post("/api/v1/query", json=sql).status_code == 429
    assert (used(hub, grant), reads(hub)) == (10, before)
    assert len(rows_of(analyst.get(path + "rows?limit=2"))) == 2
    assert analyst.get(path + "profile").status_code == 200
    assert analyst.get(path + "rows?limit=1").json()["rest"] == 0


def test_an_answer_larger_than_a_whole_day_is_refused_on_a_fresh_day(hub, limited):
    path, analyst, give = limited
    grant = give(daily_rows=9)
    answer = analyst.get(path + "rows")
    assert (answer.status_code, answer.json()["rest"]) == (429, 9)
    assert used(hub, grant) == 0


def test_of_many_at_once_none_gets_too_many(hub, limited):
    path, analyst, give = limited
    grant = give(daily_rows=35)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: analyst.get(path + "rows").status_code, range(16)))
    assert sorted(told) == [200] * 3 + [429] * 13
    assert used(hub, grant) == 30


def test_a_new_day_has_its_own_rows(hub, limited):
    path, analyst, give = limited
    grant = give(daily_rows=10)
    with unit_of_work(hub.app.state.engine) as session:
        session.add(RowsOfDay(grant=grant, day=today(hub) - timedelta(days=1), rows=10))
    assert analyst.get(path + "rows").status_code == 200
    assert analyst.get(path + "rows").status_code == 429


def test_what_may_not_be_stored_is_read_in_pages_and_says_so(hub, limited):
    path, analyst, give = limited
    grant = give(may_store=False)
    for what in ("rows?format=csv", "rows?format=parquet", "rows?download=true"):
        answer = analyst.get(path + what)
        assert answer.status_code == 403
        assert "limit=" in answer.json()["detail"]
        assert "Tanah Grogot" not in answer.text
    for what in ("rows", "rows?format=csv&limit=10", "sample", "profile", "releases/1/changes"):
        answer = analyst.get(path + what)
        assert answer.status_code == 200, what
        assert answer.headers["simpul-storing"] == "forbidden"
    sql = {"sql": "SELECT count(*) FROM bpbj.penerima"}
    assert analyst.post("/api/v1/query", json=sql).headers["simpul-storing"] == "forbidden"

    may = give()
    whole = analyst.get(path + "rows?format=csv")
    assert whole.status_code == 200
    assert "simpul-storing" not in whole.headers
    assert rows_of(analyst.get(f"{path}rows?grant={may}"))
    assert analyst.get(f"{path}rows?format=csv&grant={grant}").status_code == 403
