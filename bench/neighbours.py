"""Neighbours: another program's small writes and reads while a 100 MB batch is judged, and alone."""

import io
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.measuring import OURS, Figure
from bench.run import Run
from hub.client import Simpul

LARGE_BYTES = 100_000_000
ALONE_SECONDS = 15
LONGEST = 180.0
PAUSE = 0.05
WRITE_EVERY = 3
ALONE = "simpul, alone"


def measure(run: Run) -> list[Figure]:
    """Ours is beside the large batch; the comparison is the same hub with nothing else to do."""
    path, hub = _large(run), run.hub
    empty, small = hub.register("besar-sekali"), hub.register("kecil")
    lines = run.csv(200_000).read_bytes().split(b"\n", 21)
    neighbour = _Neighbour(hub.steward, small, lines[0], lines[1:21])
    neighbour.once()
    alone = neighbour.live(lambda seconds: seconds > ALONE_SECONDS)
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(_push, hub.steward, path, empty, over)
        beside = neighbour.live(lambda seconds: over.is_set() or seconds > LONGEST)
        accepted, took = pushed.result()
    size = f"{path.stat().st_size / 1e6:.0f} MB, {accepted:,} rows in {took:.1f} s"
    return [
        _figure("a read of 10 rows", size, beside[0], alone[0]),
        _figure("a write of 20 rows", size, beside[1], alone[1]),
    ]


def _figure(what: str, size: str, beside: list[float], alone: list[float]) -> Figure:
    figure = Figure("neighbours", f"{what} beside {size}", {OURS: beside, ALONE: alone})
    delay = {"p95 later by, ms": (figure.p95(OURS) - figure.p95(ALONE)) * 1000}
    return Figure(figure.work, figure.what, figure.seconds, None, delay)


def _large(run: Run) -> Path:
    """The shared rows, as many as make 100 MB."""
    sample = run.csv(200_000)
    return run.csv(int(LARGE_BYTES / (sample.stat().st_size / 200_000)) + 1)


def _push(steward: Simpul, path: Path, dataset: str, over: threading.Event) -> tuple[int, float]:
    """Rows accepted and seconds taken; says when it is over."""
    begun = time.perf_counter()
    try:
        accepted = int(steward.push_file(path, dataset)["accepted"])
    finally:
        over.set()
    return accepted, time.perf_counter() - begun


class _Neighbour:
    """A program that reads ten rows again and again, and renews twenty now and then."""

    def __init__(self, hub: Simpul, dataset: str, header: bytes, rows: list[bytes]) -> None:
        self._hub, self._dataset = hub, dataset
        self._header, self._rows = header, rows
        self._turn = itertools.count()

    def once(self) -> None:
        self._write()
        self._read()

    def live(self, over: Callable[[float], bool]) -> tuple[list[float], list[float]]:
        """Seconds of its reads and of its writes, until it is over."""
        reads: list[float] = []
        writes: list[float] = []
        begun = time.perf_counter()
        while not over(time.perf_counter() - begun):
            reads.append(_timed(self._read))
            if len(reads) % WRITE_EVERY == 0:
                writes.append(_timed(self._write))
            time.sleep(PAUSE)
        return reads, writes

    def _read(self) -> None:
        self._hub.call("GET", f"/api/v1/datasets/{self._dataset}/rows", params={"limit": 10})

    def _write(self) -> None:
        """The amount changes each time, so that every write is a release of its own."""
        number = next(self._turn)
        rows = [_with_amount(row, number) for row in self._rows]
        body = io.BytesIO(b"\n".join([self._header, *rows, b""]))
        self._hub.push_file(body, self._dataset, media_type="text/csv", mode="upsert")


def _with_amount(row: bytes, amount: int) -> bytes:
    cells = row.split(b",")
    cells[4] = str(amount).encode()
    return b",".join(cells)


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
