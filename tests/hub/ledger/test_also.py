"""Rows that stand or fall with an entry: written in its commit, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, bindparam, select

from hub.db import open_engine, unit_of_work
from hub.errors import Conflict, EvidenceUnavailable
from hub.ledger.also import Also, for_both
from hub.ledger.entry import HUB, Facts, Target
from hub.ledger.evidence import Evidence
from hub.ledger.service import TABLE, Ledger
from hub.proceedings.models import Series

READ: Facts = {"kind": "rows.read", "actor": HUB, "target": Target("dataset", "bpbj/kontrak")}
COUNTER = Series.__table__
ROOM = 25


def _within_room(insert):
    made = insert(COUNTER)
    total = COUNTER.c.last + made.excluded.last
    return made.on_conflict_do_update(
        index_elements=["name"], set_={"last": total}, where=total <= bindparam("room")
    )


def _always(insert):
    made = insert(COUNTER)
    return made.on_conflict_do_update(
        index_elements=["name"], set_={"last": COUNTER.c.last + made.excluded.last}
    )


WITHIN_ROOM, ALWAYS = for_both(_within_room), for_both(_always)


def within_room(name: str, number: int) -> Also:
    values = {"name": name, "last": number, "room": ROOM}
    return Also(WITHIN_ROOM, values, ("hub_series", name), lambda _: Conflict("penuh", "full"))


def counted(name: str, number: int | None = 1) -> Also:
    return Also(ALWAYS, {"name": name, "last": number}, ("hub_series", name))


@pytest.fixture
def evidence(engine: Engine, ledger: Ledger, database_url: str) -> Iterator[Evidence]:
    evidence = Evidence(open_engine(database_url), ledger)
    yield evidence
    evidence.close()


def counters(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return dict(connection.execute(select(COUNTER.c.name, COUNTER.c.last)).all())


def entries(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(TABLE.c.id)).scalars())


def test_counters_equal_the_entries_however_many_count_at_once(engine, evidence):
    def read(number: int) -> str:
        return evidence.record(**READ, also=[counted(f"a{number % 3}"), counted("all")]).entry_id

    with ThreadPoolExecutor(16) as pool:
        read_ids = set(pool.map(read, range(90)))
    assert counters(engine) == {"a0": 30, "a1": 30, "a2": 30, "all": 90}
    assert entries(engine) == read_ids


def test_a_condition_refuses_its_caller_alone_and_writes_nothing_of_his(engine, evidence):
    def read(number: int) -> str | None:
        try:
            also = [within_room("room", 10), counted("passed")]
            return evidence.record(**READ, also=also).entry_id
        except Conflict:
            return None

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(read, range(24)))
    passed = {entry for entry in told if entry}
    assert len(passed) == ROOM // 10
    assert entries(engine) == passed
    assert counters(engine) == {"room": 20, "passed": 2}


def test_several_entries_of_one_caller_are_all_there_or_none(engine, evidence):
    first, second = {**READ, "also": [within_room("a", 20)]}, {**READ, "also": [counted("b")]}
    assert len(evidence.record_together(first, second)) == 2
    with pytest.raises(Conflict):
        evidence.record_together(second, first)
    assert counters(engine) == {"a": 20, "b": 1}
    assert len(entries(engine)) == 2


def test_a_row_that_cannot_be_stored_refuses_nobody_else(engine, evidence):
    def read(number: int) -> bool:
        try:
            evidence.record(**READ, also=[counted("n", None if number == 7 else 1)])
        except EvidenceUnavailable:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(read, range(20)))
    assert told.count(False) == 1
    assert counters(engine) == {"n": 19}
    assert len(entries(engine)) == 19


def test_rows_without_an_entry_go_the_same_way(engine, evidence):
    evidence.write(counted("refused", 3))
    with pytest.raises(Conflict):
        evidence.write(within_room("refused", 30))
    assert counters(engine) == {"refused": 3}
    assert entries(engine) == set()


def test_an_effect_takes_them_into_its_own_transaction(engine, ledger):
    with unit_of_work(engine) as session:
        ledger.record(session, **READ, also=[counted("a")])
    with pytest.raises(Conflict), unit_of_work(engine) as session:
        ledger.record(session, **READ, also=[counted("a"), within_room("a", 25)])
    assert counters(engine) == {"a": 1}
    assert len(entries(engine)) == 1
