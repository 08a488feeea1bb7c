"""What of a release may be read: visible columns, a row filter, masks. Knows nobody by name."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.duck import identifier
from catalog.errors import ColumnNotReadable
from catalog.filters import Filter, parse, to_sql
from catalog.keyset import Condition

__all__ = ["UNRESTRICTED", "Filter", "Policy", "parse", "to_sql"]

MASKS = frozenset({"hide"})
"""Kinds of masks: `hide` shows the column, always empty."""


@dataclass(frozen=True)
class Policy:
    """`columns` None means all; `filter` is a tree of catalog.filters; masks are (column, kind)."""

    columns: tuple[str, ...] | None = None
    filter: Filter | None = None
    masks: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for column, kind in self.masks:
            if kind not in MASKS:
                raise ValueError(f"There is no mask {kind!r} (column {column!r}).")

    @property
    def unrestricted(self) -> bool:
        """Whether the release itself may be handed over."""
        return self.columns is None and self.filter is None and not self.masks

    def digest(self) -> str:
        """SHA-256 over the canonical form; the order of columns and masks does not matter."""
        form = {
            "columns": None if self.columns is None else sorted(set(self.columns)),
            "filter": self.filter,
            "masks": sorted(set(self.masks)),
        }
        text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def visible(self, columns: Mapping[str, str]) -> dict[str, str]:
        """The columns that may be seen, in the order of the release, with their types."""
        allowed = None if self.columns is None else set(self.columns)
        return {name: t for name, t in columns.items() if allowed is None or name in allowed}

    def clear(self, columns: Mapping[str, str]) -> dict[str, str]:
        """The visible columns whose true values may be seen: what sorts and cursors may use."""
        hidden = {column for column, _ in self.masks}
        return {name: t for name, t in self.visible(columns).items() if name not in hidden}

    def expression(self, column: str, type_: str) -> str:
        """The SQL of one visible column, masked where the policy says so."""
        if any(masked == column for masked, _ in self.masks):
            return f"CAST(NULL AS {type_})"
        return identifier(column)

    def select(self, columns: Mapping[str, str], wanted: tuple[str, ...] | None = None) -> str:
        """The select list of the wanted visible columns; raise ColumnNotReadable."""
        visible = self.visible(columns)
        for name in wanted or ():
            if name not in visible:
                raise ColumnNotReadable(name)
        return ", ".join(
            f"{self.expression(name, visible[name])} AS {identifier(name)}"
            for name in (wanted if wanted is not None else visible)
        )

    def condition(self, columns: Mapping[str, str]) -> Condition:
        """The policy's own row filter, over all columns of the release."""
        return to_sql(self.filter, columns)


UNRESTRICTED = Policy()
