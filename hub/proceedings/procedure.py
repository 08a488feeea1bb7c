"""A procedure as its rule book describes it: states with their clocks, moves with who may make them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from hub.rules import service as rules
from hub.rules.service import Book

Facts = Mapping[str, Any]
"""What is known of a subject at this moment, by the names that the book's conditions use."""
CLOCK = "clock"
HUB = "hub"


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    id: str
    en: str


@dataclass(frozen=True)
class Term:
    """So many working days when `when` fits; `source` is the rule they come from."""

    when: Mapping[str, tuple[Any, ...]]
    days: int
    source: str


@dataclass(frozen=True)
class Notice:
    """To be told so many working days after the term's end (negative: before), to these."""

    mark: str
    days: int
    to: tuple[str, ...]


@dataclass(frozen=True)
class Clock:
    """The term of a state, in the days of one party (`produsen`, `pemohon`) or of the regency ("").

    At its end the move `then` is made.
    """

    terms: tuple[Term, ...]
    calendar: str
    then: str
    notices: tuple[Notice, ...]

    def term(self, facts: Facts) -> Term:
        """The first term that fits; the book's check has seen that one does."""
        return next(term for term in self.terms if fits(term.when, facts))

    def days(self, facts: Facts) -> int:
        return self.term(facts).days


@dataclass(frozen=True)
class State:
    """`waits_for` is the party whose time runs ("" at an end); `look` a class of the stylesheet."""

    name: str
    title: Words
    waits_for: str
    end: bool
    look: str
    clock: Clock | None


@dataclass(frozen=True)
class Retimed:
    """How a move sets the clock: a term of its own, what was left before a pause, or some days more."""

    kind: str
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Move:
    """From any of `sources` to `to`, by those in `by`, never by those in `not_by`; `tell` hear of it.

    `restates`: what is asked is said anew, so the effect comes first and the ledger has its new digest.
    """

    event: str
    sources: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    not_by: tuple[str, ...]
    when: Mapping[str, tuple[Any, ...]]
    title: Words
    needs_reason: bool
    effect: str
    kind: str
    retimed: Retimed | None
    at_most: int | None
    tell: tuple[str, ...]
    restates: bool

    @property
    def by_clock(self) -> bool:
        return CLOCK in self.by


@dataclass(frozen=True)
class Procedure:
    """`ledger` is the type of the subject, the first word of the kind of its ledger entries."""

    name: str
    version: int
    title: Words
    ledger: str
    initial: str
    notice_hour: str
    states: Mapping[str, State]
    moves: tuple[Move, ...]

    def moves_from(self, state: str) -> Iterator[Move]:
        return (move for move in self.moves if state in move.sources)

    def silent_move(self, state: State, facts: Facts) -> Move:
        """The move that the clock makes at the end of the state's term."""
        assert state.clock is not None  # noqa: S101 - only states with a clock run out
        return next(
            move
            for move in self.moves_from(state.name)
            if move.by_clock and move.event == state.clock.then and fits(move.when, facts)
        )


def fits(when: Mapping[str, tuple[Any, ...]], facts: Facts) -> bool:
    """Whether each fact that is named has one of the values named with it."""
    return all(facts.get(name) in values for name, values in when.items())


def in_force(session: Session, name: str) -> Procedure:
    """The one by which something new begins."""
    return _read(rules.current(session, name))


def of_version(session: Session, name: str, version: int) -> Procedure:
    return _read(rules.of_version(session, name, version))


def parse(name: str, version: int, body: Mapping[str, Any]) -> Procedure:
    """A procedure from a body of the shape `procedure`."""
    return Procedure(
        name=name,
        version=version,
        title=_words(body["title"]),
        ledger=body["ledger"],
        initial=body["initial"],
        notice_hour=body["notice_hour"],
        states={key: _state(key, said) for key, said in body["states"].items()},
        moves=tuple(_move(said) for said in body["moves"]),
    )


def _read(book: Book) -> Procedure:
    return _parsed(book.name, book.version, json.dumps(book.body))


@lru_cache(maxsize=128)
def _parsed(name: str, version: int, text: str) -> Procedure:
    """Read once: lists ask for the same few books at every line."""
    return parse(name, version, json.loads(text))


def _state(name: str, said: Mapping[str, Any]) -> State:
    clock = said.get("clock")
    return State(
        name=name,
        title=_words(said["title"]),
        waits_for=said.get("waits_for", ""),
        end=said.get("end", False),
        look=said["look"],
        clock=None if clock is None else _clock(clock),
    )


def _clock(said: Mapping[str, Any]) -> Clock:
    notices = tuple(
        Notice(one["mark"], one["days"], tuple(one["to"])) for one in said.get("notices", ())
    )
    return Clock(_terms(said["terms"]), said.get("calendar", ""), said["then"], notices)


def _terms(said: list[Mapping[str, Any]]) -> tuple[Term, ...]:
    return tuple(Term(_when(one), one["days"], one["source"]) for one in said)


def _move(said: Mapping[str, Any]) -> Move:
    clock = said.get("clock")
    retimed = None if clock is None else Retimed(clock["kind"], _terms(clock.get("terms", [])))
    return Move(
        event=said["event"],
        sources=tuple(said["from"]),
        to=said["to"],
        by=tuple(said["by"]),
        not_by=tuple(said.get("not_by", ())),
        when=_when(said),
        title=_words(said["title"]),
        needs_reason=said.get("reason", False),
        effect=said.get("effect", ""),
        kind=said.get("kind", "moved"),
        retimed=retimed,
        at_most=said.get("at_most"),
        tell=tuple(said.get("tell", ())),
        restates=said.get("restates", False),
    )


def _when(said: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(values) for name, values in said.get("when", {}).items()}


def _words(said: Mapping[str, str]) -> Words:
    return Words(said["id"], said["en"])
