"""A web process for `test_no_answer_without_its_decision`: tells on stdout what it would have answered."""

import itertools
import os
import sys
import threading
from pathlib import Path

from sqlmodel import select

from catalog.models import Dataset
from hub.access import journal
from hub.access.decision import decide
from hub.access.judging import Action
from hub.agencies.principal import Principal
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import open_engine, reading
from hub.ledger.entry import HUB, Target
from hub.ledger.evidence import Evidence
from hub.ledger.keys import Signer
from hub.ledger.service import Ledger


def main(url: str, keys: str) -> None:
    engine = open_engine(url)
    evidence = Evidence(open_engine(url), Ledger(Signer(Path(keys), "hub.invalid")))
    numbers = itertools.count()

    def decide_for_ever() -> None:
        while True:
            identity = Identity(
                "client", f"program-{next(numbers)}", "program", scopes.ALL, "token"
            )
            with reading(engine) as session:
                dataset = session.exec(select(Dataset)).one()
                told = decide(
                    session, Principal(identity, None, ()), Action.ROWS, dataset, now=real_now()
                )
            evidence.record(
                kind="rows.read",
                actor=HUB,
                target=Target("dataset", dataset.id),
                decision={"id": told.id, "policy": told.policy_digest},
                also=journal.rows_of(told),
            )
            os.write(1, f"{told.id}\n".encode())

    for _ in range(8):
        threading.Thread(target=decide_for_ever).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
