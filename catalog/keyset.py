"""Where a page or a key range begins, as SQL: comparison of several columns at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.duck import identifier


@dataclass(frozen=True)
class Ordered:
    """One column of an order. NULL comes last in both directions."""

    column: str
    type: str
    descending: bool = False
    nullable: bool = True

    @property
    def sql(self) -> str:
        return identifier(self.column)

    @property
    def clause(self) -> str:
        return f"{self.sql} {'DESC' if self.descending else 'ASC'} NULLS LAST"

    @property
    def value(self) -> str:
        return f"CAST(? AS {self.type})"


Condition = tuple[str, list[Any]]


def order_by(order: Sequence[Ordered]) -> str:
    """The list after ORDER BY."""
    return ", ".join(column.clause for column in order)


def _beyond(column: Ordered, value: object) -> Condition:
    if value is None:
        return "FALSE", []
    sign = "<" if column.descending else ">"
    beyond = f"{column.sql} {sign} {column.value}"
    return (f"({beyond} OR {column.sql} IS NULL)" if column.nullable else beyond), [value]


def after(order: Sequence[Ordered], values: Sequence[Any]) -> Condition:
    """The rows strictly after this position, with the values to bind, in order."""
    cases: list[str] = []
    bound: list[Any] = []
    for place, column in enumerate(order):
        equal = [f"{c.sql} IS NOT DISTINCT FROM {c.value}" for c in order[:place]]
        beyond, extra = _beyond(column, values[place])
        cases.append("(" + " AND ".join([*equal, beyond]) + ")")
        bound += [*values[:place], *extra]
    condition = "(" + " OR ".join(cases) + ")"
    lead = order[0]
    if len(order) > 1 and not lead.nullable:
        # Implied by the rest; spelled out because only a plain comparison prunes row groups.
        sign = "<=" if lead.descending else ">="
        return f"({lead.sql} {sign} {lead.value} AND {condition})", [values[0], *bound]
    return condition, bound


def between(
    order: Sequence[Ordered], low: Sequence[Any] | None, high: Sequence[Any] | None
) -> Condition:
    """Keys above `low` up to and including `high`; None leaves that side open."""
    parts: list[str] = []
    bound: list[Any] = []
    if low is not None:
        condition, values = after(order, low)
        parts.append(condition)
        bound += values
    if high is not None:
        condition, values = after(order, high)
        parts.append(f"NOT {condition} AND {order[0].sql} <= {order[0].value}")
        bound += [*values, high[0]]
    return (" AND ".join(parts) or "TRUE"), bound
