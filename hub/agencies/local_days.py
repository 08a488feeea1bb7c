"""Days that the regency keeps differently from the nation: on whose word, and at once in every process."""

import time
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from hub.agencies.desk_models import DayKind, LocalDay
from hub.agencies.service import the_agency
from hub.calendar import NONE, LocalDays
from hub.db import reading
from hub.errors import Conflict, NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger

FRESH_SECONDS = 2.0
"""A process looks again after this; a term is counted by days that are no older."""


class KnownDays:
    """The local days as this process last saw them; called, it looks again when that is too long ago."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._days: LocalDays = NONE
        self._seen: float | None = None

    def __call__(self) -> LocalDays:
        now = time.monotonic()
        if self._seen is None or now - self._seen > FRESH_SECONDS:
            with reading(self._engine) as session:
                self._days = known(session)
            self._seen = now
        return self._days


def known(session: Session) -> LocalDays:
    """All of them, as terms are counted by them."""
    rows = session.exec(select(LocalDay)).all()
    return {(row.day, row.applies_to): row.kind is DayKind.OFF for row in rows}


def listed(session: Session, *, since: date, until: date) -> Sequence[LocalDay]:
    """In order, both ends included."""
    wanted = select(LocalDay).where(LocalDay.day >= since, LocalDay.day <= until)
    return session.exec(wanted.order_by(col(LocalDay.day), col(LocalDay.applies_to))).all()


def add(
    session: Session,
    ledger: Ledger,
    by: Actor,
    *,
    day: date,
    kind: DayKind,
    name: str,
    basis: str,
    applies_to: str = "",
) -> LocalDay:
    """Raise Conflict for a day that was entered already, NotFound for an unknown agency."""
    if applies_to:
        the_agency(session, applies_to)
    if session.get(LocalDay, (day, applies_to)) is not None:
        raise Conflict(
            f"Tanggal {day} sudah dicatat. Hapus dahulu yang lama.",
            f"The day {day} is entered already. Remove the old one first.",
            field="day",
        )
    row = LocalDay(day=day, applies_to=applies_to, kind=kind, name=name, basis=basis)
    session.add(row)
    session.flush()  # of two at once one meets the other here
    _record(session, ledger, by, "calendar.added", row)
    return row


def remove(session: Session, ledger: Ledger, by: Actor, day: date, applies_to: str = "") -> None:
    row = session.get(LocalDay, (day, applies_to))
    if row is None:
        raise NotFound(f"Tanggal {day} tidak dicatat.", f"The day {day} is not entered.")
    session.delete(row)
    _record(session, ledger, by, "calendar.removed", row)


def _record(session: Session, ledger: Ledger, by: Actor, kind: str, row: LocalDay) -> None:
    target = Target("day", row.day.isoformat(), owner=row.applies_to or None)
    ledger.record(session, kind=kind, actor=by, target=target)
