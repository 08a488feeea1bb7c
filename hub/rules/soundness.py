"""Whether a procedure can lose what waits in it: every state is left, every silence has one answer. Pure.

A sound procedure ends: under silence alone because no silent move comes back to where it began, and
with people because whatever does come back can be done a bounded number of times.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Body = Mapping[str, Any]
CLOCK, HUB = "clock", "hub"
OTHER = "\0other"
"""Stands for every value of a fact that the book does not name."""


def faults(body: Body, mandates: Collection[str]) -> Iterator[dict[str, str]]:
    """Every place (`pointer`, `fault`) where a body of the shape `procedure` is not sound."""
    unknown = list(_unknown_names(body, mandates))
    yield from unknown
    if unknown:
        return
    yield from _states_alone(body)
    yield from _unreached(body)
    for name, state in body["states"].items():
        if "clock" in state:
            yield from _clock(body, name, state["clock"])
        yield from _ambiguous(body, name)
    for number, move in enumerate(body["moves"]):
        yield from _move(body, number, move)
    yield from _circles(body)


def silent(move: Body) -> bool:
    return CLOCK in move["by"]


def _fault(pointer: str, fault: str) -> dict[str, str]:
    return {"pointer": pointer, "fault": fault}


def _unknown_names(body: Body, mandates: Collection[str]) -> Iterator[dict[str, str]]:
    states = body["states"]
    if body["initial"] not in states:
        yield _fault("/initial", f"there is no state {body['initial']}")
    for number, move in enumerate(body["moves"]):
        for name in {*move["from"], move["to"]} - states.keys():
            yield _fault(f"/moves/{number}", f"there is no state {name}")
    for pointer, party in _parties(body):
        side, _, name = party.partition(".")
        if side == "mandat" and name not in mandates:
            yield _fault(pointer, f"there is no mandate {name}")


def _parties(body: Body) -> Iterator[tuple[str, str]]:
    for name, state in body["states"].items():
        if "waits_for" in state:
            yield f"/states/{name}/waits_for", state["waits_for"]
        for number, notice in enumerate(state.get("clock", {}).get("notices", ())):
            for party in notice["to"]:
                yield f"/states/{name}/clock/notices/{number}", party
    for number, move in enumerate(body["moves"]):
        for party in (*move["by"], *move.get("not_by", ()), *move.get("tell", ())):
            yield f"/moves/{number}", party


def _states_alone(body: Body) -> Iterator[dict[str, str]]:
    """An end is left by nobody; where somebody is waited for a clock runs; the rest the hub leaves."""
    for name, state in body["states"].items():
        pointer, leaving = f"/states/{name}", _leaving(body, name)
        if state.get("end"):
            if leaving or "clock" in state or "waits_for" in state:
                yield _fault(pointer, "an end has neither moves nor a clock, and waits for nobody")
        elif not leaving:
            yield _fault(pointer, "no move leaves it, and it is no end")
        elif "clock" in state and "waits_for" not in state:
            yield _fault(pointer, "a clock runs only where somebody is waited for")
        elif "waits_for" in state and "clock" not in state and not _only_by_silence(body, name):
            yield _fault(pointer, "somebody is waited for without a clock")
        elif not {"clock", "waits_for"} & state.keys() and not _left_by_hub(leaving):
            yield _fault(pointer, "without a clock, the hub must be able to leave it")


def _only_by_silence(body: Body, name: str) -> bool:
    """Arrears: the clock has run out already on whoever is waited for, and it stands until he acts."""
    return all(silent(move) for move in body["moves"] if move["to"] == name)


def _left_by_hub(leaving: Sequence[Body]) -> bool:
    return any(HUB in move["by"] for move in leaving)


def _unreached(body: Body) -> Iterator[dict[str, str]]:
    reached, waiting = set[str](), [body["initial"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(move["to"] for move in _leaving(body, name))
    for name in sorted(body["states"].keys() - reached):
        yield _fault(f"/states/{name}", "no path leads to it")


def _clock(body: Body, name: str, clock: Body) -> Iterator[dict[str, str]]:
    """Whatever the facts are, one term fits and one silent move is made."""
    pointer = f"/states/{name}/clock"
    yield from _terms(pointer, clock["terms"])
    marks = [notice["mark"] for notice in clock.get("notices", ())]
    for mark in sorted({mark for mark in marks if marks.count(mark) > 1}):
        yield _fault(f"{pointer}/notices", f"the mark {mark} is there twice")
    for number, notice in enumerate(clock.get("notices", ())):
        if notice["mark"] != _mark(notice["days"]):
            at = f"{pointer}/notices/{number}"
            yield _fault(at, f"{notice['days']} days are the mark {_mark(notice['days'])}")
    moves = [move for move in _leaving(body, name) if silent(move)]
    if any(move["event"] != clock["then"] for move in moves):
        yield _fault(f"{pointer}/then", "a silent move of another event never comes")
    for facts in _combinations(body, moves):
        fitting = sum(_fits(move, facts) for move in moves)
        if fitting != 1:
            said = ", ".join(f"{key}={value}" for key, value in facts.items()) or "always"
            yield _fault(f"{pointer}/then", f"{fitting} silent moves fit instead of one ({said})")


def _mark(days: int) -> str:
    return f"H{days:+}" if days else "H"


def _terms(pointer: str, terms: Sequence[Body]) -> Iterator[dict[str, str]]:
    *others, last = terms
    if last.get("when"):
        yield _fault(f"{pointer}/terms/{len(others)}", "the last term must always fit")
    for number, term in enumerate(others):
        if not term.get("when"):
            yield _fault(f"{pointer}/terms/{number}", "terms after this one never fit")


def _ambiguous(body: Body, name: str) -> Iterator[dict[str, str]]:
    """Two moves of one event must not fit at the same time, or nobody can say which is meant."""
    moves = [move for move in _leaving(body, name) if not silent(move)]
    for one, other in combinations(moves, 2):
        if one["event"] == other["event"] and any(
            _fits(one, facts) and _fits(other, facts) for facts in _combinations(body, (one, other))
        ):
            yield _fault(f"/states/{name}", f"two moves {one['event']} fit at the same time")


def _move(body: Body, number: int, move: Body) -> Iterator[dict[str, str]]:
    pointer = f"/moves/{number}"
    if silent(move):
        if move["by"] != [CLOCK]:
            yield _fault(pointer, "a silent move is made by the clock alone")
        for name in move["from"]:
            if "clock" not in body["states"][name]:
                yield _fault(pointer, f"no clock runs in {name}")
    clock = move.get("clock")
    if clock is None:
        return
    if "clock" not in body["states"][move["to"]]:
        yield _fault(f"{pointer}/clock", f"no clock runs in {move['to']}")
    if clock["kind"] != "resume":
        if not clock.get("terms"):
            yield _fault(f"{pointer}/clock", "it says no term")
        else:
            yield from _terms(f"{pointer}/clock", clock["terms"])


def _circles(body: Body) -> Iterator[dict[str, str]]:
    """What can be done without bound must not lead back to where it began."""
    unbounded = [move for move in body["moves"] if silent(move) or move.get("at_most") is None]
    ahead = {
        name: {move["to"] for move in unbounded if name in move["from"]} for name in body["states"]
    }
    while free := {name for name, following in ahead.items() if not following & ahead.keys()}:
        ahead = {name: following for name, following in ahead.items() if name not in free}
    if ahead:
        round_trip = ", ".join(sorted(ahead))
        yield _fault("/moves", f"it can go in circles without end through {round_trip}")


def _leaving(body: Body, name: str) -> list[Body]:
    return [move for move in body["moves"] if name in move["from"]]


def _combinations(body: Body, moves: Sequence[Body]) -> Iterator[dict[str, Any]]:
    """Every combination of the facts that these moves ask for."""
    names = sorted({name for move in moves for name in move.get("when", {})})
    domains = [_values(body, name) for name in names]
    for values in product(*domains):
        yield dict(zip(names, values, strict=True))


def _values(body: Body, name: str) -> list[Any]:
    """Every value of a fact that the book tells apart."""
    named = {value for move in body["moves"] for value in move.get("when", {}).get(name, ())}
    return [True, False] if named <= {True, False} else [*sorted(named, key=str), OTHER]


def _fits(move: Body, facts: Mapping[str, Any]) -> bool:
    return all(facts[name] in values for name, values in move.get("when", {}).items())
