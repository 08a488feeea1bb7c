"""`by: MeasureDep` for the routes of the index: settings, the regency's days, the book in force."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy import Engine
from sqlmodel import Session

from hub.calendar import BusinessClock
from hub.db import reading
from hub.deps import ClockDep, EngineDep, SettingsDep
from hub.openness.measuring import BOOK, Measure
from hub.rules import service as rules
from hub.settings import Settings


def measure_of(engine: Engine, settings: Settings, clock: BusinessClock) -> Measure:
    with reading(engine) as session:
        return measure_in(session, settings, clock)


def measure_in(session: Session, settings: Settings, clock: BusinessClock) -> Measure:
    return Measure(settings, clock.local(), rules.current(session, BOOK))


def get_measure(engine: EngineDep, settings: SettingsDep, clock: ClockDep) -> Measure:
    return measure_of(engine, settings, clock)


MeasureDep = Annotated[Measure, Depends(get_measure)]
