"""How much work a plan expects, from the engine's own EXPLAIN: right to an order of magnitude."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

_PAIRING = frozenset(
    {"CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
)
"""Steps that look at every pair of rows; the plan tells only how many pairs it expects to keep."""
LARGEST = 2**53 - 1
"""What JSON holds exactly; more is not told apart."""


def work(plan: Sequence[Mapping[str, Any]]) -> int:
    """The largest number of rows that a step of the plan (JSON of EXPLAIN) expects to handle."""
    return min(max((_handled(step)[1] for step in plan), default=0), LARGEST)


def _handled(step: Mapping[str, Any]) -> tuple[int, int]:
    """Rows that leave a step, and the most that any step up to it handles."""
    below = [_handled(child) for child in step.get("children") or ()]
    given = [rows for rows, _ in below]
    pairing = step.get("name") in _PAIRING
    taken = math.prod(given) if pairing else sum(given)
    told = (step.get("extra_info") or {}).get("Estimated Cardinality")
    if told is not None and str(told).isdecimal():
        left = int(told)
    else:
        left = taken if pairing else max(given, default=0)
    return left, max([left, taken, *(most for _, most in below)])
