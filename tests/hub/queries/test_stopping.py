"""A query can be stopped by whoever asked it and by the walidata, wherever it runs; none is lost."""

import asyncio
import json
import threading
import time
import uuid
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from hub.access.workers import Workers
from hub.app import create_app
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.jobs import Worker
from hub.queries import attending, history
from hub.queries.models import Query, QueryState
from tests.hub.queries.conftest import ENDLESS


@pytest.fixture
def running(ask):
    """Ask a query without end in another thread; return its id and a way to wait for its answer."""

    def start(who, sql=ENDLESS):
        name, answers = uuid.uuid4(), []

        def work():
            answers.append(ask(who, sql, id=str(name), confirm=True))

        thread = threading.Thread(target=work)
        thread.start()

        def ended():
            thread.join(30)
            return answers[0]

        return name.hex, ended

    return start


def until(look, limit=10.0):
    """The first answer of `look` that is true, and after how many seconds it came."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        found = look()
        if found:
            return found, time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError("it never came")


def seen(who, query):
    answer = who.get(f"/api/v1/queries/{query}")
    return answer.json() if answer.status_code == 200 else None


def test_one_stops_ones_own_query_and_reads_that_it_was_stopped(make_client, running):
    who = make_client("analyst", "bappeda")
    query, ended = running(who)
    found, _ = until(lambda: seen(who, query))
    assert (found["state"], found["sql"], found["ms"]) == ("running", ENDLESS, None)
    for other in (make_client("analyst", "bappeda"), make_client("head", "bappeda")):
        assert seen(other, query) is None
        assert other.post(f"/api/v1/queries/{query}/cancel").status_code == 404
    began = time.monotonic()
    told = who.post(f"/api/v1/queries/{query}/cancel")
    assert (told.status_code, told.json()["stop"]) == (200, True)
    answer = ended()
    assert time.monotonic() - began < 2
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/query-cancelled"
    assert seen(who, query)["state"] == "cancelled"
    again = who.post(f"/api/v1/queries/{query}/cancel").json()
    assert (again["state"], again["stop"]) == ("cancelled", True)


def test_the_walidata_stops_any_query_from_another_process_and_does_not_read_it(
    hub, make_client, running
):
    who, walidata = make_client("analyst", "bappeda"), make_client("walidata", "dkisp")
    elsewhere = Workers(concurrent=1, spare=0)
    app = create_app(hub.app.state.settings, workers=elsewhere)
    with TestClient(app, base_url="http://testserver", headers=dict(walidata.headers)) as other:
        query, ended = running(who)
        until(lambda: seen(who, query))
        assert seen(other, query) is None
        began = time.monotonic()
        told = other.post(f"/api/v1/queries/{query}/cancel")
        assert told.status_code == 200, told.text
        assert "sql" not in told.json()
        assert ended().json()["type"] == "/problems/query-cancelled"
        assert time.monotonic() - began < 3  # promised: 1 s; this machine has other things to do
    elsewhere.close()


def test_hanging_up_stops_a_query(hub, make_client):
    who = make_client("analyst", "bappeda")
    name = uuid.uuid4()
    body = json.dumps({"sql": ENDLESS, "id": str(name), "confirm": True}).encode()
    authorization = who.headers["authorization"].encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/v1/query",
        "raw_path": b"/api/v1/query",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"authorization", authorization),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    statuses = []

    async def call():
        said = False

        async def receive():
            nonlocal said
            if not said:
                said = True
                return {"type": "http.request", "body": body, "more_body": False}
            await asyncio.sleep(1.0)
            return {"type": "http.disconnect"}

        async def send(message):
            statuses.append(message.get("status"))

        await hub.app(scope, receive, send)

    began = time.monotonic()
    asyncio.run(asyncio.wait_for(call(), 20))
    assert time.monotonic() - began < 10
    assert statuses[0] == 409
    assert seen(who, name.hex)["state"] == "cancelled"


def test_an_id_is_used_once(make_client, ask, running):
    who, other = make_client("analyst", "bappeda"), make_client("analyst", "dinkes")
    name = str(uuid.uuid4())
    assert ask(who, "SELECT 1", id=name).json()["id"] == uuid.UUID(name).hex
    for again in (who, other):
        refused = ask(again, "SELECT 2", id=name)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    query, ended = running(who)
    until(lambda: seen(who, query))
    twice = ask(who, "SELECT 1", id=str(uuid.UUID(query)))
    assert twice.status_code == 409
    until(lambda: who.post(f"/api/v1/queries/{query}/cancel").status_code == 200)
    ended()


def test_a_query_whose_process_is_gone_is_closed_within_a_minute(hub, make_client):
    who, now = make_client("analyst", "bappeda"), real_now()
    secret = hub.app.state.reader.secret if hasattr(hub.app.state, "reader") else b"x" * 32
    with unit_of_work(hub.app.state.engine) as session:
        for name, silent in (("a" * 32, 25), ("b" * 32, 5)):
            at = now - timedelta(seconds=silent)
            session.add(
                Query(
                    id=name,
                    asked_by=who.client_id,
                    sealed=history.sealed(secret, name, "SELECT 1"),
                    format="json",
                    state=QueryState.RUNNING,
                    begun_at=at,
                    seen_at=at,
                )
            )
    assert history.SILENCE.total_seconds() > attending.TELL_EVERY * 3
    job = Worker(hub.app.state.settings)
    job.close_queries()
    with unit_of_work(hub.app.state.engine) as session:
        states = [session.get_one(Query, name * 32).state for name in "ab"]
    assert states == ["lost", "running"]
    job.engine.dispose()
    job.judges.close()
