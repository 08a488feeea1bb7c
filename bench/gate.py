"""Gate: a file judged row by row into typed columns; beside it other validators, and the same without a verdict.

Every measurement is a process of its own, so that its CPU seconds and its peak of memory are the system's figures.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench import warga
from bench.gating import there_is
from bench.measuring import OURS, Figure, take_turns
from bench.run import Run

ALONE, ALIKE = "read and write alone", "read and write alike, sha256"
KEYED = "simpul, with key"


@dataclass
class Cost:
    """What the turns of one cost, by turn."""

    cpu: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)


def measure(run: Run) -> list[Figure]:
    many, few = (2_000_000, 20_000) if run.full else (200_000, 5_000)
    figures = [
        *_compared(run, _csv(run, many, 0), [OURS, ALONE, ALIKE], f"CSV, {many:,} rows, clean"),
        *_compared(run, _csv(run, many, 0.01), [OURS, KEYED, ALONE, ALIKE], f"CSV, {many:,} rows, 1 % bad"),
        *_compared(run, _csv(run, many // 10, 1), [OURS], f"CSV, {many // 10:,} rows, all bad"),
        *_compared(run, _csv(run, few, 0.01), [OURS, "jsonschema-rs", "jsonschema", "frictionless"], f"CSV, {few:,} rows, 1 % bad"),
        *_compared(run, _lines(run, many // 2, 0), [OURS, ALONE], f"JSON lines, {many // 2:,} rows, clean"),
        *_compared(run, _lines(run, many // 2, 0.01), [OURS], f"JSON lines, {many // 2:,} rows, 1 % bad"),
        *_compared(run, _workbook(run, many // 10), [OURS, "openpyxl, reading alone"], f"XLSX, {many // 10:,} rows"),
        _slope(run),
    ]  # fmt: skip
    return [*figures, _largest(run)] if run.full else figures


def _compared(run: Run, path: Path, who: Sequence[str], what: str) -> list[Figure]:
    """CPU seconds of each in turns; the wall time, rate and memory of ours are told beside."""
    costs = {one: Cost() for one in who if there_is(one)}
    files = {one: _clean(run, path) if one in (ALONE, ALIKE) else path for one in costs}
    wall = take_turns(
        {one: partial(_spend, run, costs[one], one, files[one]) for one in costs},
        rounds=5 if run.full else 3,
        limit=120 if run.full else 20,
    )
    counted = {one: cost.cpu[-len(wall[one]) :] for one, cost in costs.items()}
    ours = costs[OURS]
    rows = int(ours.last["rows"])
    more = {
        "wall rows/s": rows / ours.last["wall"],
        "rejected": ours.last["rejected"],
        **{f"peak MB of {one}": statistics.median(c.peak_mb) for one, c in costs.items()},
    }
    return [Figure("gate", f"{what}, CPU", counted, rows, more)]


def _spend(run: Run, cost: Cost, who: str, path: Path) -> None:
    small = path if path.suffix == ".xlsx" and who != OURS else _csv(run, 100, 0)
    done = subprocess.run(
        [sys.executable, "-m", "bench.gating", who, str(path), str(small)],
        capture_output=True,
        text=True,
        check=True,
    )
    cost.last = json.loads(done.stdout)
    cost.cpu.append(cost.last["cpu"])
    cost.peak_mb.append(cost.last["peak_mb"])


def _slope(run: Run) -> Figure:
    """CPU microseconds a row at each size: flat, if the cost of a row does not depend on how many there are."""
    sizes = [10_000, 100_000, 1_000_000, *([10_000_000] if run.full else [])]
    told: dict[str, float] = {}
    cost = Cost()
    for rows in sizes:
        path = _csv(run, rows, 0.01)
        cost = Cost()
        for _ in range(3 if rows < 1_000_000 else 1):
            _spend(run, cost, OURS, path)
        told[f"µs a row of {rows:,}"] = min(cost.cpu) / rows * 1e6
        if rows > 1_000_000:
            path.unlink()
    return Figure("gate", "slope, CSV, 1 % bad, CPU", {OURS: cost.cpu}, sizes[-1], told)


def _largest(run: Run) -> Figure:
    """5 GB, 28 million rows: wall time and the peak of memory, without and with the check of keys."""
    path = _csv(run, 28_000_000, 0.01)
    costs, wall = {OURS: Cost(), KEYED: Cost(), ALONE: Cost()}, {}
    for who, cost in costs.items():
        if who == ALONE:  # room on the disk for one file at a time
            path.unlink()
            path = _csv(run, 28_000_000, 0)
        _spend(run, cost, who, path)
        wall[who] = [float(cost.last["wall"])]
    told = {
        f"{n} of {who}": cost.last[n] for who, cost in costs.items() for n in ("cpu", "peak_mb")
    }
    size = path.stat().st_size / 1e9
    path.unlink()
    return Figure("gate", f"CSV of {size:.1f} GB, 1 % bad", wall, 28_000_000, told)


def _clean(run: Run, path: Path) -> Path:
    """As many rows without a fault: a typed reading stops at the first cell of another type."""
    rows = int(path.stem.split("-")[1])
    return _csv(run, rows, 0) if path.suffix == ".csv" else _lines(run, rows, 0)


def _csv(run: Run, rows: int, bad: float) -> Path:
    path = run.folder / f"warga-{rows}-{bad:g}.csv"
    if not path.exists():
        warga.write_csv(path, rows, bad)
    return path


def _lines(run: Run, rows: int, bad: float) -> Path:
    table = _csv(run, rows, bad)
    path = table.with_suffix(".ndjson")
    if not path.exists():
        warga.write_lines(path, table)
    return path


def _workbook(run: Run, rows: int) -> Path:
    """Text cells but for numbers and truth values, as an export writes them."""
    import xlsxwriter

    table = _csv(run, rows, 0.01)
    path = table.with_suffix(".xlsx")
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(warga.SCHEMA["properties"]))
        for number, record in enumerate(warga.each(table), 1):
            sheet.write_row(number, 0, list(record.values()))
    return path
