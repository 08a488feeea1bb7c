"""From entries of the ledger to counts of reads. Knows nothing of tables but the entry's."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hub.ledger.models import LedgerEntry
from hub.usage.models import NOBODY

READ = ".read"
"""Ending of the kinds of entries that say: rows of a dataset were given out."""


@dataclass(frozen=True, slots=True)
class Read:
    """What is counted together: one dataset, one reader, one leave, one way, one day."""

    dataset: str
    day: date
    agency: str
    party: str
    grant: str
    way: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often, how many rows, how many of them were cut short; the last moment in UTC."""

    reads: int
    rows: int
    cut: int
    last_at: datetime

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.reads + other.reads,
            self.rows + other.rows,
            self.cut + other.cut,
            max(self.last_at, other.last_at),
        )


Counts = dict[Read, Count]


def tally(entries: Iterable[LedgerEntry], zone: ZoneInfo) -> Counts:
    """Count the entries that are reads of datasets; a day is one of `zone`.

    A read that was cut short stands in the ledger twice: as it was announced, and as it ended
    (outcome `aborted`). The second is no read more.
    """
    counts: Counts = {}
    for row in entries:
        if row.target_type == "dataset" and row.kind.endswith(READ):
            read, count = _counted(row, json.loads(row.body), zone)
            counts[read] = counts[read] + count if read in counts else count
    return counts


def merged(one: Counts, other: Counts) -> Counts:
    """Both together."""
    both = dict(one)
    for read, count in other.items():
        both[read] = both[read] + count if read in both else count
    return both


def _counted(row: LedgerEntry, entry: Mapping[str, Any], zone: ZoneInfo) -> tuple[Read, Count]:
    agency = row.agency or NOBODY
    read = Read(
        dataset=row.target_id,
        day=row.at.astimezone(zone).date(),
        agency=agency,
        party=NOBODY if agency else row.actor,
        grant=entry.get("grant") or NOBODY,
        way=row.kind.removesuffix(READ),
    )
    if entry["outcome"] == "ok":
        rows = int(entry.get("counts", {}).get("rows", 0))
        return read, Count(reads=1, rows=rows, cut=0, last_at=row.at)
    return read, Count(reads=0, rows=0, cut=int(entry["outcome"] == "aborted"), last_at=row.at)
