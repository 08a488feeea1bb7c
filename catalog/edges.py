"""Edges between records: which records of one release a record of another refers to.

An internal reading: it answers no person. What it writes holds keys, which are cells: whoever walks the edges
does so behind the access decision of both datasets. Only the counts stand alone.
"""
# ruff: noqa: S608 - names are quoted by catalog.duck

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from catalog.comparing import Source
from catalog.duck import literal, open_tool
from catalog.errors import QueryFailed
from schemas.references import BLANKS, LEVEL, SEPARATOR, Reference

_KEPT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 50000"


@dataclass(frozen=True)
class Side:
    """Files of a release and the columns that are its record's key."""

    files: tuple[Path, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """One reference between two releases. `array` says that the first of mine holds JSON arrays;
    `agency` is the column of mine by which the counts are broken down."""

    reference: Reference
    mine: Side
    theirs: Side
    bridge: tuple[Path, ...] = ()
    array: bool = False
    agency: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many rows refer to one record, to several, to none that is there, and to nothing at all."""

    rows: int = 0
    one: int = 0
    several: int = 0
    none: int = 0
    empty: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        mine, theirs = vars(self).values(), vars(other).values()
        return Counts(*(a + b for a, b in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class Found:
    """Counts by the value of the agency's column (None where it is empty), and the number of edges."""

    by_agency: tuple[tuple[str | None, Counts], ...]
    edges: int

    @property
    def counts(self) -> Counts:
        return sum((counts for _, counts in self.by_agency), Counts())


def join(wanted: Join, out: Path, room: Path) -> Found:
    """Write the edges to `out` (from_key, to_key; sorted by both, once each) and count them.

    `room` is a folder to overflow into; 512 MB of memory are used whatever the sizes. Records without a key
    are counted and have no edge. Raises QueryFailed when memory or disk do not suffice, or a file is gone.
    """
    try:
        with closing(open_tool(room)) as connection:
            return _joined(connection, wanted, out)
    except duckdb.Error as error:
        raise QueryFailed(str(error)) from error


def _joined(connection: duckdb.DuckDBPyConnection, wanted: Join, out: Path) -> Found:
    _load_mine(connection, wanted)
    _load_theirs(connection, wanted)
    connection.execute(f"CREATE TEMP TABLE edge AS {_edges(connection, wanted.reference)}")
    edges = _write(connection, wanted, out)
    return Found(_count(connection), edges)


def _load_mine(connection: duckdb.DuckDBPyConnection, wanted: Join) -> None:
    """`mine`: one row per record; `piece`: one row per value of it that refers to something."""
    source, reference = Source(connection, wanted.mine.files), wanted.reference
    agency = source.text(wanted.agency) if wanted.agency else "CAST(NULL AS VARCHAR)"
    columns = [f"{source.text(name)} AS m{i}" for i, name in enumerate(reference.mine)]
    connection.execute(
        "CREATE TEMP TABLE mine AS SELECT row_number() OVER () AS n,"
        f" {_key(source, wanted.mine)} AS k, {agency} AS agency, {', '.join(columns)}"
        f" FROM {source.sql}"
    )
    parts = _parts(len(reference.mine), "m")
    first = "m0"
    if reference.cut:
        cut = (
            "json_extract_string(m0, '$[*]')"
            if wanted.array
            else f"string_split(m0, '{SEPARATOR}')"
        )
        first = f"unnest({cut})"
    rest = "".join(f", {part}" for part in parts[1:])
    whole = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    value = f"trim(m0, '{BLANKS}')" if reference.cut else "m0"
    connection.execute(
        f"CREATE TEMP TABLE piece AS SELECT DISTINCT n, {value} AS m0{rest}"
        f" FROM (SELECT n, {first} AS m0{rest} FROM mine WHERE {whole}) WHERE {value} <> ''"
    )


def _load_theirs(connection: duckdb.DuckDBPyConnection, wanted: Join) -> None:
    """`theirs`: their records by what mine say of them; through a bridge, once per way to them."""
    source, reference = Source(connection, wanted.theirs.files), wanted.reference
    connection.execute(
        "CREATE TEMP TABLE record AS SELECT row_number() OVER () AS r,"
        f" {_key(source, wanted.theirs)} AS k, "
        + ", ".join(f"{source.text(name)} AS t{i}" for i, name in enumerate(reference.theirs))
        + "".join(
            f", {source.text(theirs)} AS via{i}"
            for i, (_, theirs) in enumerate(reference.bridge.to if reference.bridge else ())
        )
        + f" FROM {source.sql}"
    )
    parts = [f"record.t{i}" for i in range(len(reference.theirs))]
    between = ""
    if reference.bridge is not None:
        bridge = Source(connection, wanted.bridge)
        equal = " AND ".join(
            f"{bridge.text(its, 'b.')} = record.via{i}"
            for i, (its, _) in enumerate(reference.bridge.to)
        )
        between = f" JOIN {bridge.sql} AS b ON {equal}"
        parts += [bridge.text(name, "b.") for name in reference.bridge.met]
    said = ", ".join(f"{part} AS t{i}" for i, part in enumerate(parts))
    connection.execute(
        f"CREATE TEMP TABLE theirs AS SELECT DISTINCT r, k, {said} FROM record{between}"
    )


def _edges(connection: duckdb.DuckDBPyConnection, reference: Reference) -> str:
    """`n` of mine and `r` of theirs, each pair once."""
    parts = range(len(reference.mine))
    if reference.match != "prefix":
        equal = " AND ".join(f"m{i} = t{i}" for i in parts)
        return f"SELECT DISTINCT n, r, theirs.k FROM piece JOIN theirs ON {equal}"
    levels = connection.execute(
        f"SELECT DISTINCT len(string_split(t0, '{LEVEL}')) FROM theirs WHERE t0 <> ''"
    ).fetchall()
    listed = ", ".join(str(int(row[0])) for row in levels) or "0"
    rest = "".join(f", m{i}" for i in parts if i)
    equal = " AND ".join(f"head.m{i} = theirs.t{i}" for i in parts if i)
    return (
        "WITH head AS ("
        f"SELECT n, m0{rest}, level, array_to_string(string_split(m0, '{LEVEL}')[1:level], '{LEVEL}') AS head"
        f" FROM piece, (SELECT unnest([{listed}]) AS level)"
        f" WHERE level BETWEEN 1 AND len(string_split(m0, '{LEVEL}')))"
        ", fits AS (SELECT n, m0, level, r, theirs.k FROM head JOIN theirs ON head.head = theirs.t0 AND t0 <> ''"
        f"{' AND ' + equal if equal else ''}"
        " QUALIFY level = max(level) OVER (PARTITION BY n, m0))"
        " SELECT DISTINCT n, r, k FROM fits"
    )


def _write(connection: duckdb.DuckDBPyConnection, wanted: Join, out: Path) -> int:
    both = bool(wanted.mine.key and wanted.theirs.key)
    query = (
        "SELECT DISTINCT mine.k AS from_key, edge.k AS to_key FROM edge JOIN mine USING (n)"
        f" WHERE {'TRUE' if both else 'FALSE'} ORDER BY ALL"
    )
    connection.execute(f"COPY ({query}) TO {literal(str(out))} ({_KEPT})")
    found = connection.execute("SELECT count(*) FROM edge").fetchall()
    return int(found[0][0])


def _count(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str | None, Counts], ...]:
    counted = connection.execute(
        "WITH joined AS (SELECT n, count(*) AS c FROM edge GROUP BY n),"
        " asking AS (SELECT DISTINCT n FROM piece)"
        " SELECT agency, count(*), count(*) FILTER (c = 1), count(*) FILTER (c > 1),"
        " count(*) FILTER (c IS NULL AND asking.n IS NOT NULL), count(*) FILTER (asking.n IS NULL)"
        " FROM mine LEFT JOIN joined USING (n) LEFT JOIN asking USING (n)"
        " GROUP BY agency ORDER BY agency NULLS LAST"
    ).fetchall()
    return tuple((agency, Counts(*map(int, numbers))) for agency, *numbers in counted)


def _key(source: Source, side: Side) -> str:
    return source.key(side.key) if side.key else "CAST(NULL AS VARCHAR)"


def _parts(count: int, letter: str) -> Sequence[str]:
    return [f"{letter}{i}" for i in range(count)]
