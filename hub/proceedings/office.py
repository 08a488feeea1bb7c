"""What the rules of access need of the running hub."""

from dataclasses import dataclass

from hub.calendar import BusinessClock
from hub.ledger.service import Ledger

SIGN_DAYS = 14


@dataclass(frozen=True)
class Office:
    """`sign_days` is how long a contract waits for the signature of an agency's key."""

    ledger: Ledger
    clock: BusinessClock
    sign_days: int = SIGN_DAYS
