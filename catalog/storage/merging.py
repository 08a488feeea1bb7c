"""Merging a sorted batch into a sorted release, one key range at a time."""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from catalog.duck import names, numbers, parquet
from catalog.errors import KeysExist
from catalog.keyset import Condition, Ordered, between
from catalog.storage.columns import read_as
from catalog.storage.manifest import DataFile, Manifest, key_value, paths, row_count
from catalog.storage.writing import GROUP_ROWS

EXAMPLES = 100


@dataclass(frozen=True)
class Slot:
    """Neighbouring files and the key range that belongs to them: above `low` up to `high`."""

    files: Manifest
    low: list[Any] | None
    high: list[Any] | None


@dataclass(frozen=True)
class Verdict:
    """What a batch does to one slot."""

    slot: Slot
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    absent: int = 0

    @property
    def clean(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def rows_after(self) -> int:
        return row_count(self.slot.files) + self.added - self.removed


def slots(base: Manifest, file_rows: int) -> list[Slot]:
    """The key space cut along the files; small neighbours share a slot, to be joined when touched."""
    groups: list[list[DataFile]] = []
    for file in base:
        if groups and row_count((*groups[-1], file)) <= file_rows * 3 // 4:
            groups[-1].append(file)
        else:
            groups.append([file])
    last = len(groups) - 1
    return [
        Slot(
            files=tuple(group),
            low=groups[place - 1][-1].last_key if place else None,
            high=group[-1].last_key if place < last else None,
        )
        for place, group in enumerate(groups)
    ]


class Merge:
    """Works on a connection that holds the batch as the table `batch`, sorted by key."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Path,
        order: Sequence[Ordered],
        types: dict[str, str],
        base_columns: set[str],
    ) -> None:
        self._connection, self._table = connection, table
        self._order, self._types, self._base_columns = order, types, base_columns
        self._key = [column.column for column in order]
        self._others = [name for name in types if name not in set(self._key)]

    def judge(self, places: Sequence[Slot], mode: str) -> list[Verdict]:
        """Count what the batch does to every slot; raise KeysExist for an append that collides."""
        verdicts = [self._judge_slot(slot, mode) for slot in places]
        if mode == "append":
            collisions = sum(v.changed + v.unchanged for v in verdicts)
            if collisions:
                raise KeysExist(collisions, self._collisions(verdicts))
        return verdicts

    def rows(self, verdict: Verdict, mode: str) -> Iterator[pa.RecordBatch]:
        """The rows of the slot after the batch, in key order."""
        columns, key = names(self._types), names(self._key)
        piece, bound = self._piece(verdict.slot)
        stored = self._stored(verdict.slot)
        kept = f"SELECT {columns} FROM {stored} ANTI JOIN piece USING ({key})"
        match mode:
            case "replace":
                body = f"SELECT {columns} FROM piece"
            case "delete":
                body = kept
            case _:
                body = f"SELECT {columns} FROM piece UNION ALL {kept}"
        query = f"WITH piece AS ({piece}) {body} ORDER BY {key}"
        yield from self._connection.sql(query, params=bound).to_arrow_reader(GROUP_ROWS)

    def _piece(self, slot: Slot) -> Condition:
        condition, bound = between(self._order, slot.low, slot.high)
        return f"SELECT * FROM batch WHERE {condition}", bound

    def _stored(self, slot: Slot) -> str:
        source = parquet(paths(self._table, slot.files))
        return f"(SELECT {read_as(self._types, self._base_columns)} FROM {source}) AS stored"

    def _judge_slot(self, slot: Slot, mode: str) -> Verdict:
        piece, bound = self._piece(slot)
        incoming = numbers(self._connection, f"SELECT count(*) FROM ({piece})", bound)[0]
        if not incoming and mode != "replace":
            return Verdict(slot)
        held = row_count(slot.files)
        key = names(self._key)
        differs = " OR ".join(
            f"piece.{name} IS DISTINCT FROM stored.{name}"
            for name in (names([other]) for other in self._others)
        )
        matched, changed = numbers(
            self._connection,
            f"WITH piece AS ({piece}) SELECT count(*),"
            f" count(*) FILTER (WHERE {differs if differs and mode != 'delete' else 'FALSE'})"
            f" FROM piece JOIN {self._stored(slot)} USING ({key})",
            bound,
        )
        if mode == "delete":
            return Verdict(slot, removed=matched, absent=incoming - matched)
        return Verdict(
            slot,
            added=incoming - matched,
            changed=changed,
            removed=held - matched if mode == "replace" else 0,
            unchanged=matched - changed,
        )

    def _collisions(self, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
        hit = [file for v in verdicts if v.changed or v.unchanged for file in v.slot.files]
        key = names(self._key)
        found = self._connection.sql(
            f"SELECT {key} FROM batch SEMI JOIN {self._stored(Slot(tuple(hit), None, None))}"
            f" USING ({key}) ORDER BY {key} LIMIT {EXAMPLES}"
        )
        return [
            {name: key_value(value) for name, value in row.items()}
            for row in found.to_arrow_table().to_pylist()
        ]
