"""A question to one release, checked against a policy before any SQL is written."""
# ruff: noqa: S608 - names are quoted by catalog.duck

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from catalog.duck import parquet, reader, sql_types
from catalog.errors import ColumnNotReadable, FilterInvalid
from catalog.filters import Filter, parse, to_sql
from catalog.keyset import Condition, Ordered
from catalog.policy import Policy
from catalog.storage.columns import read_as, stored_schema
from catalog.storage.manifest import DataFile, Manifest, digest, paths

Sort = str | Sequence[tuple[str, bool]] | None
"""`"-pagu,kd_rup"`, or pairs of column and whether it descends."""


@lru_cache(maxsize=256)
def types_of(schema: pa.Schema) -> dict[str, str]:
    """DuckDB's type of each column of a release with this schema."""
    connection = reader()
    try:
        return sql_types(connection, stored_schema(schema))
    finally:
        connection.close()


def parse_sort(sort: Sort) -> list[tuple[str, bool]]:
    """The columns of a sort and whether each descends; raise FilterInvalid on repeats."""
    if isinstance(sort, str):
        parts = [part.strip() for part in sort.split(",") if part.strip()]
        pairs = [(part.lstrip("+-").strip(), part.startswith("-")) for part in parts]
    else:
        pairs = list(sort or ())
    if len({column for column, _ in pairs}) < len(pairs):
        raise FilterInvalid("Urutan menyebut kolom dua kali.", "The sort names a column twice.")
    return pairs


@dataclass(frozen=True)
class Question:
    """What is asked of which release through which policy; build it with `ask`."""

    table: Path
    manifest: Manifest
    types: dict[str, str]
    policy: Policy
    columns: tuple[str, ...]
    filter: Filter | None
    sort: tuple[tuple[str, bool], ...]
    key: tuple[str, ...]
    stored: frozenset[str] | None = None
    """The columns that the files hold, when they were written for an earlier schema."""

    @property
    def shown(self) -> dict[str, str]:
        """The columns of the answer with their types."""
        return {name: self.types[name] for name in self.columns}

    @property
    def key_is_clear(self) -> bool:
        """Whether the caller may see the whole key, so that it may stand in a cursor."""
        clear = self.policy.clear(self.types)
        return bool(self.key) and all(column in clear for column in self.key)

    def order(self) -> list[Ordered]:
        """The wanted order, made total by the key; empty for the order of the files."""
        named = {column for column, _ in self.sort}
        asked = [
            Ordered(column, self.types[column], descending, nullable=column not in self.key)
            for column, descending in self.sort
        ]
        ties = [Ordered(c, self.types[c], nullable=False) for c in self.key if c not in named]
        return asked + ties

    def condition(self) -> Condition:
        """Policy and filter together; the caller's filter sees clear columns only."""
        own, bound = self.policy.condition(self.types)
        asked, more = to_sql(self.filter, self.policy.clear(self.types))
        return f"{own} AND {asked}", bound + more

    def source(self, files: Sequence[DataFile], options: str = "") -> str:
        """The table function over some of the release's files, in the form of the schema asked for."""
        if not files:
            return f"(SELECT {read_as(self.types, set())} WHERE FALSE)"
        found = parquet(paths(self.table, files), options)
        if self.stored is None:
            return found
        places = ", filename, file_row_number" if options else ""
        return f"(SELECT {read_as(self.types, self.stored)}{places} FROM {found})"

    def select(self) -> str:
        """The select list of the answer, masked where the policy says so."""
        return self.policy.select(self.types, self.columns)

    def binding(self) -> str:
        """What a cursor is tied to: this release, policy, filter and order."""
        told = [digest(self.manifest), self.policy.digest(), self.filter, self.sort]
        if self.stored is not None:
            told.append(self.types)
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def ask(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy,
    *,
    key: Sequence[str],
    columns: Sequence[str] | None = None,
    filter: Filter | str | None = None,
    sort: Sort = None,
    stored: Collection[str] | None = None,
) -> Question:
    """Check a question; raise ColumnNotReadable, FilterInvalid.

    `stored` are the columns in the files when they were written for a schema earlier than `schema`:
    the others are empty, and values take today's types.
    A filter or sort on a masked column is refused like one on a column that does not exist.
    """
    types = types_of(schema)
    visible, clear = policy.visible(types), policy.clear(types)
    if not visible:
        raise ColumnNotReadable("*")
    for name in columns or ():
        if name not in visible:
            raise ColumnNotReadable(name)
    pairs = parse_sort(sort)
    for name, _ in pairs:
        if name not in clear:
            raise ColumnNotReadable(name)
    tree = parse(filter) if isinstance(filter, str) else filter
    to_sql(tree, clear)
    return Question(
        table=table,
        manifest=manifest,
        types=types,
        policy=policy,
        columns=tuple(columns) if columns else tuple(visible),
        filter=tree,
        sort=tuple(pairs),
        key=tuple(key),
        stored=None if stored is None else frozenset(stored),
    )
