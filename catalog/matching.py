"""Whether records that somebody shows match those of a release: yes or no for each, nothing else."""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from catalog.duck import identifier, reader
from catalog.errors import ColumnNotReadable
from catalog.policy import Policy
from catalog.question import ask
from catalog.storage.manifest import Manifest

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


def matches(
    table: Path,
    manifest: Manifest,
    schema: pa.Schema,
    policy: Policy,
    *,
    key: Sequence[str],
    shown: Sequence[Mapping[str, str | None]],
    stored: Collection[str] | None = None,
) -> list[bool]:
    """One answer for each record shown, in their order.

    All of them name the same columns, the whole `key` among them. A record matches when the policy
    lets through a row with its key whose every other named column is equal, as it is seen through the
    policy's masks. Texts are equal whatever their case and the spaces around and between their
    words; other values are read as their column's type, and what cannot be read equals nothing.
    Nothing given equals an empty cell. Raises ColumnNotReadable for a column that may not be named.
    """
    columns = tuple(shown[0])
    question = ask(table, manifest, schema, policy, key=key, columns=columns, stored=stored)
    clear = policy.clear(question.types)
    for name in key:
        if name not in clear:
            raise ColumnNotReadable(name)
    types = question.shown
    listed, bound = question.answer()
    given = pa.table(
        {
            "place": pa.array(range(len(shown)), pa.int64()),
            **{
                f"v{n}": pa.array([record[name] for record in shown], pa.string())
                for n, name in enumerate(columns)
            },
        }
    )
    same = [
        f"g.v{n} = CAST(r.{identifier(name)} AS VARCHAR)"
        if name in key and types[name] == "VARCHAR"
        else _same(f"g.v{n}", f"r.{identifier(name)}", types[name])
        for n, name in enumerate(columns)
    ]
    query = (
        f"SELECT DISTINCT g.place AS place FROM given AS g JOIN ({listed}) AS r"
        f" ON {' AND '.join(same)}"
    )
    with closing(reader()) as connection:
        connection.register("given", given)
        found = connection.sql(query, params=bound).to_arrow_table()["place"].to_pylist()
        connection.unregister("given")
    matched = set(found)
    return [place in matched for place in range(len(shown))]


def _same(given: str, value: str, type_: str) -> str:
    if type_ == "VARCHAR":
        return f"{_plain(given)} IS NOT DISTINCT FROM {_plain(value)}"
    read = f"TRY_CAST({given} AS {type_})"
    if form := _exactly(type_):
        read = f"CASE WHEN regexp_full_match({given}, '{form}') THEN {read} END"
    # What cannot be read must not pass for empty.
    return f"({read} IS NOT DISTINCT FROM {value} AND ({given} IS NULL) = ({read} IS NULL))"


def _exactly(type_: str) -> str | None:
    """How a number of this type is written; DuckDB would round what has more places than it holds."""
    if type_ in WHOLE:
        return r"\s*[+-]?\d+(\.0*)?\s*"
    if found := re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", type_):
        return rf"\s*[+-]?\d+(\.\d{{0,{found[1]}}}0*)?\s*"
    if type_ == "DATE":
        return r"\s*\d{4}-\d{2}-\d{2}\s*"
    return None


def _plain(text: str) -> str:
    return rf"lower(trim(regexp_replace({text}, '\s+', ' ', 'g')))"
