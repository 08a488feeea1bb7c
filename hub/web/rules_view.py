"""A rule book as people read it: what holds, where it comes from, what the regency changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import AccessClass
from hub.proceedings.procedure import Move, Notice, Procedure, State, Term, parse
from hub.rules import service as rules
from hub.rules.service import Book
from hub.web import formats
from hub.web.page import Page
from hub.web.rule_words import CALENDARS, NAMES, PARTIES, condition
from hub.web.translation import N_
from hub.web.words import CLASSES

PLAIN = (str, int, float, bool, type(None))
SAID_ELSEWHERE = frozenset({"source", "proposal", "title", "title_en"})
"""What a part says about itself, beside its values."""


@dataclass(frozen=True)
class Days:
    """One term: how many working days, in which case, from which rule."""

    days: int
    when: str
    source: str


@dataclass(frozen=True)
class Going:
    """A move out of a state: how it is called, who makes it, where to, and what holds of it."""

    title: str
    by: str
    to: str
    when: str
    source: str
    at_most: int | None
    needs_reason: bool
    days: list[Days]


@dataclass(frozen=True)
class Rung:
    """A state as it is drawn."""

    name: str
    title: str
    look: str
    end: bool
    waits_for: str
    calendar: str
    days: list[Days]
    notices: list[tuple[str, str]]
    silent: list[Going]
    moves: list[Going]
    note: str


@dataclass(frozen=True)
class Part:
    """A part of a book of values: `text` when it is one value, `parts` when it has some."""

    label: str
    text: str
    source: str
    proposal: bool
    parts: "list[Part]"


@dataclass(frozen=True)
class Changed:
    """A value that the regency replaced; None where there is or was none."""

    where: str
    before: str | None
    now: str | None


@dataclass(frozen=True)
class Reader:
    """Says a book in the reader's language; `mandates` are the titles of their book."""

    page: Page
    mandates: Mapping[str, Any]

    def title(self, book: Book) -> str:
        return self.text(book.body["title"]) if "title" in book.body else self.name(book.name)

    def rungs(self, book: Book) -> list[Rung]:
        """The states of a procedure, in the order of the book."""
        procedure = parse(book.name, book.version, book.body)
        return [self._rung(procedure, book, state) for state in procedure.states.values()]

    def parts(self, book: Book) -> list[Part]:
        return self._parts(book.body, frozenset({"note"}))

    def changes(self, before: Book, now: Book) -> list[Changed]:
        """What differs, in the order of the older one, then what is new."""
        old, new = dict(_leaves(before.body)), dict(_leaves(now.body))
        places = [*old, *(place for place in new if place not in old)]
        return [
            Changed(self.place(now, place), self._shown(old, place), self._shown(new, place))
            for place in places
            if old.get(place) != new.get(place)
        ]

    def place(self, book: Book, place: Sequence[str]) -> str:
        """Where a value stands: the titles on the way to it."""
        said, part = [], book.body
        for step in place:
            known = isinstance(part, Sequence) or step in part
            part = (part[int(step)] if isinstance(part, Sequence) else part[step]) if known else {}
            own = part.get("title") if isinstance(part, Mapping) else None
            label = self.text(own) if own else self.name(step)
            if step not in ("states", "moves", "clock") and not label.isdecimal():
                said.append(label)
            if isinstance(part, Mapping) and "when" in part:
                said.append(self._when(part["when"]))
        return " › ".join(said)

    def name(self, key: str) -> str:
        if key in AccessClass.__members__:
            return self.page.say(CLASSES[AccessClass(key)])
        return self.page.say(NAMES[key]) if key in NAMES else key.replace("_", " ")

    def text(self, said: Any) -> str:
        """A value in words: texts in two languages, yes and no, numbers."""
        match said:
            case {"id": str(own), "en": str(english)}:
                return english if self.page.language == "en" else own
            case bool():
                return self.page.say(N_("ya") if said else N_("tidak"))
            case int() | float():
                return formats.number(said, self.page.language)
            case None | "":
                return "–"
        return str(said)

    def party(self, name: str) -> str:
        side, _, mandate = name.partition(".")
        if side == "mandat":
            entry = self.mandates.get(mandate, {})
            return self.text(entry["title"]) if "title" in entry else mandate
        return self.page.say(PARTIES[name]) if name in PARTIES else name

    def _rung(self, procedure: Procedure, book: Book, state: State) -> Rung:
        moves = list(procedure.moves_from(state.name))
        clock = state.clock
        return Rung(
            name=state.name,
            title=self.page.say_words(state.title),
            look=state.look,
            end=state.end,
            waits_for=self.party(state.waits_for) if state.waits_for else "",
            calendar=self.page.say(CALENDARS[clock.calendar]) if clock else "",
            days=[self._days(term) for term in clock.terms] if clock else [],
            notices=[self._notice(notice) for notice in clock.notices] if clock else [],
            silent=[self._going(procedure, book, one) for one in moves if one.by_clock],
            moves=[self._going(procedure, book, one) for one in moves if not one.by_clock],
            note=str(book.body["states"][state.name].get("note", "")),
        )

    def _days(self, term: Term) -> Days:
        return Days(term.days, self._when(term.when), term.source)

    def _notice(self, notice: Notice) -> tuple[str, str]:
        return notice.mark, ", ".join(self.party(one) for one in notice.to)

    def _going(self, procedure: Procedure, book: Book, move: Move) -> Going:
        said = book.body["moves"][procedure.moves.index(move)]
        return Going(
            title=self.page.say_words(move.title),
            by=", ".join(self.party(one) for one in move.by),
            to=self.page.say_words(procedure.states[move.to].title),
            when=self._when(move.when),
            source=said.get("source", ""),
            at_most=move.at_most,
            needs_reason=move.needs_reason,
            days=[self._days(term) for term in move.retimed.terms] if move.retimed else [],
        )

    def _when(self, when: Mapping[str, Any]) -> str:
        return ", ".join(
            self.page.say(known) if known else other for known, other in condition(when)
        )

    def _parts(self, body: Mapping[str, Any], left_out: frozenset[str]) -> list[Part]:
        """English texts beside their Indonesian ones (`title_en`) are not shown a second time."""
        return [
            self._part(self.name(key), self._translated(body, key))
            for key in body
            if key not in SAID_ELSEWHERE | left_out
            and not (key.endswith("_en") and key.removesuffix("_en") in body)
        ]

    def _translated(self, body: Mapping[str, Any], key: str) -> Any:
        english = body.get(f"{key}_en") if self.page.language == "en" else None
        return body[key] if english is None else english

    def _part(self, label: str, value: Any) -> Part:
        if isinstance(value, PLAIN) or (
            isinstance(value, Mapping) and value.keys() == {"id", "en"}
        ):
            return Part(label, self.text(value), "", False, [])
        if isinstance(value, Mapping):
            own = self._translated(value, "title") if "title" in value else label
            return Part(
                self.text(own),
                "",
                str(value.get("source", "")),
                bool(value.get("proposal", False)),
                self._parts(value, frozenset()),
            )
        if all(isinstance(one, PLAIN) for one in value):
            return Part(label, ", ".join(self.text(one) for one in value) or "–", "", False, [])
        rows = [self._part(str(number), one) for number, one in enumerate(value, start=1)]
        return Part(label, "", "", False, rows)

    def _shown(self, leaves: Mapping[tuple[str, ...], Any], place: tuple[str, ...]) -> str | None:
        return self.text(leaves[place]) if place in leaves else None


