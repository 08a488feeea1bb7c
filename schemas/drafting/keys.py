"""Which columns can tell the rows apart: codes before names, one column before two."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from schemas.drafting.codes import looks_coded
from schemas.drafting.guessing import Guess
from schemas.drafting.naming import words_of
from schemas.drafting.remarks import Remark

MOST = 5
_LAST_RESORT = 3
"""Dates, counts, phones: different in every row by chance."""
_MOST_IN_PAIRS = 12
_UNFIT = frozenset({"boolean", "number", "date-time"})


@dataclass(frozen=True)
class Candidate:
    """Columns that are complete and tell every row apart; a lower `rank` is better."""

    names: tuple[str, ...]
    rank: int


def candidates(guesses: Sequence[Guess], rows: Sequence[Sequence[Any]]) -> list[Candidate]:
    """The best few, exact repeats of a row aside. `rows` are the cells in the order of `guesses`."""
    rows = [list(row) for row in dict.fromkeys(tuple(map(str, row)) for row in rows)]
    if len(rows) < 2:
        return []
    fit = [i for i, g in enumerate(guesses) if _may(g)]
    alone = [i for i in fit if _tells([i], rows)]
    found = [Candidate((guesses[i].plan.name,), _rank(guesses[i])) for i in alone]
    if not any(candidate.rank == 0 for candidate in found):
        others = [i for i in fit if i not in alone][:_MOST_IN_PAIRS]
        found += [
            Candidate(
                (guesses[a].plan.name, guesses[b].plan.name),
                10 + _rank(guesses[a]) + _rank(guesses[b]),
            )
            for a, b in combinations(others, 2)
            if _tells([a, b], rows)
        ]
    found.sort(key=lambda c: c.rank)
    good = [candidate for candidate in found if candidate.rank % 10 < _LAST_RESORT]
    best = good[0].rank if good else 0
    return ([candidate for candidate in good if candidate.rank <= best + 1] or found[:1])[:MOST]


def nearly(guesses: Sequence[Guess], rows: Sequence[Sequence[Any]]) -> dict[str, Remark]:
    """Codes that would be a key but for a few repeated values, by name of the column."""
    found = {}
    for index, guessed in enumerate(guesses):
        if _rank(guessed) or not _may(guessed) or len(rows) < 10:
            continue
        seen: dict[str, int] = {}
        for row in rows:
            seen[str(row[index])] = seen.get(str(row[index]), 0) + 1
        twice = [value for value, count in seen.items() if count > 1]
        if 0 < len(twice) <= 0.1 * len(seen):
            found[guessed.plan.name] = Remark(
                f"Hampir membedakan semua baris; {len(twice)} isi dipakai lebih dari sekali.",
                f"Nearly tells all rows apart; {len(twice)} values are used more than once.",
                tuple(twice[:3]),
                warns=True,
            )
    return found


def _may(guessed: Guess) -> bool:
    plan = guessed.plan
    return plan.keep and plan.required and plan.kind not in _UNFIT and not plan.allowed


def _tells(columns: Sequence[int], rows: Sequence[Sequence[Any]]) -> bool:
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        value = tuple([row[i] for i in columns])
        if value in seen:
            return False
        seen.add(value)
    return True


def _rank(guessed: Guess) -> int:
    plan = guessed.plan
    if plan.code in ("telepon", "email", "pos"):
        return 3
    if plan.code or plan.code_list or looks_coded(plan.heading):
        return 0
    if plan.kind == "text":
        return 1 if "nama" in words_of(plan.heading) else 2
    return 3
