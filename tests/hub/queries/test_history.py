"""What one has asked is there again, for oneself alone, for a while, and unreadable on disk."""

import base64
import json
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import select

from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from hub.queries import history
from hub.queries.models import Query

NIK = "6401010101010000"


def test_ones_own_queries_are_there_newest_first_with_how_they_ended(
    hub, ask, penerima, publish_rows, make_client
):
    dataset, who = penerima("TERBUKA"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    one = ask(who, f"SELECT kode FROM bpbj.penerima WHERE kode <> '{NIK}'", format="csv")
    two = ask(who, "SELECT CAST(kode || 'x' AS INTEGER) FROM bpbj.penerima")
    assert (one.status_code, two.status_code) == (200, 422)
    assert ask(who, "SELECT getenv('x')").status_code == 422
    ask(make_client("analyst", "dinkes"), "SELECT 1")
    first = who.get("/api/v1/queries?limit=1").json()
    (failed,) = first["items"]
    assert (failed["state"], failed["problem"], failed["rows"]) == ("failed", "query-failed", None)
    (done,) = who.get(f"/api/v1/queries?cursor={first['next']}").json()["items"]
    assert done["id"] == one.headers["simpul-query"]
    assert (done["state"], done["rows"], done["format"]) == ("done", 10, "csv")
    assert (done["tables"], done["capped"], done["problem"]) == ([dataset], None, None)
    assert NIK in done["sql"]
    assert done["ms"] >= 0
    assert who.get(f"/api/v1/queries/{done['id']}").json() == done


def test_a_cursor_of_another_list_is_refused(make_client):
    who = make_client("analyst", "bappeda")
    told = ([None], ["x"], ["x", "y"], [1, 2], ["2025-01-01T00:00:00Z", None], ["0001-01-01", "x"])
    for path in ("queries", "saved-queries"):
        for key in told:
            cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
            answer = who.get(f"/api/v1/{path}?cursor={cursor}")
            of_titles = path == "saved-queries" and all(isinstance(part, str) for part in key)
            expected = 200 if of_titles and len(key) == 2 else 422
            if key != told[-1]:  # the first of all years may lie before it, by time zone
                assert answer.status_code == expected, (path, key, answer.text)
            assert answer.status_code < 500


def test_the_text_lies_sealed_and_the_ledger_knows_its_digest_only(hub, ask, make_client):
    who = make_client("analyst", "bappeda")
    name = ask(who, f"SELECT '{NIK}' AS nik").json()["id"]
    with reading(hub.app.state.engine) as session:
        row = session.get_one(Query, name)
        whole = str(session.connection().execute(text("SELECT * FROM hub_query")).all())
        entries = b"".join(entry.body for entry in session.exec(select(LedgerEntry))).decode()
    assert NIK not in whole
    assert "query.answered" in entries
    assert NIK not in entries
    assert history.sql_of(hub.app.state.reader.secret, row).count(NIK) == 1


def test_history_is_forgotten_after_its_days(hub, ask, make_client):
    who = make_client("analyst", "bappeda")
    name, now = ask(who, "SELECT 1").json()["id"], real_now()
    with unit_of_work(hub.app.state.engine) as session:
        history.sweep(session, days=90, now=now + timedelta(days=89))
    assert who.get(f"/api/v1/queries/{name}").status_code == 200
    with unit_of_work(hub.app.state.engine) as session:
        history.sweep(session, days=90, now=now + timedelta(days=91))
    assert who.get(f"/api/v1/queries/{name}").status_code == 404


def test_visitors_and_those_without_the_scope_have_no_history(hub, make_client):
    assert hub.get("/api/v1/queries").status_code == 401
    assert (
        make_client("analyst", "bappeda", "catalog:read").get("/api/v1/queries").status_code == 403
    )
