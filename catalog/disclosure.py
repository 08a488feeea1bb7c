"""Which cells of a table of counts must stay hidden so that no small one can be worked out.

Statistical disclosure control of tables (Hundepool et al., Statistical Disclosure Control, 2012,
ch. 4): cells of fewer than k are hidden, and with them as many others as it takes that nobody can
subtract their way back. The reader is taken to know every total that is k or more, of the whole
table and of each of its margins, whether or not it is shown: a coarser table may show it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from catalog.errors import TableTooFine

Cell = tuple[object, ...]
"""The values of the columns that a table is broken down by; every cell counts at least one."""

MOST_CELLS = 5_000
MOST_HIDDEN = 1_500
"""Of hidden cells that hang together: beyond it the equations are too many to be solved."""


@dataclass(frozen=True)
class Line:
    """Cells that add up to a total which the reader is taken to know."""

    cells: tuple[Cell, ...]
    total: int


def hidden_cells(
    counts: Mapping[Cell, int], k: int, *, also: Collection[Cell] = ()
) -> frozenset[Cell]:
    """The cells to hide: those below `k`, those in `also`, and what it takes to keep them hidden.

    Afterwards no hidden cell follows from the shown ones and the totals: neither as the solution of
    the equations nor because whole numbers from 1 up leave it no other value.
    Raises TableTooFine.
    """
    if len(counts) > MOST_CELLS:
        raise TableTooFine(len(counts), MOST_CELLS)
    lines = _lines(counts, k)
    through: dict[Cell, list[Line]] = defaultdict(list)
    for line in lines:
        for cell in line.cells:
            through[cell].append(line)
    primary = {cell for cell, count in counts.items() if count < k} | set(also)
    hidden = set(primary)
    while exposed := _exposed(hidden, primary, counts, through, k):
        more = _companions(exposed, hidden, counts, through)
        if not more:
            # Nothing is left to hide them behind: the whole table goes.
            return frozenset(counts)
        hidden |= more
    return frozenset(hidden)


def _lines(counts: Mapping[Cell, int], k: int) -> list[Line]:
    """Every margin down to the total of all, where it is k or more; one of one cell tells nothing
    that the cell's own count does not.
    """
    width = len(next(iter(counts), ()))
    lines = []
    for kept in range(width):
        for places in combinations(range(width), kept):
            groups: dict[Cell, list[Cell]] = defaultdict(list)
            for cell in counts:
                groups[tuple(cell[place] for place in places)].append(cell)
            for cells in groups.values():
                total = sum(counts[cell] for cell in cells)
                if total >= k:
                    lines.append(Line(tuple(cells), total))
    return lines


def _exposed(
    hidden: set[Cell],
    primary: set[Cell],
    counts: Mapping[Cell, int],
    through: Mapping[Cell, list[Line]],
    k: int,
) -> set[Cell]:
    """The hidden cells that a reader who is good at sums would find, or find too nearly."""
    exposed: set[Cell] = set()
    for part in _connected(hidden, through):
        lines = list({line: None for cell in part for line in through[cell]})
        # What the equations give exactly is found first; it is the cheaper question.
        exposed |= _determined(part, lines) or _pinned(part, primary, lines, counts, k)
    return exposed


def _connected(hidden: set[Cell], through: Mapping[Cell, list[Line]]) -> list[list[Cell]]:
    """The hidden cells in parts that share no line; each can be attacked by itself."""
    left, parts = dict.fromkeys(sorted(hidden, key=repr)), []
    while left:
        first, _ = left.popitem()
        part, queue = [first], [first]
        while queue:
            for line in through[queue.pop()]:
                for cell in line.cells:
                    if cell in left:
                        del left[cell]
                        part.append(cell)
                        queue.append(cell)
        parts.append(part)
    return parts


def _determined(part: list[Cell], lines: Iterable[Line]) -> set[Cell]:
    """Cells with one value in every solution of the equations (zero in their whole null space)."""
    if len(part) > MOST_HIDDEN:
        raise TableTooFine(len(part), MOST_HIDDEN)
    place = {cell: n for n, cell in enumerate(part)}
    equations = [[place[c] for c in line.cells if c in place] for line in lines]
    matrix = np.zeros((len(equations), len(part)))
    for row, columns in enumerate(equations):
        matrix[row, columns] = 1.0
    _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > 1e-9 * max(1.0, values[0] if len(values) else 1.0)).sum())
    free = np.abs(vectors[rank:]).max(axis=0, initial=0.0)
    return {cell for cell, n in place.items() if free[n] < 1e-9}


def _pinned(
    part: list[Cell],
    primary: set[Cell],
    lines: Iterable[Line],
    counts: Mapping[Cell, int],
    k: int,
) -> set[Cell]:
    """Small cells that bounds hold too tightly: below k for certain, or known to less than k.

    Every hidden cell is from 1 to the least total it is part of; each line narrows that.
    """
    inside = set(part)
    sums = []
    for line in lines:
        unknown = [cell for cell in line.cells if cell in inside]
        shown = sum(counts[cell] for cell in line.cells if cell not in inside)
        sums.append((unknown, line.total - shown))
    low = dict.fromkeys(part, 1)
    high = dict.fromkeys(part, max((rest for _, rest in sums), default=k) if sums else 2 * k)
    for _ in range(len(part) + 2):
        narrower = False
        for unknown, rest in sums:
            least, most = sum(low[c] for c in unknown), sum(high[c] for c in unknown)
            for cell in unknown:
                top = min(high[cell], rest - (least - low[cell]))
                bottom = max(low[cell], rest - (most - high[cell]))
                if (bottom, top) != (low[cell], high[cell]):
                    least += bottom - low[cell]
                    most += top - high[cell]
                    low[cell], high[cell] = bottom, top
                    narrower = True
        if not narrower:
            break
    in_a_line = {cell for unknown, _ in sums for cell in unknown}
    return {
        cell
        for cell in inside & primary & in_a_line
        if high[cell] < k or high[cell] - low[cell] < k - 1
    }


def _companions(
    exposed: set[Cell],
    hidden: set[Cell],
    counts: Mapping[Cell, int],
    through: Mapping[Cell, list[Line]],
) -> set[Cell]:
    """For each exposed cell the smallest shown one in one of its lines, the shortest line first."""
    more: set[Cell] = set()
    for cell in sorted(exposed, key=repr):
        for line in sorted(through[cell], key=lambda line: len(line.cells)):
            shown = [c for c in line.cells if c not in hidden and c not in more]
            if shown:
                more.add(min(shown, key=lambda c: (counts[c], repr(c))))
                break
    return more
