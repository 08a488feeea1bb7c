"""What readiness means: database, storage, ledger and key, each tried."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import nan

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.access import grant_checks
from hub.db import is_reachable, reading
from hub.ledger.service import Ledger
from hub.ledger.verify import receipt_holds
from hub.proceedings import heartbeat
from hub.settings import Settings


@dataclass(frozen=True)
class Probe:
    """One thing tried; `said` is empty when it is well."""

    name: str
    said: str

    @property
    def ok(self) -> bool:
        return not self.said


def probes(settings: Settings, engine: Engine, ledger: Ledger) -> list[Probe]:
    """Every part, also after one has failed."""
    tried: dict[str, Callable[[], None]] = {
        "database": lambda: _database(engine),
        "storage": lambda: _storage(settings),
        "ledger": lambda: _ledger(ledger),
    }
    return [Probe(name, _said(attempt)) for name, attempt in tried.items()]


def drift(engine: Engine) -> float:
    """Grants that did not do as they say when all were last tried; NaN when nobody can tell."""
    try:
        with reading(engine) as session:
            tried = grant_checks.latest(session)
    except SQLAlchemyError:
        return nan
    return len(tried.drift) if tried else 0


def clock_age(engine: Engine, *, now: datetime) -> float:
    """Seconds since a worker last looked at the terms; NaN when none ever has or nobody can tell.

    It grows when no worker runs, and when every worker's wall clock ran away.
    """
    try:
        with reading(engine) as session:
            last = heartbeat.last_beat(session)
    except SQLAlchemyError:
        return nan
    return nan if last is None else (now - last).total_seconds()


def _said(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except (SQLAlchemyError, OSError, ValueError) as error:
        # The first line: drivers append statements and addresses that are nobody's business.
        return str(error).splitlines()[0][:200] or type(error).__name__
    return ""


def _database(engine: Engine) -> None:
    is_reachable(engine)


def _storage(settings: Settings) -> None:
    """A file can be written and forced to disk."""
    settings.storage.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.storage) as file:
        file.write(b"simpul")
        os.fsync(file.fileno())


def _ledger(ledger: Ledger) -> None:
    """The key signs, and what it signs can be verified."""
    digest = bytes(32)
    if not receipt_holds([ledger.signer.vkey], digest, ledger.signer.sign(digest)):
        raise ValueError("the signing key does not verify its own signature")
