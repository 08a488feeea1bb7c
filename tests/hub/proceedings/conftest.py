"""A regency in which requests wait: agencies, who holds which post, and a clock that a test sets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from catalog.models import AccessClass, Dataset
from hub.agencies.mandates import Mandate
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.principal import Principal, principal_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.auth.models import Person
from hub.calendar import BusinessClock, LocalDays, real_now
from hub.db import open_engine, unit_of_work
from hub.grants import service
from hub.grants.service import Wanted
from hub.ledger.models import LedgerEntry
from hub.ledger.service import Ledger
from hub.proceedings import machine, ticking
from hub.proceedings.models import PlannedNotice, Proceeding, Step
from hub.proceedings.office import Office
from hub.settings import Settings
from hub.subjects import subjects

ZONE = ZoneInfo("Asia/Makassar")
MORNING = datetime(2026, 3, 12, 10, 0, tzinfo=ZONE)
PEOPLE = {
    "analyst": (Role.ANALYST, "bappeda"),
    "head": (Role.HEAD, "bpbj"),
    "steward": (Role.STEWARD, "bpbj"),
    "walidata": (Role.WALIDATA, "dkisp"),
    "sekda": (Role.HEAD, "setda"),
    "bupati": (Role.EXECUTIVE, "setda"),
    "forum": (Role.HEAD, "bappeda"),
    "bpbd": (Role.HEAD, "bpbd"),
}
"""Who is there, by post; the head of Bappeda carries the mandate of the Forum."""
KINDS = {"setda": AgencyKind.SECRETARIAT}
DATASETS = {
    "terbatas": AccessClass.TERBATAS,
    "pribadi": AccessClass.PRIBADI,
    "berbagi": AccessClass.BERBAGI,
}
REASON = "Alasan tertulis yang cukup panjang."


@dataclass(frozen=True)
class HandClock(BusinessClock):
    """A business clock that stands where `hands` points, with local days that a test adds."""

    hands: list[datetime] = field(default_factory=lambda: [MORNING])
    days: dict[tuple[date, str], bool] = field(default_factory=dict)
    local: Callable[[], LocalDays] = dict

    def now(self) -> datetime:
        return self.hands[0].astimezone(self.zone)


@dataclass(frozen=True)
class Regency:
    """What the tests ask for, move and look at; every act is a transaction of its own."""

    engine: Engine
    office: Office
    clock: HandClock
    ids: dict[str, str]

    def at(self, text: str) -> datetime:
        """Set the clock to a local moment, `2026-03-13 16:00`."""
        self.clock.hands[0] = moment(text)
        return self.clock.hands[0]

    def who(self, session: Session, name: str) -> Principal:
        identity = Identity("person", self.ids[name], name, scopes.ALL, "session")
        return principal_of(session, identity, now=real_now())

    def ask(self, dataset: str = "terbatas", *, emergency: str = "", personal: bool = False) -> str:
        with unit_of_work(self.engine) as session:
            row = session.get_one(Dataset, f"bpbj/{dataset}")
            wanted = Wanted("Uji", "Perbup 1/2026", ["a"], None, None, emergency_reason=emergency)
            request, _ = service.submit(
                session,
                self.office,
                self.who(session, "analyst"),
                row,
                wanted,
                agency="bappeda",
                personal=personal or row.access_class is AccessClass.PRIBADI,
            )
            return request.id

    def move(self, number: str, name: str, event: str, reason: str = REASON) -> Step:
        with unit_of_work(self.engine) as session:
            found = session.get_one(Proceeding, number)
            subject = subjects()[found.procedure]
            who = self.who(session, name)
            return machine.move(session, self.office, who, subject, number, event, reason=reason)

    def tick(self, text: str | None = None) -> ticking.Ticked:
        now = self.at(text) if text else self.clock.now()
        return ticking.tick(self.engine, self.office, subjects(), now=now)

    def proceeding(self, number: str) -> Proceeding:
        with Session(self.engine) as session:
            return session.get_one(Proceeding, number)

    def due(self, number: str) -> str:
        due = self.proceeding(number).due_at
        return "" if due is None else f"{due.astimezone(ZONE):%Y-%m-%d %H:%M}"

    def state(self, number: str) -> str:
        return self.proceeding(number).state

    def steps(self, number: str) -> list[Step]:
        with Session(self.engine) as session:
            return machine.history(session, number)

    def notices(self, number: str) -> list[PlannedNotice]:
        with Session(self.engine) as session:
            wanted = select(PlannedNotice).where(PlannedNotice.proceeding == number)
            return list(session.exec(wanted.order_by(col(PlannedNotice.at))))

    def entries(self, number: str) -> list[str]:
        """Ids of the ledger's entries of which this is the target."""
        with Session(self.engine) as session:
            wanted = select(LedgerEntry.id).where(
                LedgerEntry.target_type == "request", LedgerEntry.target_id == number
            )
            return list(session.exec(wanted))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url)


@pytest.fixture
def regency(engine: Engine, settings: Settings) -> Regency:
    days: dict[tuple[date, str], bool] = {}
    clock = HandClock(ZONE, None, local=lambda: days, hands=[MORNING], days=days)
    with unit_of_work(engine) as session:
        ids = dict(_people(session))
        _datasets(session)
    return Regency(engine, Office(Ledger.of(settings), clock), clock, ids)


def _people(session: Session) -> Iterator[tuple[str, str]]:
    since, numbers = real_now() - timedelta(seconds=1), count(1)
    for code in sorted({agency for _, agency in PEOPLE.values()}):
        kind = KINDS.get(code, AgencyKind.OFFICE)
        session.add(Agency(code=code, name=f"Instansi {code}", kind=kind, created_at=since))
    session.flush()  # posts refer to them
    for name, (role, agency) in PEOPLE.items():
        person = Person(
            username=f"orang{next(numbers)}", name=f"{name} (sintetis)", created_at=since
        )
        post = Post(agency=agency, title=f"Jabatan {name} (sintetis)", role=role)
        session.add_all([person, post])
        session.flush()  # the holding refers to both
        session.add(
            Holding(post=post.id, holder_kind=HolderKind.PERSON, holder=person.id, since=since)
        )
        if name in ("forum", "bpbd"):
            session.add(Mandate(name=name, post=post.id, since=since, named_by="uji"))
        yield name, person.id


def _datasets(session: Session) -> None:
    for slug, access_class in DATASETS.items():
        session.add(
            Dataset(
                id=f"bpbj/{slug}",
                agency="bpbj",
                slug=slug,
                title=f"Data {slug}",
                schema_name="lkpp/nontender-kontrak",
                schema_version="1.0.0",
                access_class=access_class,
                created_at=real_now(),
                updated_at=real_now(),
            )
        )
