"""The replay itself: what people do, in order of time, through the services that the pages use.

Only the business clock is moved: grants, tokens and the ledger keep real time, so a replayed year does
not tell how long a grant lasted. The same seed replays the same year.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.calendar import StoppedClock, is_working_day
from hub.db import reading, unit_of_work
from hub.demo.year import habits
from hub.demo.year.regency import Cast, Offered, build
from hub.errors import HubError
from hub.grants import asking, service
from hub.grants.ladder import Ladder
from hub.grants.models import AccessRequest, State
from hub.grants.service import Wanted
from hub.ledger.service import Ledger
from hub.proceedings import ticking
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office

OPENS, CLOSES = time(8), time(16)
SUBJECTS = {"permintaan-data": Ladder()}
PERSONAL_COLUMNS = ["id_usulan", "judul_usulan", "nama_pengusul"]


@dataclass(order=True)
class Planned:
    """Something that somebody will do; void once the request has moved on (`steps`)."""

    at: datetime
    order: int
    what: str = field(compare=False)
    request: str = field(compare=False, default="")
    steps: int = field(compare=False, default=0)


@dataclass
class Told:
    """What the replay came to."""

    requests: int = 0
    moves: int = 0
    silent: int = 0
    refused_moves: int = 0
    states: Counter[str] = field(default_factory=Counter)


class Year:
    """One replayed year over one database."""

    def __init__(
        self, engine: Engine, ledger: Ledger, zone: ZoneInfo, *, year: int, seed: int
    ) -> None:
        self.engine, self.ledger, self.zone, self.year = engine, ledger, zone, year
        self.draw = Random(seed)  # noqa: S311 - a replay must come out the same
        self.told = Told()
        self._queue: list[Planned] = []
        self._orders = count()
        self._wishes: dict[str, tuple[Offered, str]] = {}
        self._seen: dict[str, int] = {}
        self._owners: dict[str, Offered] = {}
        self.cast: Cast
        self.habits: dict[str, habits.Habit]

    def run(self, *, agencies: int, requests: int) -> Told:
        """Replay it, and go on into the next year until the last request has its end or its access."""
        start = datetime(self.year, 1, 1, 8, tzinfo=self.zone)
        with unit_of_work(self.engine) as session:
            self.cast = build(session, agencies, start, self.draw)
        self.habits = {
            code: habits.habit_of(number, self.draw)
            for number, code in enumerate(self.cast.agencies)
        }
        self._plan_requests(requests)
        for day in _days(date(self.year, 1, 1), date(self.year + 1, 6, 30)):
            if not self._queue and day.year > self.year and not self._waits():
                break
            self._day(day)
        self._count()
        return self.told

    def office(self, at: datetime) -> Office:
        return Office(self.ledger, StoppedClock(self.zone, moment=at))

    def _plan_requests(self, requests: int) -> None:
        days = [
            day
            for day in _days(date(self.year, 1, 1), date(self.year, 12, 31))
            if is_working_day(day)
        ]
        for _ in range(requests):
            self._plan(self._within(self.draw.choice(days)), "ask")

    def _within(self, day: date) -> datetime:
        minutes = self.draw.randrange(int((CLOSES.hour - OPENS.hour) * 60))
        opens = datetime.combine(day, OPENS, tzinfo=self.zone)
        return opens + timedelta(minutes=minutes)

    def _plan(self, at: datetime, what: str, request: str = "", steps: int = 0) -> None:
        heapq.heappush(self._queue, Planned(at, next(self._orders), what, request, steps))

    def _day(self, day: date) -> None:
        """Everything that people do before the day closes, then what the clock does."""
        closes = datetime.combine(day, CLOSES, tzinfo=self.zone)
        with unit_of_work(self.engine) as session:
            while self._queue and self._queue[0].at <= closes:
                self._carry_out(session, heapq.heappop(self._queue))
        ticked = ticking.tick(self.engine, self.office(closes), SUBJECTS, now=closes)
        self.told.silent += ticked.moved
        self._look_again(closes)

    def _carry_out(self, session: Session, planned: Planned) -> None:
        if planned.what == "ask":
            self._ask(session, planned.at)
            return
        proceeding = session.get(Proceeding, planned.request)
        if proceeding is None or proceeding.steps != planned.steps:
            return  # somebody, or the clock, was first
        try:
            with session.begin_nested():
                self._act(session, planned, proceeding)
            self.told.moves += 1
        except HubError:
            self.told.refused_moves += 1
        self._next(proceeding, planned.at)

    def _ask(self, session: Session, at: datetime) -> None:
        offered = self.draw.choice(self.cast.datasets)
        asker = self.draw.choice([one for one in self.cast.agencies if one != offered.agency])
        urgent = self.draw.random() < habits.EMERGENCY
        wanted = Wanted(
            "Menyusun rencana kerja (sintetis)",
            "Tugas pokok perangkat daerah (sintetis)",
            PERSONAL_COLUMNS if offered.personal else None,
            None,
            None,
            emergency_reason="Bencana banjir di tiga kecamatan (sintetis)" if urgent else "",
        )
        principal = self.cast.of(asker, Role.ANALYST)
        request, _ = asking.ask(session, self.office(at), principal, offered.id, wanted)
        self.told.requests += 1
        self._owners[request.id] = offered
        session.flush()
        self._next(session.get_one(Proceeding, request.id), at)

    def _look_again(self, at: datetime) -> None:
        """What the clock moved calls for somebody else."""
        with reading(self.engine) as session:
            moved = session.exec(
                select(Proceeding).where(
                    col(Proceeding.ends_at).is_(None), col(Proceeding.entered_at) >= at
                )
            ).all()
            for proceeding in moved:
                if self._seen.get(proceeding.id) != proceeding.steps:
                    self._next(proceeding, at)

    def _next(self, proceeding: Proceeding, at: datetime) -> None:
        """Plan what the one who is waited for will do, if he does anything."""
        self._seen[proceeding.id] = proceeding.steps
        planned = self._choice(proceeding)
        if planned is None:
            return
        what, share = planned
        due = proceeding.due_at.astimezone(self.zone) if proceeding.due_at else None
        when = self._moment(at, due, share)
        self._plan(when, what, proceeding.id, proceeding.steps)

    def _moment(self, at: datetime, due: datetime | None, share: float) -> datetime:
        """At this share of the term (over 1 is late), within an office hour."""
        last = due or at + timedelta(days=20)
        wished = at + (last - at) * share
        if share >= 0.98 and share <= 1 and due is not None:
            return max(at, due - timedelta(minutes=self.draw.randrange(5, 55)))
        day = wished.date()
        while not is_working_day(day):
            day += timedelta(days=1)
        moment = max(self._within(day), at + timedelta(minutes=1))
        return moment if due is None or share > 1 else min(moment, due - timedelta(minutes=1))

    def _choice(self, proceeding: Proceeding) -> tuple[str, float] | None:
        """What will be done and when, as a share of the term; None leaves it to the clock."""
        chance, when = self.draw.random(), self.draw.uniform(0.05, 0.9)
        match State(proceeding.state):
            case State.SUBMITTED:
                if proceeding.steps == 1 and chance < habits.WITHDRAWS:
                    return "tarik", when
                if chance < habits.WITHDRAWS + habits.RETURNS:
                    return "minta_perbaikan", when
                return ("lengkap", when) if chance < habits.COMPLETES else None
            case State.INCOMPLETE:
                return ("perbaiki", when) if chance < habits.REPAIRS else None
            case State.WAITING | State.OVERDUE:
                return self._answer(proceeding, chance, when)
            case State.REFUSED:
                return ("keberatan", when) if chance < habits.OBJECTS else None
            case State.OBJECTION:
                return ("kabulkan" if chance < habits.UPHOLDS else "ke_forum", when)
            case State.WITH_FORUM:
                return ("forum", when) if chance < habits.FORUM_DECIDES else None
            case State.WITH_SEKDA:
                return ("sekda", when) if chance < habits.SEKDA_DECIDES else None
            case State.WITH_BUPATI | State.BUPATI_LATE:
                return ("bupati", when) if chance < habits.REGENT_DECIDES else None
            case State.EMERGENCY:
                return ("tinjau_sah", when) if chance < habits.SETTLES else None
            case State.ACTIVE if chance < habits.SUSPENDS:
                return "tangguhkan", when
            case State.ACTIVE if chance < habits.SUSPENDS + habits.FINISHES:
                return "selesai", when
            case State.SUSPENDED:
                return ("pulihkan", when) if chance < habits.SETTLES else None
            case _:
                return None

    def _answer(
        self, proceeding: Proceeding, chance: float, when: float
    ) -> tuple[str, float] | None:
        habit = self.habits[str(proceeding.producer)]
        if proceeding.state == State.OVERDUE:
            if chance < habit.late:
                return self._verdict(habit), when
            return ("mediasi", when) if chance < habit.late + habits.MEDIATES else None
        if chance < habit.extends * 0.5:
            return "tambah_waktu", when
        if chance < habit.in_time:
            return self._verdict(habit), when
        if chance < habit.in_time + habit.last_hour:
            return "tolak", 0.99
        return None

    def _verdict(self, habit: habits.Habit) -> str:
        return "tolak" if self.draw.random() < habit.refuses else "setujui"

    def _act(self, session: Session, planned: Planned, proceeding: Proceeding) -> None:
        office = self.office(planned.at)
        request = session.get_one(AccessRequest, proceeding.id)
        urgent = request.emergency and planned.what in ("setujui", "tolak", "sekda")
        if urgent and proceeding.requester != self.cast.sekda.agency:
            self._step(session, office, self.cast.sekda, request, "darurat")
            return
        head = self.cast.of(str(proceeding.producer), Role.HEAD)
        asker = self.cast.of(str(proceeding.requester), Role.ANALYST)
        by = {
            "tarik": asker,
            "perbaiki": asker,
            "keberatan": asker,
            "selesai": asker,
            "tambah_waktu": head,
            "tangguhkan": head,
            "pulihkan": head,
        }
        match planned.what:
            case "setujui" | "tolak":
                self._decide(session, office, head, request, refuse=planned.what == "tolak")
            case "sekda" | "bupati" | "forum" | "kabulkan":
                self._decide_above(session, office, planned.what, request)
            case other:
                self._step(session, office, by.get(other, self.cast.walidata), request, other)

    def _decide_above(
        self, session: Session, office: Office, who: str, request: AccessRequest
    ) -> None:
        cast = self.cast
        above = {"sekda": cast.sekda, "bupati": cast.regent}
        refuse = who != "kabulkan" and self.draw.random() < 0.35
        self._decide(session, office, above.get(who, cast.walidata), request, refuse=refuse)

    def _decide(
        self,
        session: Session,
        office: Office,
        principal: Principal,
        request: AccessRequest,
        *,
        refuse: bool,
    ) -> None:
        ground = self.draw.choice(habits.GROUNDS) if refuse else None
        offer = habits.ALWAYS_WITH.get(ground or "")
        if ground in ("T02", "T13") and not request.personal:
            ground, offer = "T11", None
        service.decide(
            session,
            office,
            principal,
            request.id,
            "refuse" if refuse else "approve",
            ground=ground,
            reason="Alasan tertulis dari peragaan (sintetis)",
            offer=offer,
        )

    def _step(
        self,
        session: Session,
        office: Office,
        principal: Principal,
        request: AccessRequest,
        event: str,
    ) -> None:
        reason = "Alasan tertulis dari peragaan (sintetis)"
        said = {"basis": "Tugas pokok, dilengkapi (sintetis)"} if event == "perbaiki" else None
        service.step(session, office, principal, request.id, event, reason=reason, said=said)

    def _waits(self) -> bool:
        with reading(self.engine) as session:
            waiting = select(Proceeding.id).where(col(Proceeding.due_at).is_not(None)).limit(1)
            return session.exec(waiting).first() is not None

    def _count(self) -> None:
        with reading(self.engine) as session:
            for state in session.exec(select(Proceeding.state)):
                self.told.states[state] += 1


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)
