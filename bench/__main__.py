"""`python -m bench [--full] [names]`: measures, prints a table, keeps the figures in `bench/results/`."""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import decision, gate, groupby, neighbours, push, rows, search
from bench.measuring import OURS, Figure, machine
from bench.run import Run

BENCHMARKS = {
    "gate": gate,
    "push": push,
    "rows": rows,
    "groupby": groupby,
    "neighbours": neighbours,
    "search": search,
    "decision": decision,
}
RESULTS = Path(__file__).parent / "results"
WIDTH = 110
console = Console(width=WIDTH)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--full", action="store_true", help="the sizes of the goals")
    said = parser.parse_args(arguments)
    unknown = set(said.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="simpul-bench-", ignore_cleanup_errors=True) as folder:
        facts = machine(Path(folder))
        console.print(facts)
        run = Run(Path(folder), full=said.full)
        try:
            for name in said.names or BENCHMARKS:
                begun = time.monotonic()
                figures += BENCHMARKS[name].measure(run)
                console.print(f"{name}: {time.monotonic() - begun:.0f} s", style="dim")
        finally:
            run.close()
    console.print(_table(figures))
    console.print(f"kept in {_keep(figures, facts, full=said.full)}", style="dim")


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("work", "what", "who", "median", "p95", "rows/s", "ours ÷ theirs"):
        table.add_column(heading, justify="left" if heading in ("work", "what", "who") else "right")
    for figure in figures:
        for who in figure.seconds:
            ours = who == OURS
            table.add_row(
                figure.work if ours else "",
                figure.what if ours else "",
                who,
                f"{figure.median(who) * 1000:,.1f} ms",
                f"{figure.p95(who) * 1000:,.1f} ms",
                f"{figure.rows / figure.median(who):,.0f}" if figure.rows else "",
                "" if ours else f"{figure.ratio(who):.2f}",
            )
        if figure.more:
            told = ", ".join(f"{name} {_short(value)}" for name, value in figure.more.items())
            table.add_row("", f"[dim]{told}[/dim]")
    return table


def _short(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.1f}"
    return str(value)


def _keep(figures: Sequence[Figure], facts: dict[str, Any], *, full: bool) -> Path:
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    told = {
        "at": now.isoformat(timespec="seconds"),
        "full": full,
        "machine": facts,
        "figures": [figure.as_dict() for figure in figures],
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return path


if __name__ == "__main__":
    main()
