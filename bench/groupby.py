"""Group by: analyst SQL through gate, grant and worker, beside the engine alone and the usual stores.

The grant gives three quarters of the rows and masks two columns; the others are asked for the same rows.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import duckdb

from bench import peers
from bench.belanja import AGENCIES
from bench.measuring import OURS, Figure, take_turns
from bench.run import PERMITTED, TABLE, Run

QUESTION = "SELECT skpd, count(*) AS banyak, sum(jumlah) AS jumlah FROM {table} GROUP BY skpd"
WHERE = f"sumber IN ({', '.join(f'{one!r}' for one in PERMITTED)})"
"""What the grant permits."""
REST = 0.2
"""Seconds after a turn: ours leaves a new worker to be made, which is not for the next to pay."""


def measure(run: Run) -> list[Figure]:
    asked = {"sql": QUESTION.format(table=TABLE), "format": "json"}

    def ours() -> None:
        answer = run.hub.analyst.call("POST", "/api/v1/query", json=asked).json()
        if len(answer["rows"]) != AGENCIES:
            raise RuntimeError(f"{len(answer['rows'])} groups instead of {AGENCIES}")

    with ExitStack() as opened:
        turns: dict[str, Callable[[], object]] = {OURS: ours, **_others(run, opened)}
        rounds, limit = (30, 120.0) if run.full else (15, 60.0)
        seconds = take_turns(turns, rounds=rounds, limit=limit, warm=2, rest=REST)
    return [Figure("groupby", f"{AGENCIES} groups over {run.large_rows:,} rows", seconds)]


def _others(run: Run, opened: ExitStack) -> dict[str, Callable[[], object]]:
    """DuckDB alone, warm, on the files of the release; PostgreSQL and Datasette where they are."""
    files, engine = run.hub.files(run.large), duckdb.connect()
    bare = _where(f"read_parquet({files!r})")
    turns: dict[str, Callable[[], object]] = {
        "duckdb alone": lambda: engine.execute(bare).fetchall()
    }
    postgres = opened.enter_context(peers.postgres(run.csv(run.large_rows)))
    if postgres is not None:
        turns["postgresql"] = lambda: postgres.execute(_where("keyed").encode()).fetchall()
    lite = Path(run.folder) / "groupby" / "rows.db"
    lite.parent.mkdir(exist_ok=True)
    peers.sqlite(lite, files).close()
    served = opened.enter_context(peers.datasette(lite))
    if served is not None:
        turns["datasette"] = lambda: served.sql(_where("plain"))
    return turns


def _where(table: str) -> str:
    return QUESTION.format(table=f"{table} WHERE {WHERE}")
