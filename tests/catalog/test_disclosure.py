"""No small cell can be worked out from what a table shows, by subtraction, equations or bounds."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.disclosure import hidden_cells
from catalog.errors import TableTooFine

K = 5


def coarser(counts):
    """Every margin as a table of its own: cells of the finer table by cell of the margin."""
    width = len(next(iter(counts)))
    for kept in range(width):
        for places in itertools.combinations(range(width), kept):
            within = {}
            for cell in counts:
                within.setdefault(tuple(cell[p] for p in places), []).append(cell)
            yield within


def totals(counts, cells):
    return sum(counts[cell] for cell in cells)


def margins(counts):
    """What the reader knows besides the cells shown: whatever each margin, as a table, shows."""
    every = [
        {cell: v for v, cells in within.items() for cell in cells} for within in coarser(counts)
    ]
    for within in coarser(counts):
        table = {value: totals(counts, cells) for value, cells in within.items()}
        linked = [
            {value: other[cells[0]] for value, cells in within.items()}
            for other in every
            if all(len({other[cell] for cell in cells}) == 1 for cells in within.values())
        ]
        rank = {value: min(map(repr, cells)) for value, cells in within.items()}
        hidden = hidden_cells(table, K, coarser=linked, rank=rank)
        for value, cells in within.items():
            if value not in hidden:
                yield cells, table[value]


def small_sums(counts):
    """Cells whose sum is a small cell of some margin."""
    for within in coarser(counts):
        yield from (cells for cells in within.values() if totals(counts, cells) < K)


def solutions(counts, hidden):
    """Every assignment of whole numbers from 1 up to the hidden cells that fits what is known.

    Written apart from the code under test: plain search, no linear algebra.
    """
    unknown = sorted(hidden)
    sums = []
    for cells, total in margins(counts):
        inside = [c for c in cells if c in hidden]
        if inside:
            sums.append((inside, total - sum(counts[c] for c in cells if c not in hidden)))
    constrained = {c for inside, _ in sums for c in inside}

    def search(n, given_):
        for inside, rest in sums:
            known = [given_[c] for c in inside if c in given_]
            free = len(inside) - len(known)
            if sum(known) + free > rest or (free == 0 and sum(known) != rest):
                return
        if n == len(unknown):
            yield dict(given_)
            return
        cell = unknown[n]
        top = min((rest for inside, rest in sums if cell in inside), default=2 * K)
        for value in range(1, top + 1):
            given_[cell] = value
            yield from search(n + 1, given_)
            del given_[cell]

    return constrained, itertools.islice(search(0, {}), 20_000)


tables = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")),
    st.integers(1, 7),
    min_size=1,
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_a_reader_who_tries_every_number_finds_no_small_cell(counts):
    hidden = hidden_cells(counts, K)
    small = {cell for cell, count in counts.items() if count < K}
    assert small <= hidden
    constrained, found = solutions(counts, hidden)
    values = {cell: set() for cell in hidden}
    for solution in found:
        for cell, value in solution.items():
            values[cell].add(value)
    if hidden != frozenset(counts):
        for cell in small & constrained:
            assert len(values[cell]) > 1, (counts, hidden, cell)
            assert max(values[cell]) >= K, (counts, hidden, cell)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_a_small_margin_is_no_sum_of_cells_that_are_shown(counts):
    hidden = hidden_cells(counts, K)
    if hidden == frozenset(counts):
        return
    constrained, found = solutions(counts, hidden)
    found = list(found)
    for cells in small_sums(counts):
        assert set(cells) <= hidden
        if set(cells) <= constrained:
            sums = {totals(solution, cells) for solution in found}
            assert len(sums) > 1, (counts, hidden, cells)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("pq")),
        st.integers(1, 9),
        min_size=1,
        max_size=6,
    )
)
def test_three_columns_are_as_safe_as_two(counts):
    hidden = hidden_cells(counts, K)
    small = {cell for cell, count in counts.items() if count < K}
    constrained, found = solutions(counts, hidden)
    values = {cell: set() for cell in hidden}
    for solution in found:
        for cell, value in solution.items():
            values[cell].add(value)
    if hidden != frozenset(counts):
        for cell in small & constrained:
            assert len(values[cell]) > 1, (counts, hidden, cell)


def test_one_small_cell_takes_a_companion_along():
    counts = {("a",): 2, ("b",): 40, ("c",): 30, ("d",): 50}
    assert hidden_cells(counts, K) == {("a",), ("c",)}


def test_a_table_without_small_cells_is_shown_whole():
    counts = {(x, y): 5 for x in "abc" for y in "pqr"}
    assert hidden_cells(counts, K) == frozenset()


def test_a_bridge_between_two_squares_is_found_by_equations_and_closed():
    """Two squares of hidden cells joined by one cell: line by line nothing is alone, yet it follows."""
    counts = {(x, y): 50 for x in "abcd" for y in "pqrs"}
    for cell in (("a", "p"), ("a", "q"), ("b", "p"), ("b", "q")):
        counts[cell] = 3
    for cell in (("c", "r"), ("c", "s"), ("d", "r"), ("d", "s")):
        counts[cell] = 3
    counts["b", "r"] = 4
    hidden = hidden_cells(counts, K)
    small = {cell for cell, count in counts.items() if count < K}
    assert small < hidden


def test_all_small_shows_nothing():
    counts = {("a",): 1, ("b",): 2, ("c",): 3}
    assert hidden_cells(counts, K) == frozenset(counts)


def test_too_many_cells_are_refused():
    with pytest.raises(TableTooFine):
        hidden_cells({(str(n),): 9 for n in range(5001)}, K)


def test_a_district_table_of_a_regency_is_quick_and_mostly_shown():
    """139 villages by sex and five ages, drawn so that some are small: most cells stay."""
    counts = {
        (f"{village:03}", sex, age): 1 + (village * 7 + age * 31 + (sex == "L") * 13) % 60
        for village in range(139)
        for sex in "LP"
        for age in range(5)
    }
    hidden = hidden_cells(counts, K)
    small = sum(count < K for count in counts.values())
    # One small cell among three columns needs seven others, the corners of its box.
    assert small <= len(hidden) < 8 * small
