"""Turning the pages of a release: by key where the caller may see it, by number where not."""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import pyarrow as pa

from catalog.duck import first_reader, names
from catalog.errors import CursorInvalid
from catalog.keyset import Condition, Ordered, after, order_by
from catalog.question import Question
from catalog.rendering import json_object, moment
from catalog.storage.manifest import DataFile, comparable, key_value
from catalog.storage.writing import FILE_ROWS

Form = Literal["json", "arrow"]

# The first file alone often fills a page. A second costs nothing unless it is needed, which it is
# where a page begins near the end of a file. When both do not do, wider steps waste little.
_AT_FIRST = 2
_STEPS = (3, 12, 48, 10_000)
_FEW = 1_001
"""Rows for which the small memory of the first reader is enough, however wide they are."""


@dataclass(frozen=True)
class Found:
    """Rows as JSON texts or as Arrow, each with its place in the order."""

    json: list[str]
    tables: list[pa.Table]
    places: list[tuple[Any, ...]]

    @property
    def count(self) -> int:
        return len(self.places)

    def first(self, size: int) -> "Found":
        """At most `size` rows from the front."""
        if self.count <= size:
            return self
        table = pa.concat_tables(self.tables).slice(0, size) if self.tables else None
        return Found(self.json[:size], [] if table is None else [table], self.places[:size])

    def __add__(self, other: "Found") -> "Found":
        return Found(self.json + other.json, self.tables + other.tables, self.places + other.places)


def _place(column: Ordered) -> str:
    # As text in the form the manifest keeps, for Python has no zone that suits DuckDB's moments.
    if column.type == "TIMESTAMP WITH TIME ZONE":
        return moment(f"{column.sql} AT TIME ZONE 'UTC'", "+00:00")
    return column.sql


def fetch(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    rest: Condition,
    order: Sequence[Ordered],
    form: Form,
) -> Found:
    """Run `SELECT … rest` for the columns of a question and the places in an order.

    Only the rows found are masked and put into words, not all that were looked at.
    """
    places = "".join(f", {_place(column)} AS _at_{i}" for i, column in enumerate(order))
    named = [f"_at_{i}" for i in range(len(order))]
    shown, bound = question.select()
    found = f"SELECT {names(question.columns)}{places} {rest[0]}"
    masked = f"SELECT {', '.join([shown, *named])} FROM ({found})"
    bound = bound + rest[1]
    if form == "arrow":
        table = connection.sql(masked, params=bound).to_arrow_table()
        values = [table[name].to_pylist() for name in named]
        spots = list(zip(*values, strict=True)) if values else [()] * table.num_rows
        return Found([], [table.select(list(question.columns))], spots)
    worded = f"SELECT {', '.join([json_object(question.shown), *named])} FROM ({masked})"
    rows = connection.execute(worded, bound).fetchall()
    return Found([row[0] for row in rows], [], [row[1:] for row in rows])


class ByKey:
    """Pages that begin after the last row shown: as fast deep inside as at the start."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._order = question.order()
        self._key_types = [question.schema.field(column).type for column in question.key]
        key = question.key
        lead = self._order[: len(key)]
        self._along_files = (
            tuple(column.column for column in lead) == key
            and len({column.descending for column in lead}) == 1
        )
        self._backwards = self._order[0].descending

    def page(
        self, connection: duckdb.DuckDBPyConnection, position: Any, limit: int, form: Form
    ) -> tuple[Found, Any]:
        """The rows after a position, and the next position when there are more."""
        if position is not None and len(position) != len(self._order):
            raise CursorInvalid
        found = self._scan(connection, position, limit + 1, form)
        if found.count <= limit:
            return found, None
        found = found.first(limit)
        return found, [key_value(value) for value in found.places[-1]]

    def _scan(
        self, connection: duckdb.DuckDBPyConnection, position: Any, wanted: int, form: Form
    ) -> Found:
        if not self._along_files:
            return self._query(connection, self._question.manifest, position, wanted, form)
        pending = self._ahead(position)
        found = self._first(connection, pending[:_AT_FIRST], position, wanted, form)
        pending = pending[_AT_FIRST:]
        for step in _STEPS:
            if found.count >= wanted or not pending:
                break
            found += self._query(connection, pending[:step], position, wanted - found.count, form)
            pending = pending[step:]
        return found

    def _first(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[DataFile],
        position: Any,
        wanted: int,
        form: Form,
    ) -> Found:
        if wanted > _FEW or any(file.rows > FILE_ROWS for file in files):
            return self._query(connection, files, position, wanted, form)
        with closing(first_reader()) as quick:
            return self._query(quick, files, position, wanted, form)

    def _ahead(self, position: Any) -> list[DataFile]:
        """The files that can hold rows after the position, nearest first; one alone has no choice."""
        files = list(self._question.manifest)
        if self._backwards:
            files.reverse()
        if position is None or len(files) == 1:
            return files
        here = comparable(position[: len(self._key_types)], self._key_types)
        if self._backwards:
            return [f for f in files if comparable(f.first_key, self._key_types) < here]
        return [f for f in files if comparable(f.last_key, self._key_types) > here]

    def _query(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[DataFile],
        position: Any,
        wanted: int,
        form: Form,
    ) -> Found:
        seen, bound = self._question.seen(files)
        asked, more = self._question.condition()
        bound = bound + more
        if position is not None:
            start, values = after(self._order, position)
            asked, bound = f"{asked} AND {start}", bound + values
        # Files are sorted and scans keep their order: forwards, the first rows found are the page.
        forwards = self._along_files and not self._backwards
        sorting = "" if forwards else f" ORDER BY {order_by(self._order)}"
        rest = f"FROM {seen} WHERE {asked}{sorting} LIMIT {wanted}"
        return fetch(connection, self._question, (rest, bound), self._order, form)


class ByOffset:
    """Pages by number, for datasets without a key and for callers who may not see it."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def page(
        self, connection: duckdb.DuckDBPyConnection, position: Any, limit: int, form: Form
    ) -> tuple[Found, Any]:
        """The rows from a number on, and the next number when there are more."""
        start = int(position) if position is not None else 0
        question = self._question
        options, order = "", order_by(question.order())
        if order:
            options = ", filename=true, file_row_number=true"
            order = f" ORDER BY {order}, filename, file_row_number"
        seen, bound = question.seen(question.manifest, options)
        asked, more = question.condition()
        rest = f"FROM {seen} WHERE {asked}{order} LIMIT {limit + 1} OFFSET {start}"
        found = fetch(connection, question, (rest, bound + more), (), form)
        return found.first(limit), (start + limit if found.count > limit else None)
