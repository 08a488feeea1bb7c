"""No evidence, no exchange: a read is acknowledged when its entry is on disk, and only then."""

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, select, text
from starlette.testclient import TestClient

from hub.db import reading
from hub.errors import EvidenceUnavailable
from hub.ledger import check, sequencer
from hub.ledger.entry import HUB, Facts, Target
from hub.ledger.evidence import Evidence
from hub.ledger.service import TABLE, Ledger

READ: Facts = {"kind": "rows.read", "actor": HUB, "target": Target("dataset", "bpbj/kontrak")}
CHILD = Path(__file__).with_name("writer_child.py")


@pytest.fixture
def evidence(engine: Engine, ledger: Ledger) -> Iterator[Evidence]:
    evidence = Evidence(engine, ledger)
    yield evidence
    evidence.close()


def stored(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(TABLE.c.id)).scalars())


def break_ledger(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE hub_ledger_entry RENAME TO broken"))


def repair_ledger(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE broken RENAME TO hub_ledger_entry"))


def test_many_callers_share_few_commits(engine: Engine, evidence: Evidence) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    with ThreadPoolExecutor(32) as pool:
        receipts = list(pool.map(lambda _: evidence.record(**READ), range(320)))
    assert stored(engine) == {receipt.entry_id for receipt in receipts}
    assert len(commits) < 160


def test_a_receipt_of_a_read_is_provable_like_any_other(
    engine: Engine, evidence: Evidence, ledger: Ledger
) -> None:
    evidence.record(**READ)
    assert sequencer.run_once(engine, ledger.signer) == 1
    assert check.whole(engine, [ledger.signer.vkey]).ok


def test_coroutines_wait_without_a_thread_each(engine: Engine, evidence: Evidence) -> None:
    async def read_at_once() -> set[str]:
        reads = await asyncio.gather(*(evidence.arecord(**READ) for _ in range(50)))
        return {receipt.entry_id for receipt in reads}

    assert asyncio.run(read_at_once()) == stored(engine)


def test_a_broken_ledger_refuses_every_caller_and_heals_by_itself(
    engine: Engine, evidence: Evidence
) -> None:
    def refused(_: int) -> bool:
        try:
            evidence.record(**READ)
        except EvidenceUnavailable:
            return True
        return False

    break_ledger(engine)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(refused, range(24)))
    repair_ledger(engine)
    assert stored(engine) == set()
    assert evidence.record(**READ).entry_id in stored(engine)


def test_a_coroutine_is_refused_by_a_broken_ledger_too(engine: Engine, evidence: Evidence) -> None:
    break_ledger(engine)
    with pytest.raises(EvidenceUnavailable):
        asyncio.run(evidence.arecord(**READ))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_caller_does_not_wait_for_ever_and_a_full_queue_refuses(
    engine: Engine, ledger: Ledger
) -> None:
    evidence = Evidence(engine, ledger, room=2, patience=0.3)
    held = engine.connect()
    held.execute(text("SELECT 1"))  # BEGIN IMMEDIATE: nobody else can write

    def refused(_: int) -> bool:
        try:
            evidence.record(**READ)
        except EvidenceUnavailable:
            return True
        return False

    began = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(refused, range(10)))
    assert time.monotonic() - began < 5
    held.rollback()
    held.close()
    evidence.close()


def test_what_has_queued_is_written_before_the_end_and_nothing_after(
    engine: Engine, ledger: Ledger
) -> None:
    evidence = Evidence(engine, ledger)
    acknowledged: list[str] = []
    refused = threading.Event()

    def read_until_refused() -> None:
        try:
            while True:
                acknowledged.append(evidence.record(**READ).entry_id)
        except EvidenceUnavailable:
            refused.set()

    readers = [threading.Thread(target=read_until_refused) for _ in range(8)]
    for reader in readers:
        reader.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    evidence.close()
    for reader in readers:
        reader.join()
    assert refused.is_set()
    assert stored(engine) == set(acknowledged)


def test_readers_who_hold_every_connection_still_get_their_evidence(hub: TestClient) -> None:
    assert isinstance(hub.app, FastAPI)
    state = hub.app.state
    with ExitStack() as held:
        for _ in range(40):  # as many as the threadpool has threads
            held.enter_context(reading(state.engine)).exec(select(TABLE.c.id)).all()
        receipt = state.evidence.record(**READ)
    assert receipt.entry_id in stored(state.engine)


@pytest.mark.parametrize("seed", [1, 2])
def test_evidence_survives_kill(
    engine: Engine, ledger: Ledger, database_url: str, seed: int
) -> None:
    """What a killed process had acknowledged is stored, and the ledger is whole."""
    command = [sys.executable, str(CHILD), database_url, str(ledger.signer.folder)]
    vkey = ledger.signer.vkey  # the child uses the same key
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline() for _ in range(30)]
        time.sleep(random.Random(seed).random() / 5)
        child.kill()
        acknowledged += child.stdout.readlines()
    whole_lines = {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}
    assert len(whole_lines) >= 30
    assert whole_lines <= stored(engine)
    assert sequencer.run_once(engine, ledger.signer) == len(stored(engine))
    assert check.whole(engine, [vkey], receipts=False).ok
