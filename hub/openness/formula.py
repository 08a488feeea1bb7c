"""The formula of the index (domain.md §4.5): cases in, a score from 0 to 100 out. Pure.

Weights, the fewest cases, parts and bands are those of the book `indeks-keterbukaan`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from typing import Any

LETTERS = ("A", "B", "C", "D", "E", "F")
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Case:
    """One thing that is counted: how far it is good, from 0 to 1; None is listed but left out.

    `kind` says what `id` names (dataset, priority_data, request, source); `why` is a word of
    `hub.openness.words`; `part` is a part of the component; `at` is the day or moment, as text.
    """

    kind: str
    id: str
    value: float | None
    why: str
    part: str = ""
    at: str = ""


Cases = Mapping[str, Sequence[Case]]
"""By the letter of the component."""


@dataclass(frozen=True)
class Part:
    """What a component is made of: `numerator` of `denominator`, with its share of the component."""

    name: str
    weight: float
    numerator: float
    denominator: int

    @property
    def share(self) -> float:
        return self.numerator / self.denominator


@dataclass(frozen=True)
class Component:
    """One letter of the index. `value` is 0 to 100, None without enough cases.

    `counted` is the weight after that of the others was spread, `points` what it brings to the score.
    """

    letter: str
    weight: float
    counted: float
    value: float | None
    points: float
    cases: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Result:
    """`exact` is not rounded; `score` has two decimals. All None when no component has enough cases."""

    score: float | None
    band: str | None
    exact: float | None
    components: tuple[Component, ...]

    def component(self, letter: str) -> Component:
        return next(one for one in self.components if one.letter == letter)


def evaluate(book: Mapping[str, Any], cases: Cases) -> Result:
    """The score of these cases under the body of the book."""
    bare = [_bare(book, letter, cases.get(letter, ())) for letter in LETTERS]
    known = fsum(one.weight for one in bare if one.value is not None)
    components = tuple(_spread(one, known) for one in bare)
    if not known:
        return Result(None, None, None, components)
    exact = fsum(one.points for one in components)
    score = rounded(exact)
    return Result(score, band_of(book, score), exact, components)


def band_of(book: Mapping[str, Any], score: float) -> str:
    """The best band whose lower bound is reached; the last one has none."""
    for band in book["bands"]:
        if score >= band["from"]:
            return str(band["band"])
    return str(book["bands"][-1]["band"])


def reliability(book: Mapping[str, Any], uptime: float) -> float:
    """How far an uptime (0 to 1) is good: 0 up to the floor, 1 from floor and span on."""
    floor, span = float(book["uptime"]["floor"]), float(book["uptime"]["span"])
    return min(1.0, max(0.0, (uptime - floor) / span))


def rounded(value: float) -> float:
    """Two decimals, halves upward."""
    return float(Decimal(repr(value)).quantize(HUNDREDTH, ROUND_HALF_UP))


def _bare(book: Mapping[str, Any], letter: str, cases: Sequence[Case]) -> Component:
    said = book["components"][letter]
    counted = [case for case in cases if case.value is not None]
    parts = _parts(said.get("parts", {"": 1}), counted)
    enough = parts and len({case.id for case in counted}) >= said["min_cases"]
    value = 100 * fsum(part.weight * part.share for part in parts) if enough else None
    return Component(letter, said["weight"], 0.0, value, 0.0, len(counted), parts)


def _parts(weights: Mapping[str, float], counted: Sequence[Case]) -> tuple[Part, ...]:
    """Parts that have cases; the weight of the others is spread over them."""
    of_part = {name: [c.value or 0.0 for c in counted if c.part == name] for name in weights}
    known = fsum(weights[name] for name, values in of_part.items() if values)
    return tuple(
        Part(name, weights[name] / known, fsum(values), len(values))
        for name, values in of_part.items()
        if values
    )


def _spread(one: Component, known: float) -> Component:
    if one.value is None:
        return one
    counted = 100 * one.weight / known
    return Component(
        one.letter,
        one.weight,
        counted,
        one.value,
        counted * one.value / 100,
        one.cases,
        one.parts,
    )
