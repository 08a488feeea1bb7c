"""Reading a release through a policy: pages of rows, counts, samples, profiles.

Only SQL written here runs, in process, over the files of the release.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

import json
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from catalog.cursors import seal, unseal
from catalog.duck import identifier, reader
from catalog.filters import Filter, values_fit
from catalog.paging import ByKey, ByOffset, Form, Found
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, Sort, ask
from catalog.slices import Slices, through_slice
from catalog.storage.manifest import Manifest, row_count

MAX_LIMIT = 10_000


@dataclass(frozen=True)
class Page:
    """One page: `json` is a JSON array of objects, or `table` holds the rows as Arrow.

    `beside` are the values of the column asked for beside the rows, None when they cannot be told.
    """

    columns: tuple[str, ...]
    count: int
    json: str
    table: pa.Table | None
    next: str | None
    beside: list[Any] | None = None


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
    form: Form = "json",
    secret: bytes = b"",
    stored: Collection[str] | None = None,
    slices: Slices | None = None,
    beside: str | None = None,
) -> Page:
    """One page in key order, or in the order asked for with the key deciding ties.

    With `slices`, whoever may not see the key sees the rows in the order of what may be seen.
    `beside` is a column whose true values in these rows the hub wants for itself.
    `stored` are the columns of files that were written for an earlier schema. `limit` is held
    between 1 and 10,000. Raises ColumnNotReadable, FilterInvalid, CursorInvalid, StorageFull.
    """
    question = ask(
        table,
        manifest,
        schema,
        policy,
        key=key,
        columns=columns,
        filter=filter,
        sort=sort,
        stored=stored,
    )
    if slices is not None:
        question = through_slice(question, slices)
    limit = max(1, min(limit, MAX_LIMIT))
    turner = ByKey(question) if question.key_is_clear else ByOffset(question)
    position = unseal(cursor, question.binding(), secret) if cursor else None
    with closing(reader()) as connection, values_fit():
        found, following = turner.page(connection, position, limit, form)
        told = None
        if beside is not None:
            told = _beside(connection, question, found, beside, position, limit)
    sealed = None if following is None else seal(following, question.binding(), secret)
    return replace(_page(question, found, form, sealed), beside=told)


def _beside(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    found: Found,
    column: str,
    position: Any,
    limit: int,
) -> list[Any] | None:
    """The true values of a column in the rows of a page, whether or not the page shows them."""
    if column in question.columns and not question.policy.is_masked(column):
        if found.tables:
            return [value for table in found.tables for value in table[column].to_pylist()]
        return [json.loads(row)[column] for row in found.json]
    if column in question.policy.clear(question.types):
        other = replace(question, columns=(column,))
    elif question.key_is_clear and column not in question.compared:
        other = replace(question, policy=question.policy.showing(column), columns=(column,))
    else:
        return None  # by the order of what may be seen alone, rows cannot be found again
    turner = ByKey(other) if other.key_is_clear else ByOffset(other)
    again, _ = turner.page(connection, position, limit, "arrow")
    return [value for table in again.tables for value in table[column].to_pylist()]


def values(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy,
    *,
    column: str,
    key: Sequence[str] = (),
    filter: Filter | str | None = None,
    stored: Collection[str] | None = None,
) -> list[Any] | None:
    """The true values of a column in all rows that may be seen and pass the filter, for the hub itself.

    None where the filter asks for masked values of that very column.
    """
    question = ask(table, manifest, schema, policy, key=key, filter=filter, stored=stored)
    if policy.is_masked(column) and column in question.compared:
        return None
    wider = replace(question, policy=policy.showing(column), columns=(column,))
    query, bound = wider.answer()
    with closing(reader()) as connection, values_fit():
        found = connection.sql(query, params=bound).to_arrow_table()
    told: list[Any] = found[column].to_pylist()
    return told


def sample(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str],
    size: int = 20,
    stored: Collection[str] | None = None,
    slices: Slices | None = None,
    beside: str | None = None,
) -> Page:
    """The first rows that may be seen, without a cursor."""
    page = rows(
        table,
        manifest,
        schema,
        policy,
        key=key,
        limit=size,
        stored=stored,
        slices=slices,
        beside=beside,
    )
    return replace(page, next=None)


def count(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str] = (),
    filter: Filter | str | None = None,
    stored: Collection[str] | None = None,
    slices: Slices | None = None,
) -> int:
    """How many rows may be seen that pass the filter."""
    question = ask(table, manifest, schema, policy, key=key, filter=filter, stored=stored)
    if question.filter is None and policy.filter is None:
        return row_count(manifest)
    if slices is not None:
        question = through_slice(question, slices)
    seen, bound = question.seen(question.manifest)
    asked, more = question.condition()
    query = f"SELECT count(*) AS n FROM {seen} WHERE {asked}"
    with closing(reader()) as connection, values_fit():
        return int(connection.sql(query, params=bound + more).to_arrow_table()["n"][0].as_py())


@dataclass(frozen=True)
class ColumnProfile:
    """What a visible column holds: share of empty cells 0 to 1, about how many values, extremes."""

    column: str
    empty: float
    distinct: int
    lowest: str | None
    highest: str | None


def profile(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy = UNRESTRICTED,
    *,
    key: Sequence[str] = (),
    stored: Collection[str] | None = None,
    slices: Slices | None = None,
) -> list[ColumnProfile]:
    """Profile every visible column over the permitted rows; distinct counts are estimates (2 %)."""
    question = ask(table, manifest, schema, policy, key=key, stored=stored)
    if slices is not None:
        question = through_slice(question, slices, over=question.columns)
    answer, bound = question.answer()
    told = ", ".join(
        f"count({c}) AS n{i}, approx_count_distinct({c}) AS d{i},"
        f" CAST(min({c}) AS VARCHAR) AS l{i}, CAST(max({c}) AS VARCHAR) AS h{i}"
        for i, c in enumerate(identifier(name) for name in question.columns)
    )
    query = f"SELECT count(*) AS total, {told} FROM ({answer})"
    with closing(reader()) as connection, values_fit():
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


def _page(question: Question, found: Found, form: Form, sealed: str | None) -> Page:
    if form == "arrow":
        return Page(question.columns, found.count, "", pa.concat_tables(found.tables), sealed)
    return Page(question.columns, found.count, f"[{','.join(found.json)}]", None, sealed)
