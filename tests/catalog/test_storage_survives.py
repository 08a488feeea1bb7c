"""Kills, full disks, other writers and damaged logs: readers stay whole and the next writer works."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from catalog import reading
from catalog.errors import KeyMissing, KeysRepeat, StorageFull
from catalog.storage import Manifest, Staged, commit, stage

SCHEMA = pa.schema([("id", pa.int64()), ("v", pa.string())])


def batch(path: Path, ids: range, value: str) -> Path:
    pq.write_table(pa.table({"id": list(ids), "v": [value] * len(ids)}, schema=SCHEMA), path)
    return path


def upsert(table: Path, base: Manifest | None, rows: Path) -> Staged:
    return stage(table, base, rows, "upsert", ("id",), SCHEMA, base_number=None, file_rows=500)


def values(table: Path, manifest: Manifest) -> set[tuple[str, int]]:
    """Each value in the release with its number of rows."""
    held = reading.rows(table, manifest, SCHEMA, key=("id",), limit=10_000, form="arrow").table
    assert held is not None
    counts = held.group_by("v").aggregate([("id", "count")]).to_pylist()
    return {(row["v"], row["id_count"]) for row in counts}


def delta_values(table: Path, version: int | None = None) -> set[tuple[str, int]]:
    held = pa.table(DeltaTable(table, version=version).to_pyarrow_table())
    counts = held.group_by("v").aggregate([("id", "count")]).to_pylist()
    return {(row["v"], row["id_count"]) for row in counts}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table"


WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from catalog.storage import commit, from_json, stage
table, rows, base = Path(sys.argv[1]), Path(sys.argv[2]), from_json(sys.argv[3])
schema = pa.schema([("id", pa.int64()), ("v", pa.string())])
print("go", flush=True)
while True:
    staged = stage(table, base, rows, "upsert", ("id",), schema, base_number=1, file_rows=500)
    commit(table, staged, release=2, batch="killed")
"""


def test_a_writer_killed_at_any_moment_harms_neither_readers_nor_the_next_writer(
    table: Path, tmp_path: Path
) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(5000), "a"))
    commit(table, base, release=1, batch="first")
    rows = batch(tmp_path / "b.parquet", range(0, 5000, 7), "b")
    told = json.dumps([file.__dict__ for file in base.files])
    chance = random.Random(7)
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(table), str(rows), told], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"go\n"
            time.sleep(chance.uniform(0.0, 0.25))
            writer.send_signal(signal.SIGKILL)
        assert values(table, base.files) == {("a", 5000)}
    following = upsert(table, base.files, batch(tmp_path / "c.parquet", range(10), "c"))
    version = commit(table, following, release=2, batch="after")
    assert (
        values(table, following.files) == delta_values(table, version) == {("a", 4990), ("c", 10)}
    )


def test_a_commit_that_was_never_published_is_repaired_by_the_next(
    table: Path, tmp_path: Path
) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(1000), "a"))
    assert commit(table, base, release=1, batch="1") == 0
    orphan = upsert(table, base.files, batch(tmp_path / "b.parquet", range(400), "b"))
    assert commit(table, orphan, release=2, batch="crashed") == 1
    judged_again = upsert(table, base.files, batch(tmp_path / "c.parquet", range(900, 1100), "c"))
    assert commit(table, judged_again, release=2, batch="2") == 2
    assert delta_values(table) == {("a", 900), ("c", 200)}
    assert delta_values(table, 0) == {("a", 1000)}
    newest = DeltaTable(table).history(1)[0]
    assert (newest["release"], newest["batch"]) == (2, "2")


@pytest.mark.parametrize("damage", [b"", b'{"commitInfo": {"ti'])
def test_a_commit_torn_by_a_power_cut_is_thrown_away(
    table: Path, tmp_path: Path, damage: bytes
) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(100), "a"))
    commit(table, base, release=1, batch="1")
    (table / "_delta_log" / f"{1:020}.json").write_bytes(damage)
    following = upsert(table, base.files, batch(tmp_path / "b.parquet", range(10), "b"))
    assert commit(table, following, release=2, batch="2") == 1
    assert delta_values(table) == {("a", 90), ("b", 10)}


def _race(arguments: tuple[Path, Manifest, Path, int]) -> tuple[int, set[tuple[str, int]]]:
    table, base, rows, number = arguments
    staged = upsert(table, base, rows)
    version = commit(table, staged, release=number, batch=str(number))
    return version, values(table, staged.files)


def test_writers_racing_on_one_base_each_leave_a_version_that_equals_their_release(
    table: Path, tmp_path: Path
) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(2000), "a"))
    commit(table, base, release=1, batch="1")
    jobs = [
        (table, base.files, batch(tmp_path / f"{n}.parquet", range(n * 100, n * 150), f"v{n}"), n)
        for n in range(2, 8)
    ]
    stop = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(_read_until, stop, table, base.files)
        results = list(pool.map(_race, jobs))
        stop.set()
        assert reader.result() > 0
    assert sorted(version for version, _ in results) == list(range(1, 7))
    for version, held in results:
        assert delta_values(table, version) == held


def _read_until(stop: threading.Event, table: Path, manifest: Manifest) -> int:
    reads = 0
    while not stop.is_set():
        assert values(table, manifest) == {("a", 2000)}
        reads += 1
    return reads


def test_a_full_disk_is_told_as_such_and_leaves_nothing_behind(table: Path, tmp_path: Path) -> None:
    rows = tmp_path / "a.parquet"
    noise = [os.urandom(20).hex() for _ in range(50_000)]
    pq.write_table(pa.table({"id": range(50_000), "v": noise}), rows)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StorageFull):
            stage(table, None, rows, "upsert", ("id",), SCHEMA, base_number=None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in table.iterdir()] == [".work"]
    assert list((table / ".work").iterdir()) == []


def test_a_new_schema_rewrites_the_files_and_old_releases_stay_as_they_were(
    table: Path, tmp_path: Path
) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(1000), "a"))
    commit(table, base, release=1, batch="1")
    wider = pa.schema([("id", pa.int64()), ("v", pa.string()), ("harga", pa.float64())])
    rows = tmp_path / "b.parquet"
    pq.write_table(pa.table({"id": [3], "v": ["b"], "harga": [1.5]}, schema=wider), rows)
    following = stage(table, base.files, rows, "upsert", ("id",), wider, base_number=1)
    assert (following.changed, following.added, following.rows) == (1, 0, 1000)
    version = commit(table, following, release=2, batch="2")
    assert (
        pa.table(DeltaTable(table, version=version).to_pyarrow_table()).column_names == wider.names
    )
    page = reading.rows(table, following.files, wider, key=("id",), filter="harga>1")
    assert page.json == '[{"id":3,"v":"b","harga":1.5}]'
    assert values(table, base.files) == delta_values(table, 0) == {("a", 1000)}


def test_released_files_use_only_types_that_every_reader_knows(table: Path, tmp_path: Path) -> None:
    odd = pa.schema(
        [
            ("id", pa.uint32()),
            ("view", pa.string_view()),
            ("large", pa.large_string()),
            ("word", pa.dictionary(pa.int32(), pa.string())),
            ("seen", pa.timestamp("ns", "Asia/Jakarta")),
            ("local", pa.timestamp("ms")),
        ]
    )
    rows = tmp_path / "a.parquet"
    held = pa.table(
        {"id": [1], "view": ["x"], "large": ["y"], "word": ["z"], "seen": [0], "local": [0]}
    )
    pq.write_table(
        pa.table([c.cast(t) for c, t in zip(held, odd.types, strict=True)], schema=odd), rows
    )
    staged = stage(table, None, rows, "append", ("id",), odd, base_number=None)
    commit(table, staged, release=1, batch="1")
    stored = pq.read_schema(table / staged.files[0].path)
    assert [str(t) for t in stored.types] == [
        *("int64", "string", "string", "string"),
        *("timestamp[us, tz=UTC]", "timestamp[us]"),
    ]
    assert pa.table(DeltaTable(table).to_pyarrow_table()).num_rows == 1


def test_a_first_release_may_be_empty(table: Path) -> None:
    staged = stage(table, None, None, "replace", ("id",), SCHEMA, base_number=None)
    assert commit(table, staged, release=1, batch="1") == 0
    assert (staged.rows, staged.files, delta_values(table)) == (0, (), set())
    assert reading.rows(table, staged.files, SCHEMA, key=("id",)).json == "[]"


def test_repeated_and_missing_keys_are_counted_with_examples(table: Path, tmp_path: Path) -> None:
    twice = tmp_path / "twice.parquet"
    pq.write_table(pa.table({"id": [1, 2, 1], "v": list("abc")}, schema=SCHEMA), twice)
    empty = tmp_path / "empty.parquet"
    pq.write_table(pa.table({"id": [1, None], "v": list("ab")}, schema=SCHEMA), empty)
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(100), "a")).files
    for known in (None, base):
        with pytest.raises(KeysRepeat) as repeat:
            upsert(table, known, twice)
        assert (repeat.value.count, repeat.value.examples) == (1, [{"id": 1}])
        with pytest.raises(KeyMissing) as missing:
            upsert(table, known, empty)
        assert missing.value.count == 1


def test_a_dataset_without_a_key_keeps_the_order_of_arrival(table: Path, tmp_path: Path) -> None:
    manifest: Manifest | None = None
    for n, mode in enumerate(["append", "append", "append"]):
        rows = batch(tmp_path / "x.parquet", range(n * 10, n * 10 + 10), str(n))
        staged = stage(table, manifest, rows, mode, (), SCHEMA, base_number=None)
        manifest = staged.files
    assert manifest is not None
    assert len(manifest) == 1
    found, cursor = [], None
    while True:
        page = reading.rows(table, manifest, SCHEMA, key=(), limit=7, cursor=cursor, form="arrow")
        assert page.table is not None
        found += page.table["id"].to_pylist()
        cursor = page.next
        if cursor is None:
            break
    assert found == list(range(30))
    replaced = stage(table, manifest, None, "replace", (), SCHEMA, base_number=None)
    assert (replaced.rows, replaced.removed) == (0, 30)


def test_ten_rows_do_not_rewrite_a_large_release(table: Path, tmp_path: Path) -> None:
    base = upsert(table, None, batch(tmp_path / "a.parquet", range(20_000), "a")).files
    assert len(base) == 40
    staged = upsert(table, base, batch(tmp_path / "b.parquet", range(7000, 7010), "b"))
    assert len(staged.written) == 1
    assert sum(file in base for file in staged.files) == 39
    again = upsert(table, staged.files, tmp_path / "b.parquet")
    assert (again.written, again.files, again.unchanged) == ((), staged.files, 10)
