"""What the operating system keeps a query worker from, whatever its SQL managed to say."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.engine import DuckDBWorkers, Limits, types_of
from catalog.engine.estimating import LARGEST, work
from catalog.errors import QueryCostly, QueryFailed

SEE_ONLY = """
import sys
from pathlib import Path
from catalog.engine.confinement import see_only
inside, outside = map(Path, sys.argv[1:])
print(see_only([str(inside), str(inside.with_name("absent"))]))
print(inside.read_text())
for attempt in (outside.read_text, lambda: inside.write_text("x"), lambda: list(outside.parent.iterdir()),
                lambda: Path("/proc/self/environ").read_text(), outside.unlink, lambda: outside.rename("y")):
    try:
        print("open", attempt())
    except OSError as error:
        print(type(error).__name__)
"""

NO_NETWORK = """
import socket
from catalog.engine.confinement import leave_network
server = socket.create_server(("127.0.0.1", 0))
print(leave_network())
try:
    socket.create_connection(server.getsockname(), timeout=5)
    print("connected")
except OSError as error:
    print("unreachable")
"""


def said_by(code: str, *arguments: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_a_confined_process_reads_the_given_files_and_no_others(tmp_path: Path) -> None:
    inside, outside = tmp_path / "slice", tmp_path / "secret"
    inside.write_text("permitted")
    outside.write_text("KENARI")
    built, *told = said_by(SEE_ONLY, inside, outside)
    if built == "False":
        pytest.skip("this kernel has no Landlock; the other walls stand")
    assert told == ["permitted", *["PermissionError"] * 6]
    assert (inside.read_text(), outside.read_text()) == ("permitted", "KENARI")


def test_a_process_that_left_the_network_reaches_nobody() -> None:
    left, reached = said_by(NO_NETWORK)
    if left == "False":
        pytest.skip("this system lets nobody leave its network; the other walls stand")
    assert reached == "unreachable"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBWorkers]:
    workers = DuckDBWorkers(concurrent=1, spare=2, threads=1)
    workers.start()
    yield workers
    workers.close()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    file = tmp_path_factory.mktemp("walls") / "slice.parquet"
    pq.write_table(pa.table({"kd": [str(n % 7) for n in range(5000)], "n": range(5000)}), file)
    return {"bkad.warga": [file]}


def test_workers_live_behind_these_walls(
    engine: DuckDBWorkers, tables: dict[str, list[Path]]
) -> None:
    query = engine.submit(engine.open(tables), "select count(*) from bkad.warga", Limits())
    pid = engine._queries[query].worker.pid
    network, status = Path(f"/proc/{pid}/ns/net"), Path(f"/proc/{pid}/status").read_text()
    elsewhere = network.readlink() != Path("/proc/self/ns/net").readlink()
    list(engine.batches(query))
    assert "NoNewPrivs:\t1" in status
    assert elsewhere == (said_by(NO_NETWORK)[0] == "True")


def test_every_type_is_named_as_the_engine_names_it(engine: DuckDBWorkers) -> None:
    answer = engine.run(
        "select 1::decimal(9,2) a, [now()] b, {'x': 1::bigint} c, 'x' d where false", {}
    )
    assert types_of(answer.schema) == [
        "DECIMAL(9,2)",
        "TIMESTAMP WITH TIME ZONE[]",
        "STRUCT(x BIGINT)",
        "VARCHAR",
    ]


@pytest.mark.parametrize(
    ("sql", "least", "most"),
    [
        ("select 1", 1, 1),
        ("from bkad.warga", 5000, 5000),
        ("select kd, sum(n) from bkad.warga group by kd", 5000, 5000),
        ("-- kata\n(from bkad.warga limit 3)", 3, 5000),
        ("select count(*) from bkad.warga a, bkad.warga b", 25_000_000, 25_000_000),
        ("select 1 from bkad.warga a join bkad.warga b on a.n < b.n", 10_000_000, 30_000_000),
        ("select count(*) from " + ", ".join(f"range(9000000) t{n}" for n in range(5)), LARGEST, LARGEST),
    ],
)  # fmt: skip
def test_what_a_query_will_cost_is_told_and_nothing_is_run(
    engine: DuckDBWorkers, tables: dict[str, list[Path]], sql: str, least: int, most: int
) -> None:
    began = time.monotonic()
    told = engine.estimate(engine.open(tables), sql, Limits())
    assert least <= told <= most
    assert time.monotonic() - began < 10


def test_a_query_above_its_limit_is_not_run(
    engine: DuckDBWorkers, tables: dict[str, list[Path]]
) -> None:
    sql = "select count(*) from bkad.warga a, bkad.warga b"
    with pytest.raises(QueryCostly) as caught:
        engine.run(sql, tables, Limits(work=1_000_000))
    assert (caught.value.work, caught.value.limit) == (25_000_000, 1_000_000)
    assert engine.run(sql, tables, Limits(work=25_000_000))[0][0].as_py() == 25_000_000
    with pytest.raises(QueryFailed):
        engine.estimate(engine.open(tables), "select tidakada from bkad.warga", Limits())


def test_a_plan_without_numbers_costs_nothing() -> None:
    assert work([]) == 0
    assert work([{"name": "DUMMY_SCAN", "children": [], "extra_info": {}}]) == 0


def test_limits_of_the_process_are_those_of_the_system() -> None:
    code = (
        "import resource\nfrom catalog.engine import confinement\nconfinement.limit(3 * 2**30)\n"
        "print(*(resource.getrlimit(r)[1] for r in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)))"
    )
    assert said_by(code) == [str(3 * 2**30), "0"]
