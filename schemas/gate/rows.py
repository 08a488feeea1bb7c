"""Rows ready for the schema: as records, and by column for everything that works column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rows:
    """JSON records; `columns` holds the same values by name where the source had columns."""

    records: Sequence[Any]
    columns: dict[str, list[Any]] | None = None

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str) -> list[Any]:
        """One column's values; None stands for null and for absent alike."""
        if self.columns is None:
            return [r.get(name) if isinstance(r, dict) else None for r in self.records]
        return self.columns.get(name) or [None] * len(self.records)
