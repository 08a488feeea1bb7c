"""The rows of a release in other hands: SQLite, Datasette over it, PostgreSQL. Each with indexes for the questions."""

import importlib.util
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx2
import psycopg

from bench import belanja
from bench.postgres import connect, server

PATIENCE = 30.0
INDEXES = (
    "CREATE UNIQUE INDEX {table}_key ON {table} (kode)",
    "CREATE INDEX {table}_asked ON {table} (skpd, kode)",
    "CREATE INDEX {table}_amount ON {table} (skpd, jumlah)",
)


def sqlite(path: Path, files: list[str]) -> sqlite3.Connection:
    """Two tables: `plain` as the rows come, `keyed` with indexes."""
    rows = duckdb.execute(
        f"""SELECT kode, skpd, CAST(tanggal AS VARCHAR), uraian, jumlah, rasio, lunas, sumber
            FROM read_parquet({files!r})"""
    ).fetchall()
    lite = sqlite3.connect(path)
    columns = "kode TEXT, skpd TEXT, tanggal TEXT, uraian TEXT, jumlah INT, rasio REAL, lunas INT, sumber TEXT"
    for table in ("plain", "keyed"):
        lite.execute(f"CREATE TABLE {table} ({columns})")
        lite.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for index in INDEXES:
        lite.execute(index.format(table="keyed"))
    lite.commit()
    return lite


@contextmanager
def postgres(path: Path) -> Iterator["psycopg.Connection[tuple[object, ...]] | None"]:
    """A connection with the CSV in a temporary table `keyed`; None where there is no server."""
    user = server()
    if user is None:
        yield None
        return
    with closing(connect(user)) as connection:
        connection.autocommit = True
        connection.execute(f"CREATE TEMP TABLE keyed ({belanja.COLUMNS})")
        with (
            connection.cursor() as cursor,
            path.open("rb") as file,
            cursor.copy("COPY keyed FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while piece := file.read(1 << 20):
                copy.write(piece)
        for index in INDEXES:
            connection.execute(index.format(table="keyed"))
        connection.execute("ANALYZE keyed")
        yield connection


class Datasette:
    """Served over HTTP from a SQLite file, as it is made to be: `rows`, the file's stem, is the database."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=url, timeout=PATIENCE)

    def rows(self, **asked: Any) -> list[dict[str, Any]]:
        """Rows of `keyed`; it counts them all and suggests facets as well, unless it is told not to."""
        answer = self._http.get("/rows/keyed.json", params={"_shape": "objects", **asked})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["rows"]
        return found

    def sql(self, question: str) -> list[Any]:
        """The rows of an answer to SQL."""
        answer = self._http.get("/rows.json", params={"_shape": "array", "sql": question})
        answer.raise_for_status()
        found: list[Any] = answer.json()
        return found


@contextmanager
def datasette(path: Path) -> Iterator[Datasette | None]:
    """None where it is not installed (`uv sync --group bench`)."""
    if importlib.util.find_spec("datasette") is None:
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(path), "--port", str(port)]
    # Its own limit of one second would cut the slow questions short, and they would count as fast.
    command += ["--setting", "sql_time_limit_ms", "30000"]
    quiet = subprocess.DEVNULL
    served = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/-/versions.json", served)
        yield Datasette(url)
    finally:
        served.terminate()
        served.wait(PATIENCE)


def _wait(url: str, served: "subprocess.Popen[Any]") -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and served.poll() is None:
        try:
            if httpx2.get(url, timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise RuntimeError("Datasette does not answer")
