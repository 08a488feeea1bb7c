"""A replayed year in a home of its own: the requests, the index month by month, and the yearly report."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from hub.agencies.models import Agency
from hub.auth.models import Person
from hub.auth.passwords import hash_password
from hub.calendar import StoppedClock
from hub.db import open_engine, reading, unit_of_work
from hub.demo.year.replay import Told, Year
from hub.errors import Conflict
from hub.ledger.service import Ledger
from hub.openness import keeping, reports
from hub.openness.deps import measure_in
from hub.openness.months import Month
from hub.settings import Settings, write_instance

WALIDATA = "walidata-dkisp"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Played:
    """What came of it, and the password of the walidata, who can look at all of it."""

    told: Told
    scores: dict[str, float | None]
    username: str
    password: str


def play(
    settings: Settings, *, year: int, agencies: int, requests: int, seed: int, say: Say
) -> Played:
    """Replay a year into an empty, migrated database; raises Conflict for one that is in use."""
    engine = open_engine(settings.database)
    try:
        _must_be_empty(engine, settings)
        ledger = Ledger.of(settings)
        replayed = Year(engine, ledger, settings.zone, year=year, seed=seed)
        told = replayed.run(agencies=agencies, requests=requests)
        say(f"{told.requests} permintaan, {told.moves} langkah orang, {told.silent} langkah jam")
        scores = _measured(engine, ledger, settings, year)
        say(f"{len(scores)} perangkat daerah diukur setiap bulan")
        password = _walidata_may_enter(engine)
    finally:
        engine.dispose()
    write_instance(
        settings.home,
        {
            "instance_name": "Kabupaten Peragaan (setahun)",
            "operator_name": "DKISP Kabupaten Peragaan (sintetis)",
            "timezone": settings.timezone,
            "business_date": date(year + 1, 1, 15).isoformat(),
            "demo": "true",
        },
    )
    return Played(told, scores, WALIDATA, password)


def _must_be_empty(engine: Engine, settings: Settings) -> None:
    with reading(engine) as session:
        used = session.exec(select(Agency).limit(1)).first() is not None
    if used:
        raise Conflict(
            f"{settings.home} sudah berisi; pilih SIMPUL_HOME lain untuk memutar setahun.",
            f"{settings.home} is in use; give the replay a SIMPUL_HOME of its own.",
        )


def _measured(
    engine: Engine, ledger: Ledger, settings: Settings, year: int
) -> dict[str, float | None]:
    """Every month measured when it was over, and the report of the year; the last month's scores."""
    for number in range(1, 13):
        month = Month(year, number)
        with unit_of_work(engine) as session:
            now = month.ends(settings.zone) + timedelta(hours=9)
            by = measure_in(session, settings, StoppedClock(settings.zone, moment=now))
            keeping.take(session, ledger, by, month, now=now)
    with unit_of_work(engine) as session:
        now = datetime(year + 1, 1, 15, 9, tzinfo=settings.zone)
        by = measure_in(session, settings, StoppedClock(settings.zone, moment=now))
        reports.keep(session, ledger, by, year, now=now)
        return _last(session, year)


def _last(session: Session, year: int) -> dict[str, float | None]:
    latest = keeping.latest_of_month(session, Month(year, 12))
    return {agency: one.score for agency, one in latest.items()}


def _walidata_may_enter(engine: Engine) -> str:
    password = secrets.token_urlsafe(9)
    with unit_of_work(engine) as session:
        person = session.exec(select(Person).where(Person.username == WALIDATA)).one()
        person.password_hash = hash_password(password)
        session.add(person)
    return password
