"""The benchmarks measure what they say: turns are taken fairly, and their rows pass the gate."""

import os
import time
from pathlib import Path

import pytest

from bench import belanja, gating, warga
from bench.measuring import OURS, Figure, cpu_of_tree, machine, take_turns
from schemas.document import SchemaDocument
from schemas.gate import judge


def test_turns_alternate_and_the_warm_rounds_do_not_count() -> None:
    order: list[str] = []
    turns = {OURS: lambda: order.append("ours"), "peer": lambda: order.append("peer")}
    seconds = take_turns(turns, rounds=3, limit=60, warm=2)
    assert order == ["ours", "peer"] * 5
    assert [len(taken) for taken in seconds.values()] == [3, 3]


def test_no_round_begins_once_the_time_is_over_but_one_counts() -> None:
    seconds = take_turns({OURS: lambda: time.sleep(0.02)}, rounds=50, limit=0.01, warm=0)
    assert len(seconds[OURS]) == 1


def test_a_figure_compares_medians() -> None:
    figure = Figure("push", "x", {OURS: [1.0, 3.0, 2.0], "peer": [4.0, 4.0, 40.0]}, rows=10)
    assert figure.ratio("peer") == 0.5
    assert figure.p95("peer") == 40.0
    assert figure.as_dict()["ratios"] == {"peer": 0.5}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads Linux's /proc")
def test_the_work_of_a_process_is_seen() -> None:
    before = cpu_of_tree(os.getpid())
    ends = time.process_time() + 0.1
    while time.process_time() < ends:
        pass
    assert cpu_of_tree(os.getpid()) - before >= 0.05


def test_the_machine_is_described(tmp_path: Path) -> None:
    assert {"cores", "fsync_ms", "load_1m"} <= set(machine(tmp_path))


def test_the_measured_rows_pass_the_gate_every_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    belanja.write_csv(path, 2_000)
    document = SchemaDocument.parse(belanja.SCHEMA)
    verdict = judge(path, "csv", document, [], work=tmp_path)
    assert (verdict.rows, verdict.accepted, verdict.rejected) == (2_000, 2_000, 0)


@pytest.mark.parametrize("who", [OURS, "simpul, with key", "jsonschema-rs", "read and write alone"])
def test_who_judges_the_measured_rows_finds_the_same_bad_ones(who: str, tmp_path: Path) -> None:
    path = tmp_path / "warga.csv"
    warga.write_csv(path, 500, 0 if "alone" in who else 0.2)
    rows, rejected = gating.WORKERS[who](path, tmp_path)
    assert rows == 500
    assert rejected == (0 if "alone" in who else 82)


def test_the_measured_rows_are_the_same_as_json_lines(tmp_path: Path) -> None:
    table, lines = tmp_path / "warga.csv", tmp_path / "warga.ndjson"
    warga.write_csv(table, 500, 0.2)
    warga.write_lines(lines, table)
    told = gating.WORKERS[OURS](table, tmp_path)
    assert gating.WORKERS[OURS](lines, tmp_path) == told
