"""Every committed entry gets exactly one place, whatever the order of commits."""

import random
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert, select

from hub.ledger import check, sequencer
from hub.ledger.entry import HUB, Target
from hub.ledger.service import TABLE, Ledger, Receipt

THING = Target("dataset", "bpbj/kontrak")


def places(engine: Engine) -> dict[str, int | None]:
    with engine.connect() as connection:
        return {row.id: row.idx for row in connection.execute(select(TABLE.c.id, TABLE.c.idx))}


def test_places_follow_the_order_of_recording(
    engine: Engine, ledger: Ledger, fill: Callable[[int], list[Receipt]]
) -> None:
    receipts = fill(5)
    assert sequencer.run_once(engine, ledger.signer) == 5
    assert sequencer.run_once(engine, ledger.signer) == 0
    receipts += fill(3)
    assert sequencer.run_once(engine, ledger.signer) == 3
    assert [places(engine)[receipt.entry_id] for receipt in receipts] == list(range(8))
    assert check.whole(engine, [ledger.signer.vkey]).ok


def test_more_than_one_batch_is_placed_in_one_run(
    engine: Engine, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 7)
    rows = [
        ledger.seal({"kind": "rows.read", "actor": HUB, "target": THING}).row for _ in range(40)
    ]
    with engine.begin() as connection:
        connection.execute(insert(TABLE), rows)
    assert sequencer.run_once(engine, ledger.signer) == 40
    assert check.whole(engine, [ledger.signer.vkey]).ok


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_earlier_entry_that_commits_later_is_not_passed_by(
    engine: Engine, ledger: Ledger
) -> None:
    early, late = (
        ledger.seal({"kind": "rows.read", "actor": HUB, "target": THING}) for _ in range(2)
    )
    assert early.receipt.entry_id < late.receipt.entry_id
    with engine.connect() as slow:
        slow.execute(insert(TABLE), early.row)
        with engine.begin() as quick:
            quick.execute(insert(TABLE), late.row)
        assert sequencer.run_once(engine, ledger.signer) == 1
        slow.commit()
    assert sequencer.run_once(engine, ledger.signer) == 1
    assert places(engine) == {early.receipt.entry_id: 1, late.receipt.entry_id: 0}
    assert check.whole(engine, [ledger.signer.vkey]).ok


def test_writers_and_two_sequencers_at_once_miss_nothing(engine: Engine, ledger: Ledger) -> None:
    writing = threading.Event()
    writing.set()
    placed: list[int] = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            sealed = ledger.seal({"kind": "rows.read", "actor": HUB, "target": THING})
            with engine.begin() as connection:
                connection.execute(insert(TABLE), sealed.row)
                if engine.dialect.name == "postgresql":  # elsewhere it would hold up all others
                    time.sleep(chance.random() * 0.02)

    def place() -> None:
        while writing.is_set():
            placed.append(sequencer.run_once(engine, ledger.signer))

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    sequencers = [threading.Thread(target=place) for _ in range(2)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in sequencers:
        thread.join()
    placed.append(sequencer.run_once(engine, ledger.signer))
    assert sum(placed) == 200
    assert sorted(index for index in places(engine).values() if index is not None) == list(
        range(200)
    )
    assert check.whole(engine, [ledger.signer.vkey]).ok
