"""The ladder of a request as people see it: steps that were, whose turn it is, what silence brings."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from hub.grants.duties import ASKING
from hub.grants.ladder import Ladder
from hub.grants.shapes import StepOut, step_out
from hub.proceedings import machine, parties
from hub.proceedings.elapsed import elapsed
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Move, Procedure, State
from hub.proceedings.timing import days_of
from hub.rules import service as rules
from hub.web.page import Page
from hub.web.translation import N_
from hub.web.working_clock import Term, term

FORESEEN = 4
"""Steps of silence that are told ahead."""
DECIDED_ON_THE_PAGE = frozenset({"setujui", "setujui_sebagian", "tolak"})
"""Moves that have their form on the page of the request; every other has a page of its own."""
LEAVING = frozenset({"tarik", "selesai", "tangguhkan"})
"""Moves that are possible, but that nobody waits for."""
SIDES = {
    "pemohon": N_("pemohon"),
    "produsen.head": N_("kepala produsen"),
    "produsen.steward": N_("steward produsen"),
    "walidata": N_("walidata"),
}


@dataclass(frozen=True)
class Silent:
    """What happens at `at` if nobody acts until then; `waits_for` is whose turn it is after that."""

    at: datetime
    title: str
    state: str
    days: int | None
    source: str
    waits_for: str


@dataclass(frozen=True)
class Spent:
    """Working days that a party took, with one decimal."""

    party: str
    days: float


@dataclass(frozen=True)
class LadderView:
    """Everything the page of a request draws of its ladder; `yours`: the clock that runs is the reader's."""

    state: str
    look: str
    waits_for: str
    yours: bool
    term: Term | None
    due_at: datetime | None
    term_source: str
    steps: list[StepOut]
    silent: list[Silent]
    spent: list[Spent]
    moves: list[Move]

    @property
    def elsewhere(self) -> list[Move]:
        """Moves with a page of their own."""
        return [move for move in self.moves if move.event not in DECIDED_ON_THE_PAGE]

    @property
    def decides(self) -> bool:
        return any(move.event in DECIDED_ON_THE_PAGE for move in self.moves)


def view_of(
    page: Page, session: Session, office: Office, proceeding: Proceeding, names: dict[str, str]
) -> LadderView:
    procedure = machine.procedure_of(session, proceeding)
    state = procedure.states[proceeding.state]
    facts = Ladder().facts(session, proceeding)
    spent = elapsed(session, office, proceeding, now=office.clock.now())
    who = Names(page, session, proceeding, names)
    return LadderView(
        state=page.say_words(state.title),
        look=state.look,
        waits_for=who.of(state.waits_for),
        yours=parties.speaks(session, page.reader, proceeding, state.waits_for),
        term=term_of(page, proceeding, state),
        due_at=proceeding.due_at,
        term_source=_source(state, facts),
        steps=[step_out(one, procedure) for one in machine.history(session, proceeding.id)],
        silent=foreseen(page, office, procedure, facts, proceeding, who),
        spent=[
            Spent(who.of(party), tenths)
            for party, days in spent.items()
            if (tenths := round(days, 1))
        ],
        moves=moves_of(page, session, proceeding),
    )


def moves_of(page: Page, session: Session, proceeding: Proceeding) -> list[Move]:
    """What the reader may do now, by the book and by the scopes of how he came in."""
    found = machine.possible(session, page.reader, Ladder(), proceeding)
    return [one for one in found if page.reader.can(scope_of(one.event))]


def scope_of(event: str) -> str:
    return "request:write" if event in ASKING else "request:decide"


def waits_for_reader(page: Page, session: Session, proceeding: Proceeding, state: State) -> bool:
    """Whether the reader's move is awaited; the producer is, too, while others look at it first."""
    awaited = state.waits_for
    if not awaited or proceeding.ends_at is not None:
        return False
    if parties.speaks(session, page.reader, proceeding, awaited):
        return bool(moves_of(page, session, proceeding))
    producers = any(
        parties.speaks(session, page.reader, proceeding, side)
        for side in ("produsen.head", "produsen.steward")
    )
    return producers and any(
        one.event not in LEAVING for one in moves_of(page, session, proceeding)
    )


def term_of(page: Page, proceeding: Proceeding, state: State) -> Term | None:
    """The clock of the state that runs, in the days of the party for which it is counted."""
    if proceeding.due_at is None or state.clock is None or proceeding.ends_at is not None:
        return None
    counted_for = {"pemohon": proceeding.requester, "produsen": proceeding.producer}
    agency = counted_for.get(state.clock.calendar) or ""
    return term(proceeding.entered_at, proceeding.due_at, page.clock, agency)


def foreseen(
    page: Page,
    office: Office,
    procedure: Procedure,
    facts: Facts,
    proceeding: Proceeding,
    who: "Names",
) -> list[Silent]:
    """The chain of silence from here: what the clock will do, one step after the other."""
    state, due, told = procedure.states[proceeding.state], proceeding.due_at, list[Silent]()
    while state.clock is not None and due is not None and len(told) < FORESEEN:
        move = procedure.silent_move(state, facts)
        after = procedure.states[move.to]
        at, due, days = due, None, None
        if after.clock is not None:
            days = after.clock.days(facts)
            counted = days_of(office, proceeding, after.clock.calendar)
            due = counted.end_of(at.astimezone(office.clock.zone), days)
        title, stands = page.say_words(move.title), page.say_words(after.title)
        source = _source(after, facts)
        told.append(Silent(at, title, stands, days, source, who.of(after.waits_for)))
        state = after
    return told


def _source(state: State, facts: Facts) -> str:
    return "" if state.clock is None else state.clock.term(facts).source


class Names:
    """Parties of one proceeding in words; mandates by the titles of their book."""

    def __init__(
        self, page: Page, session: Session, proceeding: Proceeding, names: dict[str, str]
    ) -> None:
        self._page, self._proceeding, self._names = page, proceeding, names
        self._mandates = rules.current(session, "mandat").body["mandates"]

    def of(self, party: str) -> str:
        """`""` for nobody."""
        side, _, role = party.partition(".")
        if side == parties.MANDATE:
            return str(self._mandates[role]["title"][self._page.language])
        word = self._page.say(SIDES[party]) if party in SIDES else party
        agencies = {"pemohon": self._proceeding.requester, "produsen": self._proceeding.producer}
        agency = agencies.get(side)
        return f"{word} ({self._names.get(agency, agency)})" if agency else word
