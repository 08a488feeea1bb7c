"""Questions that a kernel can answer about a filled cell, exactly."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.columnar.patterns import Pattern

Number: TypeAlias = int | float


@dataclass(frozen=True)
class Readable:
    """The cell holds a value of the column's kind, which the kept column can hold and which was read."""


@dataclass(frozen=True)
class OneOf:
    """The value is listed: texts, numbers or truth values, according to the column's kind."""

    values: tuple[str | Number, ...]


@dataclass(frozen=True)
class AtLeast:
    bound: Number


@dataclass(frozen=True)
class AtMost:
    bound: Number


@dataclass(frozen=True)
class Above:
    bound: Number


@dataclass(frozen=True)
class Below:
    bound: Number


@dataclass(frozen=True)
class MultipleOf:
    """A whole number divides the value, which is whole."""

    step: int


@dataclass(frozen=True)
class Whole:
    """The number has no fraction."""


@dataclass(frozen=True)
class NoShorter:
    """The text has at least so many code points."""

    length: int


@dataclass(frozen=True)
class NoLonger:
    """The text has at most so many code points."""

    length: int


@dataclass(frozen=True)
class Matches:
    pattern: Pattern


@dataclass(frozen=True)
class HasFormat:
    """The text surely has the format; a no may also mean that it is not sure."""

    name: str


Question: TypeAlias = (
    Readable
    | OneOf
    | AtLeast
    | AtMost
    | Above
    | Below
    | MultipleOf
    | Whole
    | NoShorter
    | NoLonger
    | Matches
    | HasFormat
)
FORMATS = frozenset({"date", "date-time", "time", "email", "uuid", "uri"})
"""Formats that `HasFormat` knows."""
