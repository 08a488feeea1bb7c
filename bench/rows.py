"""Rows: filter and limit 100, deep pages, other orders, through a grant with a row filter and masks."""

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import duckdb

from bench import peers
from bench.hosting import Hub
from bench.measuring import OURS, Figure, cpu_of_tree, take_turns
from bench.run import PERMITTED, Run

ASKED = "skpd07"
DEPTH = 0.7
"""Share of the rows of the filter that lie before the deep page."""
LIMIT = 100
STEADY = 50

Turns = dict[str, Callable[[], object]]


@dataclass(frozen=True)
class Place:
    """Where the deep page begins: our cursor, and the key it stands on, after so many rows."""

    cursor: str
    key: str
    after: int


@dataclass(frozen=True)
class Hubs:
    """To the rows through the hub, and by DuckDB alone over the files of the same release."""

    hub: Hub
    dataset: str
    engine: duckdb.DuckDBPyConnection

    @property
    def path(self) -> str:
        return f"/api/v1/datasets/{self.dataset}/rows"

    def get(self, **more: Any) -> Callable[[], None]:
        wanted = {"filter": f"skpd={ASKED}", "limit": LIMIT} | more
        return lambda: full(self.hub.analyst.call("GET", self.path, params=wanted).json()["items"])

    def alone(self, rest: str) -> Callable[[], None]:
        source = f"FROM read_parquet({self.hub.files(self.dataset)!r}) WHERE {_where()}"
        sql = f"SELECT * {source} {rest} LIMIT {LIMIT}"
        return lambda: full(self.engine.execute(sql).fetchall())

    def floor(self) -> object:
        """What any request costs."""
        return self.hub.analyst.call("GET", "/healthz")

    def deep(self) -> Place:
        """Read on until `DEPTH` of the rows have gone by."""
        count = (
            f"SELECT count(*) FROM read_parquet({self.hub.files(self.dataset)!r}) WHERE {_where()}"
        )
        wanted = int(self.engine.execute(count).fetchall()[0][0] * DEPTH)
        cursor, seen, page = None, 0, {}
        while seen < wanted:
            params = {"filter": f"skpd={ASKED}", "limit": min(10_000, wanted - seen)}
            page = self.hub.analyst.call(
                "GET", self.path, params={**params, "cursor": cursor}
            ).json()
            cursor, seen = page["next"], seen + len(page["items"])
        return Place(str(cursor), str(page["items"][-1]["kode"]), seen)


def measure(run: Run) -> list[Figure]:
    """With the peers at a million rows; in full also at ten million, beside DuckDB alone."""
    rounds, limit = (30, 60.0) if run.full else (15, 20.0)
    with ExitStack() as opened:
        cases = _cases(run, Hubs(run.hub, run.large, duckdb.connect()), run.large_rows)
        _add_peers(run, cases, opened)
        if run.full:
            cases |= _cases(run, Hubs(run.hub, run.huge, duckdb.connect()), run.huge_rows)
        return [
            Figure(
                "rows",
                what,
                take_turns(turns, rounds=rounds, limit=limit, warm=2),
                more=_steady(run.hub, turns[OURS]),
            )
            for what, (turns, _) in cases.items()
        ]


def _steady(hub: Hub, turn: Callable[[], object]) -> dict[str, float]:
    """One read after another, as a program reads: on a busy machine what it costs says more than turns do."""
    before, taken = cpu_of_tree(hub.pid), []
    for _ in range(STEADY):
        begun = time.perf_counter()
        turn()
        taken.append(time.perf_counter() - begun)
    spent = cpu_of_tree(hub.pid) - before
    return {
        "ms one after another": statistics.median(taken) * 1000,
        "CPU ms": spent / STEADY * 1000,
    }


Cases = dict[str, tuple[Turns, str]]
"""Who answers a question, and the end of the question as SQL that every database understands."""


def _cases(run: Run, hubs: Hubs, rows: int) -> Cases:
    place = hubs.deep()
    asked = {
        f"filter + limit 100, key order, {rows:,} rows": ({}, "ORDER BY kode"),
        f"the page after row {place.after:,} of the filter, {rows:,} rows": (
            {"cursor": place.cursor},
            f"AND kode > '{place.key}' ORDER BY kode",
        ),
        f"filter + limit 100, order by amount, {rows:,} rows": (
            {"sort": "-jumlah"},
            "ORDER BY jumlah DESC",
        ),
    }
    return {
        what: (
            {
                OURS: hubs.get(**more),
                "duckdb alone": hubs.alone(rest),
                "bare HTTP (/healthz)": hubs.floor,
            },
            rest,
        )
        for what, (more, rest) in asked.items()
    }


def _add_peers(run: Run, cases: Cases, opened: ExitStack) -> None:
    """Datasette over HTTP as we are; SQLite and PostgreSQL without it, in this process."""
    path = run.folder / "rows.sqlite"
    lite = peers.sqlite(path, run.hub.files(run.large))
    served = opened.enter_context(peers.datasette(path))
    postgres = opened.enter_context(peers.postgres(run.csv(run.large_rows)))
    for turns, rest in cases.values():
        sql = f"SELECT * FROM {{table}} WHERE {_where()} {rest} LIMIT {LIMIT}"
        keyed, plain = sql.format(table="keyed"), sql.format(table="plain")
        if served is not None:
            asked = _as_datasette(rest)
            turns["datasette, indexed"] = _turn(lambda a=asked: served.rows(**a))
            bare = asked | {"_nocount": 1, "_nofacet": 1, "_nosuggest": 1}
            turns["datasette, indexed, rows alone"] = _turn(lambda a=bare: served.rows(**a))
        if postgres is not None:
            turns["postgresql, indexed"] = _turn(lambda s=keyed: postgres.execute(s).fetchall())
        turns["sqlite, indexed"] = _turn(lambda s=keyed: lite.execute(s).fetchall())
        turns["sqlite, no index"] = _turn(lambda s=plain: lite.execute(s).fetchall())


def _turn(read: Callable[[], list[Any]]) -> Callable[[], None]:
    return lambda: full(read())


def _as_datasette(rest: str) -> dict[str, Any]:
    """The same question in the query string of a table."""
    asked: dict[str, Any] = {"skpd": ASKED, "sumber__in": ",".join(PERMITTED), "_size": LIMIT}
    beyond, _, order = rest.removeprefix("AND ").partition("ORDER BY ")
    if beyond:
        # Its own kode__gt takes digits for a number.
        asked["_where"] = beyond
    return asked | ({"_sort_desc": "jumlah"} if order.startswith("jumlah") else {"_sort": "kode"})


def _where() -> str:
    """The question's filter and that of the grant."""
    return f"skpd = '{ASKED}' AND sumber IN ({', '.join(f'{one!r}' for one in PERMITTED)})"


def full(rows: list[Any]) -> None:
    """Whoever answers fast but with too little has not answered."""
    if len(rows) != LIMIT:
        raise RuntimeError(f"{len(rows)} rows instead of {LIMIT}")
