"""A web process for `test_evidence_survives_kill`: tells on stdout what was acknowledged."""

import os
import sys
import threading
from pathlib import Path

from hub.db import open_engine
from hub.ledger.entry import HUB, Target
from hub.ledger.evidence import Evidence
from hub.ledger.keys import Signer
from hub.ledger.service import Ledger


def main(url: str, keys: str) -> None:
    evidence = Evidence(open_engine(url), Ledger(Signer(Path(keys), "hub.invalid")))

    def read_for_ever() -> None:
        while True:
            receipt = evidence.record(
                kind="rows.read", actor=HUB, target=Target("dataset", "bpbj/kontrak")
            )
            os.write(1, f"{receipt.entry_id}\n".encode())

    for _ in range(16):
        threading.Thread(target=read_for_ever).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
