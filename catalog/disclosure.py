"""Which cells of a table of counts must stay hidden so that no small one can be worked out.

Statistical disclosure control of tables (Hundepool et al., Statistical Disclosure Control, 2012,
ch. 4): cells of fewer than k are hidden, and with them as many others as it takes that nobody can
subtract their way back. Tables of the same records are linked: what a coarser one shows is a total
of the finer, and what it hides must not come out as a sum of cells that the finer one shows. So the
coarser ones are settled first, whether or not anybody has made them, and the finer ones keep to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from catalog.errors import TableTooFine

Cell = tuple[object, ...]
"""The values of the columns that a table is broken down by; every cell counts at least one."""
Coarser = Mapping[Cell, Cell]
"""A coarser table: the cell of it in which each cell of the finest one lies."""
Telling = Callable[[Collection[Cell]], bool]
"""Whether the sums over these cells of the finest table, taken together, tell of one record."""

MOST_CELLS = 5_000
MOST_HIDDEN = 1_500
"""Of hidden cells that hang together: beyond it the equations are too many to be solved."""


@dataclass(frozen=True)
class Line:
    """Cells that add up to a total which the reader is taken to know."""

    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class _Table:
    """One of the linked tables: its cells with those of the finest one that lie in each."""

    within: Mapping[Cell, tuple[Cell, ...]]
    counts: Mapping[Cell, int]
    primary: frozenset[Cell]
    """Small ones, and those whose sums tell of one record."""
    rank: Mapping[Cell, Any]

    def better(self, cell: Cell) -> tuple[int, Any]:
        """Order of cells as companions, the best first."""
        return self.counts[cell], self.rank[cell]

    def shorter(self, line: "Line") -> tuple[int, list[Any]]:
        """Order of lines in which companions are looked for."""
        return len(line.cells), sorted(self.rank[cell] for cell in line.cells)


@dataclass(frozen=True)
class _Settled:
    """A table with what it hides; `lines` are the totals that are known of its cells."""

    table: _Table
    hidden: frozenset[Cell]
    lines: tuple[Line, ...]

    def rests(self) -> Iterator[Line]:
        """What is known of hidden cells together: of each total, what the shown ones leave."""
        for line in self.lines:
            rest = tuple(cell for cell in line.cells if cell in self.hidden)
            if rest:
                yield Line(rest, sum(self.table.counts[cell] for cell in rest))


def _tells_nothing(cells: Collection[Cell]) -> bool:
    return False


def margins(cells: Collection[Cell]) -> list[Coarser]:
    """The coarser tables that leave columns out, down to the one cell of all."""
    width = len(next(iter(cells), ()))
    return [
        {cell: tuple(cell[place] for place in places) for cell in cells}
        for kept in range(width)
        for places in combinations(range(width), kept)
    ]


def hidden_cells(
    counts: Mapping[Cell, int],
    k: int,
    *,
    coarser: Sequence[Coarser] | None = None,
    telling: Telling = _tells_nothing,
    rank: Mapping[Cell, Any] | None = None,
) -> frozenset[Cell]:
    """The cells to hide: those below `k`, those that are `telling`, and what keeps them hidden.

    `coarser` are the tables that are linked to this one, its margins if nothing is said; `rank` says
    which of two cells of the same size is the better companion (the smaller one), so that tables with
    the same cells under other names hide the same. Afterwards
    no hidden cell of any of them follows from what all of them show: neither as the solution of the
    equations nor because whole numbers from 1 up leave it no other value; nor are the hidden cells of
    a total, taken together, telling. Raises TableTooFine.
    """
    if len(counts) > MOST_CELLS:
        raise TableTooFine(len(counts), MOST_CELLS)
    own: Coarser = {cell: cell for cell in counts}
    linked = [*(margins(counts) if coarser is None else coarser), own]
    ranks = {cell: repr(cell) for cell in counts} if rank is None else rank
    tables = {_partition(one): _table(one, counts, k, telling, ranks) for one in linked}
    settled: list[_Settled] = []
    for table in sorted(tables.values(), key=lambda one: len(one.within)):
        settled.append(_settle(table, settled, k, telling))
    finest = settled[-1]
    return frozenset(cell for hidden in finest.hidden for cell in finest.table.within[hidden])


def _partition(one: Coarser) -> tuple[int, ...]:
    """Equal for tables that put the same cells together, whatever they call them."""
    names: dict[Cell, int] = {}
    return tuple(names.setdefault(name, len(names)) for name in one.values())


def _table(
    one: Coarser, counts: Mapping[Cell, int], k: int, telling: Telling, ranks: Mapping[Cell, Any]
) -> _Table:
    within: dict[Cell, list[Cell]] = defaultdict(list)
    for cell, place in one.items():
        within[place].append(cell)
    sums = {place: sum(counts[cell] for cell in cells) for place, cells in within.items()}
    # Of all together no table is made; one rich record in them says nothing of the others' cells.
    whole = len(within) == 1 and len(counts) > 1
    primary = {
        place
        for place, cells in within.items()
        if sums[place] < k or (not whole and telling(cells))
    }
    rank = {place: min(ranks[cell] for cell in cells) for place, cells in within.items()}
    return _Table({p: tuple(c) for p, c in within.items()}, sums, frozenset(primary), rank)


def _settle(table: _Table, before: Sequence[_Settled], k: int, telling: Telling) -> _Settled:
    """What one table hides, when the coarser ones are settled."""
    home = {cell: place for place, cells in table.within.items() for cell in cells}
    parents = [(one, parts) for one in before if (parts := _parts(table, one.table, home))]
    hidden = set(table.primary)
    lines: dict[Line, None] = {}
    secrets = {frozenset([cell]) for cell in table.primary}
    for parent, parts in parents:
        for place, cells in parts.items():
            if place in parent.hidden:
                hidden |= set(cells)
            else:
                lines[Line(cells, parent.table.counts[place])] = None
            if place in parent.table.primary:
                secrets.add(frozenset(cells))
        for rest in parent.rests():
            lines[Line(tuple(c for place in rest.cells for c in parts[place]), rest.total)] = None
    kept = _kept_hidden(table, hidden, secrets, list(lines), k, telling)
    return _Settled(table, frozenset(kept), tuple(lines))


def _parts(
    table: _Table, other: _Table, home: Mapping[Cell, Cell]
) -> dict[Cell, tuple[Cell, ...]] | None:
    """The cells of `table` in each cell of the other; None where that one is not coarser."""
    parts = {
        place: tuple(dict.fromkeys(home[cell] for cell in cells))
        for place, cells in other.within.items()
    }
    return parts if sum(map(len, parts.values())) == len(table.within) else None


def _kept_hidden(
    table: _Table,
    hidden: set[Cell],
    secrets: Collection[frozenset[Cell]],
    lines: Sequence[Line],
    k: int,
    telling: Telling,
) -> set[Cell]:
    """`hidden` with the companions that it takes."""
    through: dict[Cell, list[Line]] = defaultdict(list)
    for line in lines:
        for cell in line.cells:
            through[cell].append(line)
    while True:
        more = _beside_telling(table, hidden, lines, telling)
        if not more:
            exposed = _exposed(hidden, secrets, table, through, k)
            if not exposed:
                return hidden
            more = _companions(exposed, hidden, table, through)
        if not more:
            # Nothing is left to hide them behind: the whole table goes.
            return set(table.counts)
        hidden |= more


def _beside_telling(
    table: _Table, hidden: Collection[Cell], lines: Iterable[Line], telling: Telling
) -> set[Cell]:
    """The smallest shown cell of each line whose rest, what is hidden of it, tells of one record.

    A total that is itself so uneven is shown nowhere, and has no rest.
    """

    def tells(cells: Iterable[Cell]) -> bool:
        return telling([fine for cell in cells for fine in table.within[cell]])

    more: set[Cell] = set()
    for line in lines:
        rest = [cell for cell in line.cells if cell in hidden]
        shown = [cell for cell in line.cells if cell not in hidden]
        if rest and shown and tells(rest) and not tells(line.cells):
            more.add(min(shown, key=table.better))
    return more


def _exposed(
    hidden: set[Cell],
    secrets: Collection[frozenset[Cell]],
    table: _Table,
    through: Mapping[Cell, list[Line]],
    k: int,
) -> set[Cell]:
    """The secrets that a reader who is good at sums would find, or find too nearly."""
    exposed: set[Cell] = set()
    for part in _connected(hidden, through):
        lines = list({line: None for cell in part for line in through[cell]})
        inside = [secret for secret in secrets if secret <= set(part)]
        # What the equations give exactly is found first; it is the cheaper question.
        exposed |= _determined(part, inside, lines) or _pinned(
            part, table.primary, lines, table.counts, k
        )
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


def _determined(
    part: list[Cell], secrets: Iterable[frozenset[Cell]], lines: Iterable[Line]
) -> set[Cell]:
    """Secrets with one sum in every solution of the equations (zero in their whole null space)."""
    if len(part) > MOST_HIDDEN:
        raise TableTooFine(len(part), MOST_HIDDEN)
    place = {cell: n for n, cell in enumerate(part)}
    equations = [[place[c] for c in line.cells if c in place] for line in lines]
    matrix = np.zeros((len(equations), len(part)))
    for row, columns in enumerate(equations):
        matrix[row, columns] = 1.0
    _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > 1e-9 * max(1.0, values[0] if len(values) else 1.0)).sum())
    free = vectors[rank:]
    return {
        cell
        for secret in secrets
        if np.abs(free[:, [place[c] for c in secret]].sum(axis=1)).max(initial=0.0) < 1e-9
        for cell in secret
    }


def _pinned(
    part: list[Cell],
    primary: Collection[Cell],
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
        for cell in inside & set(primary) & in_a_line
        if high[cell] < k or high[cell] - low[cell] < k - 1
    }


def _companions(
    exposed: set[Cell], hidden: set[Cell], table: _Table, through: Mapping[Cell, list[Line]]
) -> set[Cell]:
    """For each exposed cell the smallest shown one in one of its lines, the shortest line first."""
    more: set[Cell] = set()
    for cell in sorted(exposed, key=table.better):
        for line in sorted(through[cell], key=table.shorter):
            shown = [c for c in line.cells if c not in hidden and c not in more]
            if shown:
                more.add(min(shown, key=table.better))
                break
    return more