def reader_of(page: Page, mandates: Book) -> Reader:
    return Reader(page, mandates.body["mandates"])


@dataclass(frozen=True)
class Field:
    """A value that the form changes: its place in the book, what it is (`days`, `number`, `text`, `yes`)."""

    place: tuple[str, ...]
    kind: str
    value: Any


def fields(book: Book) -> list[Field]:
    """What can be changed without writing JSON: days and numbers, their sources, whether it is a proposal.

    Those that stand in one place follow one another, as the form shows them and sends them back.
    """
    procedure = rules.is_procedure(book)
    groups: dict[tuple[str, ...], list[Field]] = {}
    for place, value in _leaves(book.body):
        kind = _kind(place, value)
        if kind and (not procedure or _of_a_term(place)):
            groups.setdefault(place[:-1], []).append(Field(place, kind, value))
    return [field for group in groups.values() for field in group]


def _of_a_term(place: tuple[str, ...]) -> bool:
    return place == ("proposal",) or (place[-1] in ("days", "source") and "terms" in place)


def _kind(place: tuple[str, ...], value: Any) -> str:
    if place == ("proposal",):
        return "yes"
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "days"
    if isinstance(value, float):
        return "number"
    return "text" if place[-1] in ("source", "law") or place[-1].endswith("_source") else ""


def _leaves(part: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value with its place; a text in two languages is one value, and so is a plain list."""
    if isinstance(part, Mapping) and part.keys() != {"id", "en"}:
        for key, value in part.items():
            yield from _leaves(value, (*place, key))
    elif isinstance(part, list) and not all(isinstance(one, PLAIN) for one in part):
        for number, value in enumerate(part):
            yield from _leaves(value, (*place, str(number)))
    elif isinstance(part, list):
        yield place, ", ".join(str(one) for one in part)
    else:
        yield place, part
