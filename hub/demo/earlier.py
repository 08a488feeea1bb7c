"""What others asked for some weeks ago: three requests, each at another step of the ladder.

They are asked, answered and left unanswered on earlier business days, and the clock is let run to the day
on which the demonstration stands. The agency's analyst has no sign-in.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import Engine
from sqlmodel import Session, select

from hub.agencies import accounts
from hub.agencies import service as agencies
from hub.agencies.mandates import name_post
from hub.agencies.models import HolderKind, Post
from hub.agencies.principal import principal_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import BusinessClock, StoppedClock, real_now
from hub.db import unit_of_work
from hub.grants import asking, service
from hub.grants.ladder import PROCEDURE, Ladder
from hub.grants.service import Wanted
from hub.ledger.entry import HUB
from hub.ledger.service import Ledger
from hub.proceedings import ticking
from hub.proceedings.office import Office

ASKER, ASKS_FOR = "dinkes", "Analis Data Kesehatan"
SEKDA = ("setda", "Sekretaris Daerah")
BASIS = "Tugas pokok Bidang Sumber Daya Kesehatan (sintetis)"
SILENT, RAISED, REFUSED = "bpbj/kontrak-nontender", "bpbj/bast-nontender", "bpbj/kontrak-tender"


def replay(
    engine: Engine, ledger: Ledger, clock: BusinessClock, *, head: str, outsider: str
) -> None:
    """Let it happen before the demonstration's day. `head` answers for the producer; the request of
    `outsider` (a program of no agency) is never opened by silence and so rises to the regent.
    """
    with unit_of_work(engine) as session:
        _name_the_sekda(session, ledger)
        asker = _asker(session, ledger)
    last = clock.today()
    asked: dict[str, str] = {}
    for day in _days(last - timedelta(days=25), last - timedelta(days=1)):
        before = (last - day).days
        with unit_of_work(engine) as session:
            office = _office(ledger, clock, day, time(9, 30))
            for dataset, when, who in (
                (RAISED, 18, _identity("client", outsider)),
                (SILENT, 17, _identity("person", asker)),
                (REFUSED, 9, _identity("person", asker)),
            ):
                if before == when:
                    wanted = Wanted(_purpose(dataset), BASIS, None, None, None)
                    made, _ = asking.ask(
                        session, office, principal_of(session, who, now=real_now()), dataset, wanted
                    )
                    asked[dataset] = made.id
            if before == 3:
                _refuse(session, office, head, asked[REFUSED])
        closes = _office(ledger, clock, day, time(16, 1))
        ticking.tick(engine, closes, {PROCEDURE: Ladder()}, now=closes.clock.now())


def _purpose(dataset: str) -> str:
    return f"Menelusuri pengadaan alat kesehatan: {dataset.partition('/')[2]} (sintetis)"


def _refuse(session: Session, office: Office, head: str, request: str) -> None:
    service.decide(
        session,
        office,
        principal_of(session, _identity("person", head), now=real_now()),
        request,
        "refuse",
        ground="T13",
        reason="Untuk menelusuri nilainya, kolom yang disebut sudah cukup (sintetis)",
        offer={"columns": ["kd_tender", "no_kontrak", "nilai_kontrak"]},
    )


def _office(ledger: Ledger, clock: BusinessClock, day: date, at: time) -> Office:
    moment = datetime.combine(day, at, tzinfo=clock.zone)
    return Office(ledger, StoppedClock(clock.zone, local=clock.local, moment=moment))


def _name_the_sekda(session: Session, ledger: Ledger) -> None:
    agency, title = SEKDA
    post = session.exec(select(Post).where(Post.agency == agency, Post.title == title)).one()
    name_post(session, ledger, HUB, "sekda", post.id, now=real_now())


def _asker(session: Session, ledger: Ledger) -> str:
    person = accounts.create_person(
        session,
        ledger,
        HUB,
        username="analis-dinkes",
        name="Asri Contoh (sintetis)",
        email="analis-dinkes@contoh.invalid",
        now=real_now(),
        password_hash="",
    )
    post = agencies.create_post(
        session, ledger, HUB, agency=ASKER, title=ASKS_FOR, role=Role.ANALYST
    )
    agencies.begin_holding(
        session,
        ledger,
        HUB,
        post=post.id,
        holder_kind=HolderKind.PERSON,
        holder=person.id,
        since=real_now(),
    )
    return person.id


def _identity(kind: Literal["person", "client"], who: str) -> Identity:
    return Identity(kind, who, "", scopes.ALL, "session")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
