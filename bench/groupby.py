"""Group by: analyst SQL through gate, grant and worker; beside it DuckDB alone on the same files."""

import duckdb

from bench.belanja import AGENCIES
from bench.measuring import OURS, Figure, take_turns
from bench.run import PERMITTED, TABLE, Run

QUESTION = "SELECT skpd, count(*) AS banyak, sum(jumlah) AS jumlah FROM {table} GROUP BY skpd"
WHERE = f"sumber IN ({', '.join(f'{one!r}' for one in PERMITTED)})"
"""What the grant permits; DuckDB alone is asked for the same rows."""


def measure(run: Run) -> list[Figure]:
    files = run.hub.files(run.large)
    engine = duckdb.connect()
    bare = QUESTION.format(table=f"read_parquet({files!r}) WHERE {WHERE}")
    asked = {"sql": QUESTION.format(table=TABLE), "format": "json"}

    def ours() -> None:
        answer = run.hub.analyst.call("POST", "/api/v1/query", json=asked).json()
        if len(answer["rows"]) != AGENCIES:
            raise RuntimeError(f"{len(answer['rows'])} groups instead of {AGENCIES}")

    rounds, limit = (30, 60.0) if run.full else (15, 20.0)
    seconds = take_turns(
        {OURS: ours, "duckdb alone": lambda: engine.execute(bare).fetchall()},
        rounds=rounds,
        limit=limit,
        warm=2,
    )
    return [Figure("groupby", f"{AGENCIES} groups over {run.large_rows:,} rows", seconds)]
