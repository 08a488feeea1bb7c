"""Marks on rows: which rows of a release are marked as a policy shows it, and the column that says so.

A mark is resolved against one release and one policy: only rows that pass the filter, only fields that
may be seen, only where the cell holds the value that was reported. What comes out names rows by their key
as it is shown (clear or hashed), so it can be joined to whatever form the rows take.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from catalog.duck import identifier, reader
from catalog.export import Rows
from catalog.filters import values_fit
from catalog.joining import COLUMN
from catalog.keyset import Condition
from catalog.marks import OpenMark
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, ask
from catalog.rendering import plain
from catalog.storage.manifest import Manifest

Digest = Callable[[str | None], str]
"""Keyed, of the text of a value; None is an empty cell."""
Said = Mapping[str, str]
"""Field to what is said of its value."""


@dataclass(frozen=True, eq=False)
class Shown:
    """The marked rows that a reader sees; `rows` by their place, `count` also where no key shows them."""

    key: tuple[str, ...] = ()
    rows: Mapping[str, Said] | None = None
    count: int = 0

    @cached_property
    def _whole(self) -> dict[str, str]:
        return self._of(None)

    def of(self, columns: Collection[str] | None) -> dict[str, str]:
        """What the mark column holds, by place, when these columns are shown (None: all)."""
        return self._whole if columns is None else self._of(columns)

    def _of(self, columns: Collection[str] | None) -> dict[str, str]:
        kept = {
            place: {n: says for n, says in said.items() if columns is None or n in columns}
            for place, said in (self.rows or {}).items()
        }
        return {
            place: json.dumps(said, ensure_ascii=False, sort_keys=True)
            for place, said in kept.items()
            if said
        }


NOTHING = Shown()


@dataclass(frozen=True)
class Cell:
    """One cell: the text of its row's key, its own text, and the JSON by which readers are shown it."""

    key: dict[str, str]
    text: str | None
    json: str


def shown(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy,
    *,
    key: Sequence[str],
    marks: Sequence[OpenMark],
    digest: Digest,
    stored: Collection[str] | None = None,
) -> Shown:
    """The marks of a dataset as this policy shows them in this release."""
    question = ask(table, manifest, schema, policy, key=key, stored=stored)
    seen = policy.askable(question.types)
    wanted = [
        one for one in marks if one.field in seen and dict(one.key).keys() == set(question.key)
    ]
    if not wanted or not question.key:
        return NOTHING
    apart = policy.tells_apart(question.types, question.key)
    fields = sorted({one.field for one in wanted})
    found = _cells(question, [dict(one.key) for one in wanted], fields, place=apart)
    said: dict[str, dict[str, str]] = {}
    for one in wanted:
        for row in found.get(tuple(dict(one.key)[name] for name in question.key), ()):
            if digest(row[one.field]) == one.value:
                name = row[_PLACE] or json.dumps(one.key)
                said.setdefault(name, {})[one.field] = one.says
    return Shown(question.key, said if apart else None, len(said))


def cell(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy,
    *,
    key: Sequence[str],
    at: Mapping[str, str],
    field: str,
    stored: Collection[str] | None = None,
) -> Cell | None:
    """The cell that a reader names by the key as it is shown; None when he sees no such cell.

    A masked value is none that he sees.
    """
    question = ask(table, manifest, schema, policy, key=key, stored=stored)
    types = question.types
    named = at.keys() == set(question.key) and policy.tells_apart(types, question.key)
    if not named or field not in policy.clear(types):
        return None
    own, bound = policy.condition(types)
    equal, more = _equal(question, at)
    shown = f"coalesce(CAST(to_json({plain(identifier(field), types[field])}) AS VARCHAR), 'null')"
    query = (
        f"SELECT {_texts(question.key, 'k')}, CAST({identifier(field)} AS VARCHAR) AS f, {shown} AS j"
        f" FROM {question.source(manifest)} WHERE {own} AND {equal} LIMIT 2"
    )
    with closing(reader()) as connection, values_fit():
        rows = connection.execute(query, bound + more).fetchall()
    if len(rows) != 1:
        return None
    *parts, text, told = rows[0]
    return Cell(dict(zip(question.key, parts, strict=True)), text, told)


def value(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    *,
    key: Sequence[str],
    at: Mapping[str, str],
    field: str,
    stored: Collection[str] | None = None,
) -> Cell | None:
    """The same for the hub itself, by the true key; None when there is no such cell any more."""
    return cell(table, manifest, schema, UNRESTRICTED, key=key, at=at, field=field, stored=stored)


