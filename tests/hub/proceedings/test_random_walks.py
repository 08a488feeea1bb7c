"""Whatever people do and do not do, and whenever the clock is looked at, no request is lost."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.db import unit_of_work
from hub.grants.ladder import Ladder
from hub.proceedings import machine, ticking
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.procedure import Procedure, parse
from hub.rules import service as rules
from tests.hub.proceedings.conftest import MORNING, PEOPLE, REASON, Regency

ASKED = st.tuples(
    st.sampled_from(["pribadi", "terbatas", "pribadi", "berbagi"]), st.booleans(), st.booleans()
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from([1, 20, 50, 150]),  # hours until the next look or act
        st.sampled_from(["tick", "wait", "act", "act", "act"]),
        st.integers(0, 11),  # which of the moves that are possible
    ),
    min_size=4,
    max_size=16,
)
FORWARDED_TO = "bpbj/berbagi"
OPEN = frozenset({"aktif", "disetujui", "disetujui_sebagian", "disetujui_otomatis"})
"""Where access stands and nobody is waited for; such a request leaves by the life of its grant."""


def test_no_walk_loses_a_request(regency: Regency) -> None:
    """And the walks come to nearly every state that there is."""
    reached = set[str]()
    walks = 140 if regency.engine.dialect.name == "sqlite" else 40

    @settings(max_examples=walks, deadline=None, derandomize=True, database=None)
    @given(asked=ASKED, acts=ACTS)
    def walk(asked: tuple[str, bool, bool], acts: list[tuple[int, str, int]]) -> None:
        dataset, emergency, personal = asked
        regency.clock.hands[0] = MORNING
        number = regency.ask(dataset, emergency="Banjir" if emergency else "", personal=personal)
        for hours, what, choice in acts:
            regency.clock.hands[0] += timedelta(hours=hours)
            if what == "tick":
                assert regency.tick().failed == 0
            elif what == "act":
                _act(regency, number, choice)
            _is_somewhere(regency, number)
        _ends_by_silence(regency, number)
        _is_proven(regency, number)
        _nothing_personal_by_silence(regency, number)
        reached.update(step.to_state for step in regency.steps(number))

    walk()
    states = parse("permintaan-data", 0, rules.packaged("permintaan-data").body).states
    assert len(states.keys() - reached) <= (3 if walks > 100 else 8)


def _act(regency: Regency, number: str, choice: int) -> None:
    """One of the moves that anybody may make now, if there is one."""
    subject = Ladder()
    with unit_of_work(regency.engine) as session:
        found = session.get_one(Proceeding, number)
        able = {
            move.event: who
            for who in (regency.who(session, name) for name in PEOPLE)
            for move in machine.possible(session, who, subject, found)
            if move.event != "alihkan" or found.dataset != FORWARDED_TO
        }
        if able:
            event, who = sorted(able.items(), key=_event)[choice % len(able)]
            said = {"dataset": FORWARDED_TO} if event == "alihkan" else {"ground": "T01"}
            machine.move(
                session, regency.office, who, subject, number, event, reason=REASON, said=said
            )


def _event(able: tuple[str, Principal]) -> str:
    return able[0]


def _is_somewhere(regency: Regency, number: str) -> None:
    """At an end, with access, or with somebody who is waited for and a clock that runs."""
    found, procedure = regency.proceeding(number), _procedure(regency, number)
    state = procedure.states[found.state]
    if state.end:
        assert found.ends_at is not None
        assert found.due_at is None
    elif state.clock is None:
        assert found.state in OPEN | {"dianggap_disetujui"}
    else:
        assert state.waits_for
        assert found.due_at is not None
        assert found.due_at > found.entered_at


def _ends_by_silence(regency: Regency, number: str) -> None:
    """Nobody does anything any more: within a year it is closed, or access stands."""
    moment = regency.clock.hands[0]
    assert regency.tick(f"{(moment + timedelta(days=365)).replace(tzinfo=None)}").failed == 0
    found, procedure = regency.proceeding(number), _procedure(regency, number)
    assert procedure.states[found.state].end or found.state in OPEN
    assert found.due_at is None


def _is_proven(regency: Regency, number: str) -> None:
    steps, procedure = regency.steps(number), _procedure(regency, number)
    assert machine.broken_at(steps) is None
    assert all(one.at <= other.at for one, other in pairwise(steps))
    assert all(one.to_state == other.from_state for one, other in pairwise(steps))
    entries = [step.entry for step in steps]
    assert len(set(entries)) == len(entries)
    own = regency.entries(number)
    assert set(entries) <= set(own)
    assert len(own) == len(entries)
    made = Counter(step.event for step in steps)
    bounds = {move.event: move.at_most for move in procedure.moves if move.at_most is not None}
    assert all(made[event] <= bound for event, bound in bounds.items())


def _nothing_personal_by_silence(regency: Regency, number: str) -> None:
    """The only yes by silence is the deemed one, and never for personal data."""
    procedure = _procedure(regency, number)
    with Session(regency.engine) as session:
        facts = Ladder().facts(session, session.get_one(Proceeding, number))
    for step in regency.steps(number):
        if step.by_clock:
            effect = _effect(procedure, step)
            assert not effect.startswith("give") or (
                step.to_state == "dianggap_disetujui" and facts["silence_is_yes"]
            )
            assert not (facts["personal"] and effect in ("give_deemed", "restore"))


def _effect(procedure: Procedure, step: Step) -> str:
    """Of the move that this step was."""
    (found,) = {
        move.effect
        for move in procedure.moves_from(step.from_state)
        if (move.event, move.to) == (step.event, step.to_state)
    }
    return found


def _procedure(regency: Regency, number: str) -> Procedure:
    with Session(regency.engine) as session:
        return machine.procedure_of(session, session.get_one(Proceeding, number))


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    dataset=st.sampled_from(["terbatas", "pribadi"]),
    hours=st.lists(st.integers(1, 20 * 24), min_size=1, max_size=8),
)
def test_when_the_clock_is_looked_at_makes_no_difference_to_silence(
    regency: Regency, dataset: str, hours: list[int]
) -> None:
    """Any ticks, early or late, come to the same steps at the same moments as one after everything."""
    regency.clock.hands[0] = MORNING
    often = regency.ask(dataset)
    for gap in hours:
        regency.clock.hands[0] += timedelta(hours=gap)
        regency.tick()
    end = MORNING + timedelta(days=365)
    regency.clock.hands[0] = MORNING
    once = regency.ask(dataset)
    regency.clock.hands[0] = end
    ticking.tick(regency.engine, regency.office, {"permintaan-data": Ladder()}, now=end)
    assert _silence(regency, often) == _silence(regency, once)


def _silence(regency: Regency, number: str) -> list[tuple[datetime, str, str]]:
    return [(step.at, step.event, step.to_state) for step in regency.steps(number) if step.by_clock]
