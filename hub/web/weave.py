"""The weave: who gives to whom, as crossing threads with a knot where data flows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from hub.access.sharing import Flow

STEP = 42
"""Between two threads, in units of the drawing."""
FEWEST = 10
"""Threads across that are drawn in any case, so that a weave of one knot is no bigger than others."""
MOST = 12
"""Agencies in the drawing; the table beneath has them all."""


@dataclass(frozen=True)
class Knot:
    x: int
    y: int
    radius: float
    giver: str
    taker: str
    count: int


@dataclass(frozen=True)
class Weave:
    """`givers` are the rows, `takers` the columns, by code; `left` is the room for their names."""

    givers: tuple[str, ...]
    takers: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]

    left: int = 132
    top: int = 96

    @property
    def width(self) -> int:
        return self.left + STEP * max(FEWEST, len(self.takers)) + 60

    @property
    def height(self) -> int:
        return self.top + STEP * len(self.givers)

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Each giver with the height of its thread."""
        return [(code, self.top + 16 + STEP * place) for place, code in enumerate(self.givers)]

    @property
    def columns(self) -> list[tuple[str, int]]:
        return [(code, self.left + 16 + STEP * place) for place, code in enumerate(self.takers)]

    @cached_property
    def knots(self) -> list[Knot]:
        at_x, at_y = dict(self.columns), dict(self.rows)
        return [
            Knot(at_x[taker], at_y[giver], round(min(4 + 2.6 * sqrt(n), 16), 1), giver, taker, n)
            for (giver, taker), n in self.counts.items()
        ]


def weave(flows: Iterable[Flow]) -> Weave | None:
    """None when nothing flows."""
    listed = list(flows)
    if not listed:
        return None
    givers = _by_weight((flow.giver, flow.count) for flow in listed)
    takers = _by_weight((flow.taker, flow.count) for flow in listed)
    counts = {
        (flow.giver, flow.taker): flow.count
        for flow in listed
        if flow.giver in givers and flow.taker in takers
    }
    return Weave(givers, takers, counts)


def _by_weight(weighed: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    sums: dict[str, int] = {}
    for code, count in weighed:
        sums[code] = sums.get(code, 0) + count
    return tuple(sorted(sums, key=lambda code: (-sums[code], code))[:MOST])
