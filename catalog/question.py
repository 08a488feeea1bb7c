"""A question to one release, checked against a policy before any SQL is written."""
# ruff: noqa: S608 - names are quoted by catalog.duck

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import pyarrow as pa

from catalog.duck import identifier, parquet, reader, sql_types
from catalog.errors import ColumnNotReadable, FilterInvalid
from catalog.filters import Filter, columns_of, parse, to_sql
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
    schema: pa.Schema
    policy: Policy
    columns: tuple[str, ...]
    filter: Filter | None
    sort: tuple[tuple[str, bool], ...]
    key: tuple[str, ...]
    stored: frozenset[str] | None = None
    """The columns that the files hold, when they were written for an earlier schema."""

    @cached_property
    def types(self) -> dict[str, str]:
        """The columns of the release with their true types."""
        return types_of(self.schema)

    @property
    def shown(self) -> dict[str, str]:
        """The columns of the answer with the types they show."""
        visible = self.policy.visible(self.types)
        return {name: visible[name] for name in self.columns}

    @property
    def key_is_clear(self) -> bool:
        """Whether the caller may see the whole key, so that it may stand in a cursor."""
        clear = self.policy.clear(self.types)
        return bool(self.key) and all(column in clear for column in self.key)

    @cached_property
    def compared(self) -> frozenset[str]:
        """The columns by which the caller filters or sorts."""
        filtered = columns_of(self.filter) if self.filter is not None else set()
        return frozenset(filtered | {column for column, _ in self.sort})

    @cached_property
    def _masked_before(self) -> dict[str, Condition]:
        """Masked columns that are compared, as they are shown."""
        return {
            column: self.policy.expression(column, self.types[column])
            for column in self.types
            if column in self.compared and self.policy.is_masked(column)
        }

    def order(self) -> list[Ordered]:
        """The order asked for, made total by the key where the caller may see it."""
        named = {column for column, _ in self.sort}
        types = self.policy.askable(self.types)
        asked = [
            Ordered(column, types[column], descending, nullable=column not in self.key)
            for column, descending in self.sort
        ]
        ties = self.key if self.key_is_clear else ()
        return asked + [Ordered(c, self.types[c], nullable=False) for c in ties if c not in named]

    def condition(self) -> Condition:
        """The caller's filter, over the relation that `seen` gives."""
        return to_sql(self.filter, self.policy.askable(self.types))

    def source(self, files: Sequence[DataFile], options: str = "") -> str:
        """The table function over some of the release's files, in the form of the schema asked for."""
        if not files:
            return f"(SELECT {read_as(self.types, set())} WHERE FALSE)"
        found = parquet(paths(self.table, files), options)
        if self.stored is None:
            return found
        places = ", filename, file_row_number" if options else ""
        return f"(SELECT {read_as(self.types, self.stored)}{places} FROM {found})"

    def seen(self, files: Sequence[DataFile], options: str = "") -> Condition:
        """The rows that the policy permits; masked are the columns that the caller compares by.

        The other masks are left to `select`, which sees the rows of one page only.
        """
        bound = [value for _, values in self._masked_before.values() for value in values]
        masked = ", ".join(
            f"{shown} AS {identifier(column)}" for column, (shown, _) in self._masked_before.items()
        )
        own, more = self.policy.condition(self.types)
        replaced = f" REPLACE ({masked})" if masked else ""
        return f"(SELECT *{replaced} FROM {self.source(files, options)} WHERE {own})", bound + more

    def select(self) -> Condition:
        """The select list of the answer over rows of `seen`: what is not masked yet is masked now."""
        masks = tuple(mask for mask in self.policy.masks if mask[0] not in self._masked_before)
        return replace(self.policy, masks=masks).select(self.types, self.columns)

    def answer(self, order: str = "") -> Condition:
        """The whole answer as one query."""
        listed, bound = self.select()
        seen, more = self.seen(self.manifest)
        asked, most = self.condition()
        return f"SELECT {listed} FROM {seen} WHERE {asked}{order}", bound + more + most

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
    Filters and sorts see masked values; one on a hidden column is refused like one on a column that
    does not exist.
    """
    types = types_of(schema)
    visible, askable = policy.visible(types), policy.askable(types)
    if not visible:
        raise ColumnNotReadable("*")
    for name in columns or ():
        if name not in visible:
            raise ColumnNotReadable(name)
    pairs = parse_sort(sort)
    for name, _ in pairs:
        if name not in askable:
            raise ColumnNotReadable(name)
    tree = parse(filter) if isinstance(filter, str) else filter
    to_sql(tree, askable)
    return Question(
        table=table,
        manifest=manifest,
        schema=schema,
        policy=policy,
        columns=tuple(columns) if columns else tuple(visible),
        filter=tree,
        sort=tuple(pairs),
        key=tuple(key),
        stored=None if stored is None else frozenset(stored),
    )
