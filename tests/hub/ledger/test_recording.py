"""An entry lives and dies with the effect that it proves."""

import json

import pytest
from sqlalchemy import Engine, func, select, text
from sqlmodel import Session

from hub.db import unit_of_work
from hub.errors import EvidenceUnavailable
from hub.ledger.entry import HUB, Target
from hub.ledger.service import TABLE, Ledger
from hub.ledger.verify import leaf_hash, receipt_holds
from hub.outbox import service as outbox
from hub.outbox.models import OutboxEvent

THING = Target("dataset", "bpbj/kontrak")


def entries(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(TABLE)).scalar_one()


def test_a_receipt_proves_the_stored_bytes(engine: Engine, ledger: Ledger) -> None:
    with unit_of_work(engine) as session:
        receipt = ledger.record(session, kind="grant.issued", actor=HUB, target=THING)
    with engine.connect() as connection:
        row = connection.execute(select(TABLE)).one()
    assert row.id == receipt.entry_id == json.loads(row.body)["id"]
    assert receipt.entry_hash == leaf_hash(row.body).hex()
    assert receipt_holds([ledger.signer.vkey], leaf_hash(row.body), receipt.signature)
    assert (row.owner, row.agency, row.actor) == ("bpbj", None, "simpul")
    assert json.loads(receipt.header()) == receipt.as_dict()
    assert " " not in receipt.header()


def test_an_effect_that_fails_leaves_no_entry(engine: Engine, ledger: Ledger) -> None:
    def effect(session: Session) -> None:
        ledger.record(session, kind="grant.issued", actor=HUB, target=THING)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), unit_of_work(engine) as session:
        effect(session)
    assert entries(engine) == 0


def test_a_broken_ledger_takes_the_effect_back(engine: Engine, ledger: Ledger) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE hub_ledger_entry RENAME TO broken"))

    def effect(session: Session) -> None:
        outbox.record(session, outbox.EventType.GRANT_ISSUED, dataset="bpbj/kontrak", data={})
        ledger.record(session, kind="grant.issued", actor=HUB, target=THING)

    with pytest.raises(EvidenceUnavailable), unit_of_work(engine) as session:
        effect(session)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(OutboxEvent)).scalar_one() == 0
