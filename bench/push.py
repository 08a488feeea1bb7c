"""Push: a CSV over HTTP to a validated, durable, receipted release; beside it COPY and a bare Parquet."""

import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet

from bench import belanja
from bench.measuring import OURS, Figure, cpu_of_tree, take_turns
from bench.postgres import connect, server
from bench.run import Run


def measure(run: Run) -> list[Figure]:
    rows = 1_000_000 if run.full else 200_000
    path, hub, number = run.csv(rows), run.hub, itertools.count(1)
    empty = [hub.register(f"belanja-{next(number)}") for _ in range(7)]
    cpu: list[float] = []

    def ours() -> None:
        before = cpu_of_tree(hub.pid)
        accepted = hub.steward.push_file(path, empty.pop())["accepted"]
        cpu.append(cpu_of_tree(hub.pid) - before)
        if accepted != rows:
            raise RuntimeError(f"{accepted} of {rows} rows were accepted")

    with _copying(path, rows) as copy:
        turns: dict[str, Callable[[], object]] = {OURS: ours}
        if copy is not None:
            turns["postgresql COPY"] = copy
        turns["pyarrow csv→parquet"] = lambda: _parquet(path, run.folder / "bare.parquet")
        seconds = take_turns(turns, rounds=5, limit=300 if run.full else 90)
    used = statistics.median(cpu[1:])
    more = {"CPU s": used, "rows per CPU s": rows / used, "CSV MB": path.stat().st_size / 1e6}
    return [Figure("push", f"CSV, {rows:,} rows × 8 columns", seconds, rows, more)]


def _parquet(path: Path, out: Path) -> None:
    """No verdict, no release, no receipt; but on the disk."""
    table = pyarrow.csv.read_csv(path)
    with out.open("wb") as file:
        pyarrow.parquet.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _copying(path: Path, rows: int) -> Iterator[Callable[[], None] | None]:
    """COPY of the file into an empty table of a running PostgreSQL; None where there is none."""
    user = server()
    if user is None:
        yield None
        return
    connection = connect(user)
    table = f"simpul_bench_{os.getpid()}_{time.time_ns()}"
    with connection:
        connection.execute(f"CREATE TABLE {table} ({belanja.COLUMNS})")
        connection.commit()

        def copy() -> None:
            connection.execute(f"TRUNCATE {table}")
            with connection.cursor() as cursor, path.open("rb") as file:
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as into:
                    while chunk := file.read(1 << 20):
                        into.write(chunk)
                if cursor.rowcount != rows:
                    raise RuntimeError(f"COPY took {cursor.rowcount} of {rows} rows")
            connection.commit()

        try:
            yield copy
        finally:
            connection.rollback()
            connection.execute(f"DROP TABLE {table}")
            connection.commit()
