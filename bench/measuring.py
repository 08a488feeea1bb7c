"""Taking turns with the comparison in one run, and what kind of machine it ran on."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = "simpul"


@dataclass(frozen=True)
class Figure:
    """One piece of work: seconds by whoever did it, ours first; `rows` when a rate makes sense."""

    work: str
    what: str
    seconds: Mapping[str, list[float]]
    rows: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def median(self, who: str) -> float:
        return statistics.median(self.seconds[who])

    def p95(self, who: str) -> float:
        """Of few samples it is little more than the slowest."""
        taken = sorted(self.seconds[who])
        return taken[min(len(taken) - 1, int(len(taken) * 0.95))]

    def ratio(self, who: str) -> float:
        """How many times as long as `who` we took."""
        return self.median(OURS) / self.median(who)

    def as_dict(self) -> dict[str, Any]:
        return {
            "work": self.work,
            "what": self.what,
            "rows": self.rows,
            "medians_s": {who: self.median(who) for who in self.seconds},
            "p95_s": {who: self.p95(who) for who in self.seconds},
            "ratios": {who: self.ratio(who) for who in self.seconds if who != OURS},
            "seconds": dict(self.seconds),
            **self.more,
        }


def take_turns(
    turns: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    limit: float,
    warm: int = 1,
    rest: float = 0.0,
) -> dict[str, list[float]]:
    """Seconds of each, one after another in every round, so that a noisy moment hits them alike.

    The first `warm` rounds do not count. No round begins once `limit` seconds have gone, but one is
    always counted. After each turn come `rest` seconds that do not count: what one leaves to be done
    afterwards is not to slow down the next.
    """
    taken: dict[str, list[float]] = {who: [] for who in turns}
    begun = time.perf_counter()
    for number in range(warm + rounds):
        if number > warm and time.perf_counter() - begun > limit:
            break
        for who, turn in turns.items():
            started = time.perf_counter()
            turn()
            if number >= warm:
                taken[who].append(time.perf_counter() - started)
            time.sleep(rest)
    return taken


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, its living descendants, and those it has waited for (Linux)."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:  # it ended while we looked
            continue
        child = int(stat.parent.name)
        parents[child] = int(fields[1])
        spent[child] = sum(int(ticks) for ticks in fields[11:15])
    family, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in family} - family
        family, grown = family | more, bool(more)
    ticks = sum(spent.get(member, 0) for member in family)
    return ticks / os.sysconf("SC_CLK_TCK")


def fsync_ms(folder: Path, *, times: int = 50) -> float:
    """Median cost of making 4 KiB durable in `folder`."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def machine(folder: Path) -> dict[str, Any]:
    """Facts without which no figure means anything."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "load_1m": round(os.getloadavg()[0], 1),
        "fsync_ms": round(fsync_ms(folder), 2),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }
