"""The contract of a query engine, and what happens to SQL that gets past the gate all the same."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.engine import DuckDBWorkers, Engine, Limits, capped
from catalog.errors import EngineBusy, QueryCancelled, QueryFailed, QueryTooSlow

Tables = dict[str, list[Path]]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBWorkers]:
    workers = DuckDBWorkers(concurrent=2, spare=3, threads=1)
    workers.start()
    yield workers
    workers.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def tables(place: Path) -> Tables:
    pq.write_table(
        pa.table({"kd": ["01", "02", "02"], "pagu": [1, 2, 3], "nama": ["a", None, "c"]}),
        place / "granted.parquet",
    )
    pq.write_table(pa.table({"nik": ["6401000000000001"]}), place / "secret.parquet")
    return {"bkad.sub_kegiatan": [place / "granted.parquet"]}


def test_a_query_is_answered_with_types(engine: Engine, tables: Tables) -> None:
    sql = "select kd, sum(pagu)::bigint s, now() at time zone 'UTC' < 'infinity' t from bkad.sub_kegiatan group by kd order by kd"
    query = engine.submit(engine.open(tables), sql, Limits())
    answer = pa.Table.from_batches(list(engine.batches(query)))
    assert answer.to_pydict() == {"kd": ["01", "02"], "s": [1, 5], "t": [True, True]}
    assert capped(answer) is None


def test_an_answer_without_rows_still_has_its_columns(
    engine: DuckDBWorkers, tables: Tables
) -> None:
    answer = engine.run("select kd from bkad.sub_kegiatan where false", tables)
    assert (answer.num_rows, answer.column_names) == (0, ["kd"])


@pytest.mark.parametrize(
    ("limits", "reason", "least"),
    [(Limits(rows=25_000), "rows", 25_000), (Limits(bytes=200_000), "bytes", 24_000)],
)
def test_a_long_answer_is_cut_and_says_so(
    engine: DuckDBWorkers, limits: Limits, reason: str, least: int
) -> None:
    answer = engine.run("select range::bigint i from range(1000000)", {}, limits)
    assert capped(answer) == reason
    assert least <= answer.num_rows <= 25_000


def test_an_endless_query_is_stopped_at_its_deadline(engine: DuckDBWorkers) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTooSlow):
        engine.run(
            "select count(*) from range(10000000) a, range(10000000) b", {}, Limits(seconds=0.5)
        )
    assert time.monotonic() - began < 20
    assert engine.run("select 1 a", {}).to_pydict() == {"a": [1]}


def test_a_query_nobody_reads_is_stopped_too(engine: DuckDBWorkers) -> None:
    sql = "select count(*) from range(10000000) a, range(10000000) b"
    left = [engine.submit(engine.open({}), sql, Limits(seconds=0.2)) for _ in range(2)]
    assert engine.run("select 1 a", {}, Limits(wait_seconds=30)).to_pydict() == {"a": [1]}
    assert len(left) == 2


def test_a_cancelled_query_ends_at_once(engine: DuckDBWorkers) -> None:
    sql = "select count(*) from range(10000000) a, range(10000000) b"
    query = engine.submit(engine.open({}), sql, Limits(seconds=60))
    threading.Timer(0.2, engine.cancel, [query]).start()
    with pytest.raises(QueryCancelled):
        list(engine.batches(query))
    engine.cancel(query)


def test_a_full_engine_says_that_it_is_busy(engine: DuckDBWorkers) -> None:
    sql = "select count(*) from range(10000000) a, range(10000000) b"
    running = [engine.submit(engine.open({}), sql, Limits(seconds=60)) for _ in range(2)]
    with pytest.raises(EngineBusy):
        engine.run("select 1", {}, Limits(wait_seconds=0.1))
    for query in running:
        engine.cancel(query)
        with pytest.raises(QueryCancelled):
            list(engine.batches(query))


@pytest.mark.parametrize(
    "sql",
    [
        "select length(repeat('x', 2000000000))",
        "select list_sort(range(200000000))[1]",
        "select string_agg(repeat('x', 1000000), '') from range(5000)",
    ],
)
def test_memory_bombs_burst_in_the_worker_alone(engine: DuckDBWorkers, sql: str) -> None:
    with pytest.raises((QueryFailed, QueryTooSlow)):
        engine.run(sql, {}, Limits(seconds=2))
    assert engine.run("select 1 a", {}).num_rows == 1


def test_deep_nesting_kills_no_more_than_the_worker(engine: DuckDBWorkers) -> None:
    deep = "select * from (" * 100_000 + "select 1" + ")" * 100_000
    with pytest.raises((QueryFailed, QueryTooSlow)):
        engine.run(deep, {}, Limits(seconds=2))
    assert engine.run("select 1 a", {}).num_rows == 1


def test_a_query_meets_a_fresh_worker_every_time(engine: DuckDBWorkers) -> None:
    engine.run("create table bkad_left as select 42 a", {})
    with pytest.raises(QueryFailed):
        engine.run("select * from bkad_left", {})


def test_an_error_shows_no_path_of_the_hub(engine: DuckDBWorkers, place: Path) -> None:
    broken = place / "broken.parquet"
    broken.write_bytes(b"no parquet at all")
    with pytest.raises(QueryFailed) as caught:
        engine.run("select * from bkad.rusak", {"bkad.rusak": [broken]})
    assert str(place) not in caught.value.message


def test_workers_come_back_after_their_nursery_died(tables: Tables) -> None:
    workers = DuckDBWorkers(concurrent=1, spare=1, threads=1)
    try:
        assert workers.run("select 1 a", {}).num_rows == 1
        process = workers._nursery._process
        assert process is not None
        process.kill()
        process.wait()
        assert workers.run("select count(*) n from bkad.sub_kegiatan", tables)["n"][0].as_py() == 3
    finally:
        workers.close()


def test_closing_leaves_no_process_behind() -> None:
    workers = DuckDBWorkers(concurrent=1, spare=2, threads=1)
    workers.run("select 1", {})
    process = workers._nursery._process
    assert process is not None
    nursery = process.pid
    children = Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()
    workers.close()
    limit = time.monotonic() + 10
    while any(_alive(int(pid)) for pid in [str(nursery), *children]):
        assert time.monotonic() < limit
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


ESCAPES = [
    "select * from read_csv('/etc/passwd', delim=':', header=false) limit 1",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/hostname')",
    "select * from read_json('/etc/os-release')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from glob('{place}/*')",
    "select * from '/etc/passwd'",
    "select * from read_parquet('{place}/secret.parquet')",
    "select * from '{place}/secret.parquet'",
    "select * from read_parquet('{place}/granted.parquet/../secret.parquet')",
    "select * from read_parquet('{place}/*.parquet')",
    "select * from parquet_metadata('{place}/secret.parquet')",
    "select * from parquet_schema('{place}/secret.parquet')",
    "select * from read_csv('http://127.0.0.1:5581/')",
    "copy (select 1 a) to '{place}/out.csv'",
    "copy (select 1 a) to '{place}/granted.parquet.x'",
    "copy (select 1 a) to '{place}/granted.parquet' (format parquet)",
    "copy bkad.sub_kegiatan to '{place}/out.parquet'",
    "export database '{place}/exp'",
    "import database '{place}/exp'",
    "attach '{place}/x.db'",
    "attach '/tmp/x.sqlite' (type sqlite)",
    "install httpfs",
    "load httpfs",
    "load '/tmp/evil.duckdb_extension'",
    "create secret s (type s3, key_id 'a', secret 'b')",
    "set enable_external_access = true",
    "reset enable_external_access",
    "set allowed_paths = ['/etc/passwd']",
    "set allowed_directories = ['/']",
    "set temp_directory = '{place}'",
    "set memory_limit = '100GB'",
    "set threads = 8",
    "set global lock_configuration = false",
    "set python_enable_replacements = true",
    "pragma enable_profiling = 'json'",
    "pragma profiling_output = '{place}/prof.json'",
    "set enable_logging = true",
    "call enable_logging(storage = 'file', storage_path = '{place}/log')",
    "select getenv('PATH')",
    "select * from arrow_scan(1, 2, 3)",
    "select * from pandas_scan(1234)",
    "select * from python_map_function(1)",
    "select * from tables",
    "select * from request",
    "select * from read_duckdb('/tmp/x.db')",
    "from read_text('/proc/self/environ')",
    "from read_text('/proc/self/cmdline')",
]

HARMLESS = [
    "select * from which_secret('s3://a/b', 's3')",
    "select sql from duckdb_views() where not internal",
    "select * from information_schema.views",
    "select * from duckdb_settings()",
    "select current_setting('allowed_paths')",
    "select * from duckdb_databases()",
    "select * from duckdb_secrets()",
    "select * from duckdb_temporary_files()",
    "select * from read_parquet('{place}/granted.parquet')",
    "create or replace view bkad.sub_kegiatan as select 1 x",
    "drop view bkad.sub_kegiatan",
    "attach ':memory:' as m2",
    "set variable x = 1",
    "select count(*) from bkad.sub_kegiatan where case when pagu > 0 then error('x' || nama) end is null",
    "select * from query('select 1')",
]


@pytest.mark.parametrize("sql", ESCAPES, ids=lambda value: value[:60])
def test_an_escape_past_the_gate_is_denied_by_the_worker(
    engine: DuckDBWorkers, tables: Tables, place: Path, sql: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    with pytest.raises(QueryFailed):
        engine.run(sql.format(place=place), tables)
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == before


@pytest.mark.parametrize("sql", HARMLESS, ids=lambda value: value[:60])
def test_what_is_not_denied_shows_nothing_secret_and_changes_nothing(
    engine: DuckDBWorkers, tables: Tables, place: Path, sql: str
) -> None:
    try:
        told = str(engine.run(sql.format(place=place), tables).to_pydict())
    except QueryFailed as error:
        told = error.message
    assert "6401000000000001" not in told
    assert os.environ.get("HOME", "/root") + "/." not in told
    again = engine.run("select count(*) n from bkad.sub_kegiatan", tables)
    assert again["n"][0].as_py() == 3
