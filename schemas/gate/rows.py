"""Rows ready for the schema: as records, and by column for everything that works column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any


@dataclass(frozen=True)
class Rows:
    """JSON records; `columns` holds the same values by name where the source had columns."""

    records: Sequence[Any]
    columns: dict[str, list[Any]] | None = None

    @classmethod
    def of(cls, records: Sequence[Any], names: Sequence[str]) -> "Rows":
        """Records with the columns of these names laid out, where every record is an object."""
        if not records or not all(type(record) is dict for record in records):
            return cls(records)
        try:
            pick = itemgetter(names[0], *names)
            columns = [list(column) for column in zip(*map(pick, records), strict=True)][1:]
        except KeyError:
            columns = [[record.get(name) for record in records] for name in names]
        return cls(records, dict(zip(names, columns, strict=True)))

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str) -> list[Any]:
        """One column's values; None stands for null and for absent alike."""
        if self.columns is None:
            return [r.get(name) if isinstance(r, dict) else None for r in self.records]
        return self.columns.get(name) or [None] * len(self.records)
