"""What must hold of a row, as a small algebra over questions about single columns.

A cell is *filled* when it is neither null nor empty. A column is *given* when the row has the property at
all. A question is put to filled cells only and is taken to hold where the cell is not filled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from schemas.columnar.questions import Question


@dataclass(frozen=True)
class Constant:
    """Holds of every row, or of none."""

    value: bool


@dataclass(frozen=True)
class Filled:
    """The cell of the column is neither null nor empty."""

    column: str


@dataclass(frozen=True)
class Given:
    """The property is in the row, be it null: true of every row when the file has the column."""

    column: str


@dataclass(frozen=True)
class Asked:
    """The cell is not filled, or the answer to the question is yes."""

    column: str
    question: Question


class _Whole:
    """A part made of parts: its hash is worked out once, for parts are shared and looked up often."""

    @cached_property
    def _hash(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Not(_Whole):
    part: "Expression"

    __hash__ = _Whole.__hash__


@dataclass(frozen=True)
class All(_Whole):
    parts: tuple["Expression", ...]

    __hash__ = _Whole.__hash__


@dataclass(frozen=True)
class Any(_Whole):
    parts: tuple["Expression", ...]

    __hash__ = _Whole.__hash__


Expression: TypeAlias = Constant | Filled | Given | Asked | Not | All | Any

TRUE = Constant(True)
FALSE = Constant(False)


def negation(part: Expression) -> Expression:
    match part:
        case Constant(value):
            return Constant(not value)
        case Not(inner):
            return inner
        case _:
            return Not(part)


def all_of(parts: Iterable[Expression]) -> Expression:
    """Every part holds; the same part is kept once."""
    kept = _flat(parts, All, TRUE)
    if FALSE in kept or any(negation(part) in kept for part in kept):
        return FALSE
    return _one_or(All, kept, TRUE)


def any_of(parts: Iterable[Expression]) -> Expression:
    """Some part holds. What holds of unfilled cells anyway needs no leave for them beside it."""
    kept = _flat(parts, Any, FALSE)
    if TRUE in kept or any(negation(part) in kept for part in kept):
        return TRUE
    for part in list(kept):
        if isinstance(part, Not) and isinstance(part.part, Filled):
            column = part.part.column
            if any(_holds_unfilled(other, column) for other in kept if other != part):
                del kept[part]
    return _one_or(Any, kept, FALSE)


def _holds_unfilled(part: Expression, column: str) -> bool:
    """Sure to hold where the cell of the column is not filled."""
    match part:
        case Asked(name, _) | Not(Filled(name)):
            return name == column
        case All(parts):
            return all(_holds_unfilled(inner, column) for inner in parts)
        case Any(parts):
            return any(_holds_unfilled(inner, column) for inner in parts)
        case _:
            return False


def _flat(
    parts: Iterable[Expression], kind: type[All] | type[Any], neutral: Constant
) -> dict[Expression, None]:
    kept: dict[Expression, None] = {}
    for part in parts:
        inner = part.parts if isinstance(part, kind) else (part,)
        kept.update(dict.fromkeys(p for p in inner if p != neutral))
    return kept


def _one_or(
    kind: type[All] | type[Any], kept: dict[Expression, None], neutral: Constant
) -> Expression:
    parts = tuple(kept)
    if len(parts) < 2:
        return parts[0] if parts else neutral
    return kind(parts)


def questions_of(expression: Expression) -> dict[str, set[Question]]:
    """What is asked about each column."""
    asked: dict[str, set[Question]] = {}
    seen: set[Expression] = set()
    left = [expression]
    while left:
        part = left.pop()
        if part in seen:
            continue
        seen.add(part)
        match part:
            case Asked(column, question):
                asked.setdefault(column, set()).add(question)
            case Not(inner):
                left.append(inner)
            case All(parts) | Any(parts):
                left.extend(parts)
    return asked
