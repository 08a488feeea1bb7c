"""A write that is sent again takes effect once, whatever happens in between."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, func
from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub import problems
from hub.calendar import real_now
from hub.db import open_engine, unit_of_work
from hub.deps import SessionDep
from hub.errors import IdempotencyMismatch, InvalidInput
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.idempotency.service import Once, digest_of, sweep
from hub.outbox.models import OutboxEvent
from hub.outbox.service import EventType, record

ROUTE = "POST /api/v1/things"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def effect(session: Session) -> dict[str, Any]:
    """Something that can be counted: one event."""
    return {"id": record(session, EventType.GRANT_ISSUED, data={}).id}


def effects(engine: Engine) -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(OutboxEvent)).one()


def send(
    engine: Engine, key: str | None, digest: str = "d", caller: str = "c", route: str = ROUTE
) -> tuple[dict[str, Any], bool]:
    with unit_of_work(engine) as session:
        return Once(key, route).run(session, caller, digest, lambda: effect(session))


def test_the_second_time_gives_the_first_answer_and_no_second_effect(engine: Engine) -> None:
    first, replayed = send(engine, "k")
    assert not replayed
    assert send(engine, "k") == (first, True)
    assert effects(engine) == 1


def test_another_body_under_the_same_key_is_refused(engine: Engine) -> None:
    send(engine, "k")
    with pytest.raises(IdempotencyMismatch):
        send(engine, "k", digest="other")
    assert effects(engine) == 1


def test_keys_of_other_callers_and_routes_are_other_keys(engine: Engine) -> None:
    send(engine, "k")
    assert not send(engine, "k", caller="other", digest="other")[1]
    assert not send(engine, "k", route="POST /elsewhere", digest="other")[1]
    assert not send(engine, "l", digest="other")[1]
    assert effects(engine) == 4


def test_without_a_key_every_request_takes_effect(engine: Engine) -> None:
    assert send(engine, None)[0] != send(engine, None)[0]
    assert effects(engine) == 2


def test_an_effect_that_fails_leaves_the_key_free(engine: Engine) -> None:
    def fail() -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), unit_of_work(engine) as session:
        Once("k", ROUTE).run(session, "c", "d", fail)
    assert not send(engine, "k", digest="other")[1]


def test_slow_work_can_ask_beforehand(engine: Engine) -> None:
    once = Once("k", ROUTE)
    with unit_of_work(engine) as session:
        assert once.recall(session, "c", "d") is None
    answer, _ = send(engine, "k")
    with unit_of_work(engine) as session:
        assert once.recall(session, "c", "d") == answer
        with pytest.raises(IdempotencyMismatch):
            once.recall(session, "c", "other")


def test_of_many_at_once_one_takes_effect_and_all_get_its_answer(engine: Engine) -> None:
    together = threading.Barrier(8)

    def one(key: str) -> tuple[str, bool]:
        together.wait()
        with unit_of_work(engine) as session:

            def slow() -> dict[str, Any]:
                time.sleep(0.01)
                return effect(session)

            answer, replayed = Once(key, ROUTE).run(session, "c", "d", slow)
            return str(answer["id"]), replayed

    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            answers = list(pool.map(one, [f"k{number}"] * 8))
            assert len({answer for answer, _ in answers}) == 1
            assert sorted(replayed for _, replayed in answers) == [False] + [True] * 7
    assert effects(engine) == 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_waits_for_an_effect_that_fails_takes_its_place(engine: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as first:
            Once("k", ROUTE).run(first, "c", "d", lambda: effect(first))
            second = pool.submit(send, engine, "k")
            time.sleep(0.2)
            assert not second.done()
            first.rollback()
        assert second.result(10)[1] is False
    assert effects(engine) == 1


def test_old_keys_are_forgotten(engine: Engine) -> None:
    send(engine, "k")
    with unit_of_work(engine) as session:
        assert sweep(session, now=real_now() + timedelta(days=29)) == 0
        assert sweep(session, now=real_now() + timedelta(days=31)) == 1
    assert not send(engine, "k", digest="other")[1]


@pytest.mark.parametrize("key", ["", "x" * 256, "kunci\u2013baru", "a\nb"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_no_header_should_carry_is_refused(engine: Engine, key: str) -> None:
    with pytest.raises(InvalidInput):
        send(engine, key)


def test_parts_of_a_request_do_not_run_into_each_other() -> None:
    assert digest_of(b"ab", b"c") != digest_of(b"a", b"bc")
    assert digest_of(b"", b"x") != digest_of(b"x")


def test_over_http_the_header_the_body_and_the_query_decide(engine: Engine) -> None:
    app = FastAPI()
    app.state.engine = engine
    problems.install(app)

    @app.post("/things", status_code=201)
    def make(session: SessionDep, once: OnceDep, digest: BodyDigest) -> dict[str, Any]:
        return once.run(session, "c", digest, lambda: effect(session))[0]

    client, headers = TestClient(app), {"Idempotency-Key": "k"}
    first = client.post("/things?a=1", json={"x": 1}, headers=headers)
    again = client.post("/things?a=1", json={"x": 1}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    for other in (
        client.post("/things?a=1", json={"x": 2}, headers=headers),
        client.post("/things?a=2", json={"x": 1}, headers=headers),
    ):
        assert other.status_code == 422
        assert other.json()["type"] == "/problems/idempotency-mismatch"
    assert client.post("/things?a=1", json={"x": 1}).json() != first.json()
    assert effects(engine) == 2
