"""Reading a release through a policy: pages of rows, counts, samples, profiles.

Only SQL written here runs, in process, over the files of the release.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from catalog.cursors import seal, unseal
from catalog.duck import identifier, reader
from catalog.errors import CursorInvalid, FilterInvalid
from catalog.filters import Filter
from catalog.keyset import Ordered, after, order_by
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, Sort, ask
from catalog.rendering import json_object
from catalog.storage.manifest import DataFile, Manifest, comparable, key_value, row_count

MAX_LIMIT = 10_000
# The first file alone often fills a page; when it does not, wider steps waste little.
_STEPS = (1, 3, 12, 48, 10_000)


@dataclass(frozen=True)
class Page:
    """One page: `json` is a JSON array of objects, or `table` holds the rows as Arrow."""

    columns: tuple[str, ...]
    count: int
    json: str
    table: pa.Table | None
    next: str | None


def rows(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str],
    columns: Sequence[str] | None = None,
    filter: Filter | str | None = None,
    sort: Sort = None,
    limit: int = 100,
    cursor: str | None = None,
    form: Literal["json", "arrow"] = "json",
    secret: bytes = b"",
) -> Page:
    """One page in key order, or in the order asked for with the key deciding ties.

    `limit` is held between 1 and 10,000. Raises ColumnNotReadable, FilterInvalid, CursorInvalid.
    """
    question = ask(
        table, manifest, schema, policy, key=key, columns=columns, filter=filter, sort=sort
    )
    limit = max(1, min(limit, MAX_LIMIT))
    turner = _ByKey(question, schema) if question.key_is_clear else _ByOffset(question)
    position = unseal(cursor, question.binding(), secret) if cursor else None
    with _reading() as connection:
        found, following = turner.page(connection, position, limit, form)
    sealed = None if following is None else seal(following, question.binding(), secret)
    return _page(question, found, form, sealed)


def sample(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str],
    size: int = 20,
) -> Page:
    """The first rows that may be seen, without a cursor."""
    return replace(rows(table, manifest, schema, policy, key=key, limit=size), next=None)


def count(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    filter: Filter | str | None = None,
) -> int:
    """How many rows may be seen that pass the filter."""
    question = ask(table, manifest, schema, policy, key=(), filter=filter)
    if question.filter is None and policy.filter is None:
        return row_count(manifest)
    condition, bound = question.condition()
    query = f"SELECT count(*) AS n FROM {question.source(manifest)} WHERE {condition}"
    with _reading() as connection:
        return int(connection.sql(query, params=bound).to_arrow_table()["n"][0].as_py())


@dataclass(frozen=True)
class ColumnProfile:
    """What a visible column holds: share of empty cells 0 to 1, about how many values, extremes."""

    column: str
    empty: float
    distinct: int
    lowest: str | None
    highest: str | None


def profile(
    table: Path, manifest: Manifest, schema: pa.Schema, policy: Policy = UNRESTRICTED
) -> list[ColumnProfile]:
    """Profile every visible column over the permitted rows; distinct counts are estimates (2 %)."""
    question = ask(table, manifest, schema, policy, key=())
    if not question.columns:
        return []
    condition, bound = question.condition()
    told = ", ".join(
        f"count({c}) AS n{i}, approx_count_distinct({c}) AS d{i},"
        f" CAST(min({c}) AS VARCHAR) AS l{i}, CAST(max({c}) AS VARCHAR) AS h{i}"
        for i, c in enumerate(identifier(name) for name in question.columns)
    )
    query = (
        f"SELECT count(*) AS total, {told} FROM"
        f" (SELECT {question.select()} FROM {question.source(manifest)} WHERE {condition})"
    )
    with _reading() as connection:
        row = connection.sql(query, params=bound).to_arrow_table().to_pylist()[0]
    total = row["total"]
    return [
        ColumnProfile(
            column=name,
            empty=1 - row[f"n{i}"] / total if total else 0.0,
            distinct=row[f"d{i}"],
            lowest=row[f"l{i}"],
            highest=row[f"h{i}"],
        )
        for i, name in enumerate(question.columns)
    ]


@contextmanager
def _reading() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = reader()
    try:
        yield connection
    except duckdb.ConversionException as error:
        # The only conversions here are those of the caller's filter values.
        raise FilterInvalid(
            "Nilai saringan tidak cocok dengan jenis kolomnya.",
            "A filter value does not fit the type of its column.",
        ) from error
    finally:
        connection.close()


def _shaped(question: Question, inner: str, form: str, places: int) -> str:
    """The query for the wanted form; JSON is built after the limit, from the masked values."""
    if form == "arrow":
        return inner
    at = "".join(f", _at_{place}" for place in range(places))
    return f"SELECT {json_object(question.shown)} AS _json{at} FROM ({inner})"


def _places(order: Sequence[Ordered]) -> str:
    return "".join(f", {column.sql} AS _at_{place}" for place, column in enumerate(order))


class _ByKey:
    """Pages that begin after the last row shown: as fast deep inside as at the start."""

    def __init__(self, question: Question, schema: pa.Schema) -> None:
        self._question = question
        self._order = question.order()
        self._key_types = [schema.field(column).type for column in question.key]

    def page(
        self, connection: duckdb.DuckDBPyConnection, position: Any, limit: int, form: str
    ) -> tuple[pa.Table, Any]:
        order = self._order
        if position is not None and len(position) != len(order):
            raise CursorInvalid
        found = self._scan(connection, position, limit + 1, form)
        more = found.num_rows > limit
        found = found.slice(0, limit)
        if not more:
            return found, None
        last = found.slice(limit - 1, 1).to_pylist()[0]
        return found, [key_value(last[f"_at_{i}"]) for i in range(len(order))]

    def _scan(
        self, connection: duckdb.DuckDBPyConnection, position: Any, wanted: int, form: str
    ) -> pa.Table:
        if not self._along_files():
            return self._query(connection, self._question.manifest, position, wanted, form)
        pending = self._ahead(position)
        pieces: list[pa.Table] = []
        for step in _STEPS:
            piece = self._query(connection, pending[:step], position, wanted, form)
            pieces.append(piece)
            wanted -= piece.num_rows
            pending = pending[step:]
            if not wanted or not pending:
                break
        return pa.concat_tables(pieces)

    def _along_files(self) -> bool:
        """Whether the order is that of the files, forwards or backwards."""
        order, key = self._order, self._question.key
        return (
            tuple(column.column for column in order[: len(key)]) == key
            and len({column.descending for column in order[: len(key)]}) == 1
        )

    def _sorting(self) -> str:
        # Files are sorted and scans keep their order, so forwards the first rows found are the page.
        if self._along_files() and not self._order[0].descending:
            return ""
        return f" ORDER BY {order_by(self._order)}"

    def _ahead(self, position: Any) -> list[DataFile]:
        """The files that can hold rows after the position, nearest first."""
        files = list(self._question.manifest)
        backwards = self._order[0].descending
        if backwards:
            files.reverse()
        if position is None:
            return files
        here = comparable(position[: len(self._key_types)], self._key_types)
        if backwards:
            return [f for f in files if comparable(f.first_key, self._key_types) < here]
        return [f for f in files if comparable(f.last_key, self._key_types) > here]

    def _query(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[DataFile],
        position: Any,
        wanted: int,
        form: str,
    ) -> pa.Table:
        condition, bound = self._question.condition()
        if position is not None:
            start, values = after(self._order, position)
            condition, bound = f"{condition} AND {start}", bound + values
        inner = (
            f"SELECT {self._question.select()}{_places(self._order)}"
            f" FROM {self._question.source(files)} WHERE {condition}{self._sorting()} LIMIT {wanted}"
        )
        query = _shaped(self._question, inner, form, len(self._order))
        return connection.sql(query, params=bound).to_arrow_table()


class _ByOffset:
    """Pages by number, for datasets without a key and for callers who may not see it."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def page(
        self, connection: duckdb.DuckDBPyConnection, position: Any, limit: int, form: str
    ) -> tuple[pa.Table, Any]:
        start = int(position) if position is not None else 0
        question = self._question
        condition, bound = question.condition()
        options, order = "", order_by(question.order())
        if not question.key and order:
            options = ", filename=true, file_row_number=true"
            order += ", filename, file_row_number"
        inner = (
            f"SELECT {question.select()}"
            f" FROM {question.source(question.manifest, options)} WHERE {condition}"
            f"{' ORDER BY ' + order if order else ''} LIMIT {limit + 1} OFFSET {start}"
        )
        query = _shaped(question, inner, form, 0)
        found = connection.sql(query, params=bound).to_arrow_table()
        return found.slice(0, limit), (start + limit if found.num_rows > limit else None)


def _page(question: Question, found: pa.Table, form: str, sealed: str | None) -> Page:
    shown = question.columns
    if form == "arrow":
        return Page(shown, found.num_rows, "", found.select(list(shown)), sealed)
    text = "[" + ",".join(found["_json"].to_pylist()) + "]"
    return Page(shown, found.num_rows, text, None, sealed)
