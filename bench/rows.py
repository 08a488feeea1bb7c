"""Rows: filter and limit 100, deep pages, other orders, through a grant; beside it SQLite and bare DuckDB."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.hosting import Hub
from bench.measuring import OURS, Figure, take_turns
from bench.run import Run

ASKED = "skpd07"
DEEP = 20_000
"""Rows of the filter's about 22,000 that lie before the deep page."""
LIMIT = 100


Turns = dict[str, Callable[[], object]]


@dataclass(frozen=True)
class Ways:
    """To the same rows: through the hub, by DuckDB over the release's files, by SQLite."""

    hub: Hub
    path: str
    engine: duckdb.DuckDBPyConnection
    files: list[str]
    lite: sqlite3.Connection

    def get(self, **more: Any) -> Callable[[], None]:
        wanted = {"filter": f"skpd={ASKED}", "limit": LIMIT} | more

        def turn() -> None:
            items = self.hub.analyst.call("GET", self.path, params=wanted).json()["items"]
            if len(items) != LIMIT:
                raise RuntimeError(f"{len(items)} rows instead of {LIMIT}")

        return turn

    def alone(self, rest: str) -> Callable[[], object]:
        source = f"FROM read_parquet({self.files!r}) WHERE skpd = '{ASKED}'"
        return lambda: self.engine.execute(f"SELECT * {source} {rest} LIMIT {LIMIT}").fetchall()

    def sqlite(self, table: str, rest: str) -> Callable[[], object]:
        sql = f"SELECT * FROM {table} WHERE skpd = '{ASKED}' {rest}"
        return lambda: self.lite.execute(sql).fetchall()

    def floor(self) -> object:
        """What any request costs."""
        return self.hub.analyst.call("GET", "/healthz")


def measure(run: Run) -> list[Figure]:
    path = f"/api/v1/datasets/{run.large}/rows"
    files = run.hub.files(run.large)
    engine, lite = duckdb.connect(), _sqlite(run.folder / "rows.sqlite", files)
    cases = _cases(Ways(run.hub, path, engine, files, lite), *_deep(run, path))
    rounds, limit = (30, 60.0) if run.full else (15, 20.0)
    return [
        Figure(
            "rows",
            f"{what}, {run.large_rows:,} rows",
            take_turns(turns, rounds=rounds, limit=limit, warm=2),
        )
        for what, turns in cases.items()
    ]


def _cases(ways: Ways, cursor: str, last: str) -> dict[str, Turns]:
    """The questions, each with those who answer it; `cursor` and `last` are where the deep page begins."""
    get, alone, sqlite = ways.get, ways.alone, ways.sqlite
    return {
        "filter + limit 100, key order": {
            OURS: get(),
            "duckdb alone": alone("ORDER BY kode"),
            "sqlite, indexed": sqlite("keyed", f"ORDER BY kode LIMIT {LIMIT}"),
            "sqlite, no index": sqlite("plain", f"ORDER BY kode LIMIT {LIMIT}"),
            "bare HTTP (/healthz)": ways.floor,
        },
        f"the page after row {DEEP:,} of the filter": {
            OURS: get(cursor=cursor),
            "duckdb alone": alone(f"AND kode > '{last}' ORDER BY kode"),
            "sqlite, indexed": sqlite("keyed", f"AND kode > '{last}' ORDER BY kode LIMIT {LIMIT}"),
            "sqlite, no index, OFFSET": sqlite(
                "plain", f"ORDER BY kode LIMIT {LIMIT} OFFSET {DEEP}"
            ),
        },
        "filter + limit 100, order by amount": {
            OURS: get(sort="-jumlah"),
            "duckdb alone": alone("ORDER BY jumlah DESC"),
            "sqlite, indexed": sqlite("keyed", f"ORDER BY jumlah DESC LIMIT {LIMIT}"),
        },
    }


def _deep(run: Run, path: str) -> tuple[str, str]:
    """The cursor after `DEEP` rows of the filter, and the key it stands on."""
    cursor, seen, page = None, 0, {}
    while seen < DEEP:
        params = {"filter": f"skpd={ASKED}", "limit": DEEP // 2, "cursor": cursor}
        page = run.hub.analyst.call("GET", path, params=params).json()
        cursor, seen = page["next"], seen + len(page["items"])
    return str(cursor), str(page["items"][-1]["kode"])


def _sqlite(path: Path, files: list[str]) -> sqlite3.Connection:
    """The same rows in two tables: `plain` as they come, `keyed` with indexes for the questions."""
    rows = duckdb.execute(
        f"""SELECT kode, skpd, CAST(tanggal AS VARCHAR), uraian, jumlah, rasio, lunas, sumber
            FROM read_parquet({files!r})"""
    ).fetchall()
    lite = sqlite3.connect(path)
    columns = "kode TEXT, skpd TEXT, tanggal TEXT, uraian TEXT, jumlah INT, rasio REAL, lunas INT, sumber TEXT"
    for table in ("plain", "keyed"):
        lite.execute(f"CREATE TABLE {table} ({columns})")
        lite.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    lite.execute("CREATE UNIQUE INDEX key ON keyed (kode)")
    lite.execute("CREATE INDEX asked ON keyed (skpd, kode)")
    lite.commit()
    return lite
