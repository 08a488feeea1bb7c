"""What the worker does for the index: measure the month that is over, and renew the year's report."""

from sqlalchemy import Engine

from hub.agencies.local_days import KnownDays
from hub.calendar import BusinessClock
from hub.db import reading, unit_of_work
from hub.ledger.service import Ledger
from hub.openness import announcing, keeping, reports
from hub.openness.deps import measure_of
from hub.openness.months import Month
from hub.settings import Settings


def measure_due(
    engine: Engine, settings: Settings, ledger: Ledger, clock: BusinessClock | None = None
) -> int:
    """How many agencies were measured; 0 when it is not time, or somebody has.

    `clock` is the instance's business clock unless somebody replays another time.
    """
    clock = clock or BusinessClock(settings.zone, settings.business_date, KnownDays(engine))
    by = measure_of(engine, settings, clock)
    month = Month.of(clock.today()).plus(-1)
    with reading(engine) as session:
        if not keeping.is_due(session, by, clock.today()):
            return 0  # a look without the write lock
    with unit_of_work(engine) as session:
        measured = keeping.take_due(session, ledger, by, clock)
        if measured:
            session.flush()  # the report tells the scores
            reports.keep(session, ledger, by, month.year, now=clock.now())
            announcing.announce(session, by, measured)
        return len(measured)
