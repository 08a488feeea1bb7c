"""What changed between two releases, as far as a policy lets the caller see."""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.duck import identifier, literal, names, open_tool, parquet, sql_types
from catalog.filters import values_fit
from catalog.policy import UNRESTRICTED, Policy
from catalog.storage.columns import read_as, stored_schema
from catalog.storage.manifest import DataFile, Manifest, paths

NEW, CHANGED, REMOVED = "baru", "berubah", "hapus"


@dataclass(frozen=True)
class Tally:
    """How many rows appeared, changed and went, in the caller's view."""

    added: int
    changed: int
    removed: int


def diff(
    table: Path,
    old: Manifest | None,
    new: Manifest,
    key: Sequence[str],
    policy: Policy = UNRESTRICTED,
    *,
    schema: pa.Schema,
    limit: int = 1000,
    offset: int = 0,
) -> pa.Table:
    """The changed rows by key: `_perubahan` (baru, berubah, hapus), `_kolom`, the visible columns.

    `_kolom` lists the columns that differ, for `berubah` only. A removed row shows its key, all
    else is empty. What is compared is what the caller may see: a change in a hidden column is no
    change. Files that both releases share are not read. Without a key rows are only new or gone.
    """
    query = f"{_Comparison.sql_name} LIMIT {int(limit)} OFFSET {int(offset)}"
    with _Comparison(table, old or (), new, key, policy, schema) as comparison:
        return comparison.run(query)


def tally(
    table: Path,
    old: Manifest | None,
    new: Manifest,
    key: Sequence[str],
    policy: Policy = UNRESTRICTED,
    *,
    schema: pa.Schema,
) -> Tally:
    """Count what `diff` would list."""
    query = f"SELECT _perubahan, count(*) AS n FROM ({_Comparison.sql_name}) GROUP BY 1"
    with _Comparison(table, old or (), new, key, policy, schema) as comparison:
        counted = {row["_perubahan"]: row["n"] for row in comparison.run(query).to_pylist()}
    return Tally(counted.get(NEW, 0), counted.get(CHANGED, 0), counted.get(REMOVED, 0))


class _Comparison:
    """A private connection over the files that the two releases do not share."""

    sql_name = "FROM changes"

    def __init__(
        self,
        table: Path,
        old: Manifest,
        new: Manifest,
        key: Sequence[str],
        policy: Policy,
        schema: pa.Schema,
    ) -> None:
        shared = {file.path for file in old} & {file.path for file in new}
        self._old = [file for file in old if file.path not in shared]
        self._new = [file for file in new if file.path not in shared]
        self._table, self._key, self._policy = table, list(key), policy
        self._spill = table / ".work" / f"diff-{uuid.uuid4().hex}"
        self._connection = open_tool(self._spill)
        self._types = sql_types(self._connection, stored_schema(schema))
        self._shown = list(policy.visible(self._types))
        # The order of keys that may not be seen would tell which is the larger one.
        self._key_is_clear = set(self._key) <= policy.clear(self._types).keys()

    def __enter__(self) -> "_Comparison":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def run(self, query: str) -> pa.Table:
        """Answer a query over the relation `changes`, sorted by the key or else by what is shown."""
        old_side, bound = self._side(self._old)
        new_side, more = self._side(self._new)
        body = self._keyed() if self._key else self._keyless()
        text = f"WITH o AS ({old_side}), n AS ({new_side}), changes AS ({body}) {query}"
        with values_fit():
            return self._connection.sql(text, params=bound + more).to_arrow_table()

    def _side(self, files: Sequence[DataFile]) -> tuple[str, list[Any]]:
        """The visible part of one release; the key stays at hand as _k0, _k1, …"""
        present: set[str] = set()
        source = ""
        if files:
            present = set(pq.read_schema(self._table / files[0].path).names)
            source = f" FROM {parquet(paths(self._table, files))}"
        stored = f"SELECT {read_as(self._types, present)}{source}{'' if source else ' WHERE FALSE'}"
        shown, bound = self._policy.select(self._types)
        condition, more = self._policy.condition(self._types)
        keys = "".join(f", {identifier(column)} AS _k{i}" for i, column in enumerate(self._key))
        return f"SELECT {shown}{keys} FROM ({stored}) WHERE {condition}", bound + more

    def _keyed(self) -> str:
        joined = [f"_k{i}" for i in range(len(self._key))]
        values = [name for name in self._shown if name not in self._key]
        differing = ", ".join(
            f"CASE WHEN n.{identifier(v)} IS DISTINCT FROM o.{identifier(v)} THEN {literal(v)} END"
            for v in values
        )
        listed = f"list_filter([{differing}]::VARCHAR[], lambda x: x IS NOT NULL)"
        kind = (
            f"CASE WHEN o._k0 IS NULL THEN '{NEW}' WHEN n._k0 IS NULL THEN '{REMOVED}'"
            f" ELSE '{CHANGED}' END"
        )
        shown = ", ".join(
            f"coalesce(n.{identifier(name)}, o.{identifier(name)}) AS {identifier(name)}"
            if name in self._key
            else f"n.{identifier(name)} AS {identifier(name)}"
            for name in self._shown
        )
        columns = f", {names(self._shown)}" if self._shown else ""
        return (
            f"SELECT _perubahan, CASE WHEN _perubahan = '{CHANGED}' THEN _kolom ELSE [] END AS _kolom"
            f"{columns} FROM (SELECT {kind} AS _perubahan, {listed} AS _kolom, {shown or 'NULL'},"
            f" {', '.join(joined)} FROM n FULL JOIN o USING ({', '.join(joined)}))"
            f" WHERE _perubahan <> '{CHANGED}' OR len(_kolom) > 0"
            f" ORDER BY {', '.join(joined) if self._key_is_clear else 'ALL'}"
        )

    def _keyless(self) -> str:
        columns = names(self._shown) or "1"
        return (
            f"SELECT '{NEW}' AS _perubahan, []::VARCHAR[] AS _kolom, * FROM"
            f" (SELECT {columns} FROM n EXCEPT ALL SELECT {columns} FROM o)"
            f" UNION ALL SELECT '{REMOVED}', []::VARCHAR[], * FROM"
            f" (SELECT {columns} FROM o EXCEPT ALL SELECT {columns} FROM n) ORDER BY ALL"
        )
