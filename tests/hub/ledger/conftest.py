"""A ledger with a key of its own over a fresh database, and a way to fill it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.db import open_engine, unit_of_work
from hub.ledger.entry import Actor, Target
from hub.ledger.keys import Signer
from hub.ledger.service import Ledger, Receipt

STEWARD = Actor(person="0192f0c2", post="p-7", agency="bpbj")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Signer(tmp_path / "keys", "hub.invalid"))


@pytest.fixture
def fill(engine: Engine, ledger: Ledger) -> Callable[[int], list[Receipt]]:
    """Record `n` batches, each in a transaction of its own; return their receipts in order."""

    def fill(n: int) -> list[Receipt]:
        receipts = []
        for number in range(n):
            with unit_of_work(engine) as session:
                receipts.append(
                    ledger.record(
                        session,
                        kind="batch.accepted",
                        actor=STEWARD,
                        target=Target("dataset", "bpbj/kontrak-nontender", release=number),
                        counts={"accepted": number},
                    )
                )
        return receipts

    return fill