@dataclass(frozen=True)
class Marked:
    """Rows with the column that marks them; `rows` hold the whole key, `columns` are those to show."""

    rows: Rows
    columns: tuple[str, ...]
    key: tuple[str, ...]
    said: Mapping[str, str]

    @property
    def types(self) -> dict[str, str]:
        types = self.rows.types
        return {**{name: types[name] for name in self.columns}, COLUMN: "VARCHAR"}

    def schema(self) -> pa.Schema:
        whole = self.rows.schema()
        fields = [whole.field(name) for name in self.columns]
        return pa.schema([*fields, pa.field(COLUMN, pa.string())])

    def batches(self, line: str | None = None) -> Iterator[pa.RecordBatch]:
        schema = self.schema()
        told = pa.array(list(self.said.values()), pa.string())
        places = pa.array(list(self.said), pa.string())
        plain = len(self.key) == 1 and pa.types.is_string(
            self.rows.schema().field(self.key[0]).type
        )
        if plain:
            places = pa.array([json.loads(place)[0] for place in self.said], pa.string())
        for batch in self.rows.batches():
            # A projection keeps the order, which a join need not; a key that is a text is its own place.
            at = batch.column(self.key[0]) if plain else _projected(batch, _place(self.key))
            found = pc.index_in(at, value_set=places)
            shown = [batch.column(name) for name in self.columns]
            marked = pa.RecordBatch.from_arrays([*shown, told.take(found)], schema=schema)
            if line is None:
                yield marked
            else:
                lines = _projected(marked, line)
                yield pa.RecordBatch.from_arrays([lines], names=["line"])


_PLACE = "place"


def _cells(
    question: Question, keys: Sequence[Mapping[str, str]], fields: Sequence[str], *, place: bool
) -> dict[tuple[str, ...], list[dict[str, str | None]]]:
    """The texts of some fields, by key, in the rows that the policy permits."""
    policy, types, key = question.policy, question.types, question.key
    own, bound = policy.condition(types)
    wanted = pa.table({f"w{i}": [one[name] for one in keys] for i, name in enumerate(key)})
    name = f"marks_{uuid.uuid4().hex}"
    equal = " AND ".join(
        f"s.{identifier(column)} = TRY_CAST(w.w{i} AS {types[column]})"
        for i, column in enumerate(key)
    )
    at, first = _shown_place(policy, types, key) if place else ("NULL", [])
    listed = ", ".join(
        f"CAST({identifier(field)} AS VARCHAR) AS f{i}" for i, field in enumerate(fields)
    )
    query = (
        f"SELECT {_texts(key, 'k')}, {at} AS {_PLACE}, {listed}"
        f" FROM (SELECT s.* FROM {question.source(question.manifest)} AS s"
        f" SEMI JOIN {name} AS w ON {equal}) WHERE {own}"
    )
    found: dict[tuple[str, ...], list[dict[str, str | None]]] = {}
    with closing(reader()) as connection, values_fit():
        connection.register(name, wanted)
        try:
            rows = connection.execute(query, first + bound).fetchall()
        finally:
            connection.unregister(name)
    for row in rows:
        parts, spot, texts = row[: len(key)], row[len(key)], row[len(key) + 1 :]
        told = {_PLACE: spot, **dict(zip(fields, texts, strict=True))}
        found.setdefault(parts, []).append(told)
    return found


def _equal(question: Question, at: Mapping[str, str]) -> Condition:
    """The rows whose key is shown as this; plain comparisons where it is clear, for they prune files."""
    policy, types = question.policy, question.types
    parts: list[str] = []
    bound: list[object] = []
    for column in question.key:
        expression, values = policy.expression(column, types[column])
        shown_type = policy.visible(types)[column]
        parts.append(f"{expression} = TRY_CAST(? AS {shown_type})")
        bound += [*values, at[column]]
    return " AND ".join(parts), bound


def _texts(columns: Sequence[str], letter: str) -> str:
    return ", ".join(
        f"CAST({identifier(column)} AS VARCHAR) AS {letter}{i}" for i, column in enumerate(columns)
    )


def _place(key: Sequence[str]) -> str:
    """One text for a row's key as it is shown: a JSON list of the texts of its parts."""
    return _list([identifier(column) for column in key])


def _shown_place(policy: Policy, types: Mapping[str, str], key: Sequence[str]) -> Condition:
    shown = [policy.expression(column, types[column]) for column in key]
    return _list([sql for sql, _ in shown]), [value for _, values in shown for value in values]


def _list(parts: Sequence[str]) -> str:
    listed = ", ".join(f"CAST({part} AS VARCHAR)" for part in parts)
    return f"CAST(to_json([{listed}]) AS VARCHAR)"


def _projected(batch: pa.RecordBatch, expression: str) -> pa.Array:
    """The texts that an expression gives for the rows of a batch, in their order."""
    name = f"marked_{uuid.uuid4().hex}"
    with closing(reader()) as connection:
        connection.register(name, pa.Table.from_batches([batch]))
        try:
            found = connection.sql(f"SELECT {expression} AS told FROM {name}").to_arrow_table()
        finally:
            connection.unregister(name)
    return found["told"].combine_chunks()
