"""The ledger as a dependency of routes: `ledger: LedgerDep`."""

from typing import Annotated

from fastapi import Depends, Request

from hub.ledger.service import Ledger


def get_ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger


LedgerDep = Annotated[Ledger, Depends(get_ledger)]
