"""The ledger as dependencies of routes: `ledger: LedgerDep` for effects, `EvidenceDep` for reads."""

from typing import Annotated

from fastapi import Depends, Request

from hub.ledger.evidence import Evidence
from hub.ledger.service import Ledger


def get_ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger


LedgerDep = Annotated[Ledger, Depends(get_ledger)]


def get_evidence(request: Request) -> Evidence:
    evidence: Evidence = request.app.state.evidence
    return evidence


EvidenceDep = Annotated[Evidence, Depends(get_evidence)]
"""For reads and calls: `evidence.record(…)` returns once the entry is on disk."""
