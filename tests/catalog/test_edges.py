"""Edges between records, against the plain reading of the rules of references."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.edges import Counts, Join, Side, join
from catalog.keyfiles import KeyFile
from hub.identifiers import new_id
from schemas.document import SchemaDocument
from schemas.gate.referring import KnownKeys, ReferenceCheck
from schemas.references import Reference, reference

Row = tuple[str | None, ...]
CODES = st.text("12.; ", max_size=6) | st.sampled_from(["1.2", "1.2.1", "1.21", "1.2;1.2.1", "2"])
OTHER = st.sampled_from(["a", "b", None])
MINE = st.lists(st.tuples(CODES | st.none(), OTHER), max_size=12)
THEIRS = st.lists(st.tuples(CODES | st.none(), OTHER), max_size=12)
BETWEEN = st.lists(st.tuples(OTHER, OTHER), max_size=4)


def plain(match: str, mine: Sequence[Row], theirs: Sequence[Row]) -> list[set[int] | None]:
    """For each of mine the places of theirs it refers to; None when it refers to nothing."""
    return [_targets(match, row, theirs) for row in mine]


def _targets(match: str, row: Row, theirs: Sequence[Row]) -> set[int] | None:
    if None in row:
        return None
    first, rest = str(row[0]), row[1:]
    values = {v for v in map(str.strip, first.split(";")) if v} if match != "equal" else {first}
    values -= {""}
    found: set[int] = set()
    for value in values:
        fits = {
            place: key[0]
            for place, key in enumerate(theirs)
            if key[0]
            and key[1:] == rest
            and (value == key[0] or (match == "prefix" and value.startswith(key[0] + ".")))
        }
        longest = max((len(key) for key in fits.values()), default=0)
        found |= {place for place, key in fits.items() if len(key) == longest}
    return found if values else None


def counted(targets: Sequence[set[int] | None]) -> Counts:
    told = [t for t in targets if t is not None]
    return Counts(
        rows=len(targets),
        one=sum(len(t) == 1 for t in told),
        several=sum(len(t) > 1 for t in told),
        none=sum(not t for t in told),
        empty=len(targets) - len(told),
    )


def written(path: Path, rows: Sequence[Row], names: Sequence[str]) -> tuple[Path, ...]:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    table = {n: pa.array(list(c), pa.string()) for n, c in zip(names, columns, strict=True)}
    table["id"] = pa.array(range(len(rows)), pa.int64())
    pq.write_table(pa.table(table), path)
    return (path,)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ruang")


def edges_of(path: Path) -> set[tuple[int, int]]:
    return {(int(r["from_key"]), int(r["to_key"])) for r in pq.read_table(path).to_pylist()}


@pytest.mark.parametrize("match", ["equal", "split", "prefix"])
@settings(max_examples=25, deadline=None)
@given(mine=MINE, theirs=THEIRS)
@example(mine=[(".", "a")], theirs=[("", "a"), ("1", "a")])
def test_edges_and_counts_are_what_the_rules_say(
    room: Path, match: str, mine: list[Row], theirs: list[Row]
) -> None:
    said = reference(0, {"schema": "uji/b", "fields": {"kode": "k", "milik": "m"}, "match": match})
    a = written(room / "a.parquet", mine, ["kode", "milik"])
    b = written(room / "b.parquet", theirs, ["k", "m"])
    found = join(Join(said, Side(a, ("id",)), Side(b, ("id",))), room / "out.parquet", room)
    targets = plain(match, mine, theirs)
    assert found.counts == counted(targets)
    assert edges_of(room / "out.parquet") == {
        (n, r) for n, places in enumerate(targets) for r in places or ()
    }
    _the_gate_agrees(said, room, b, mine, targets)


@settings(max_examples=25, deadline=None)
@given(mine=MINE, theirs=THEIRS, between=BETWEEN)
def test_a_bridge_leads_from_mine_to_theirs(
    room: Path, mine: list[Row], theirs: list[Row], between: list[Row]
) -> None:
    said = reference(
        0,
        {
            "schema": "uji/b",
            "fields": {"kode": "k"},
            "match": "prefix",
            "via": {"schema": "uji/j", "fields": {"milik": "x"}, "to": {"y": "m"}},
        },
    )
    a = written(room / "a.parquet", mine, ["kode", "milik"])
    b = written(room / "b.parquet", theirs, ["k", "m"])
    bridge = written(room / "j.parquet", between, ["x", "y"])
    found = join(Join(said, Side(a, ("id",)), Side(b, ("id",)), bridge), room / "out.parquet", room)
    seen = [
        (place, (key[0], x))
        for place, key in enumerate(theirs)
        for x, y in set(between)
        if y is not None and x is not None and y == key[1]
    ]
    targets = [
        None if t is None else {seen[i][0] for i in t}
        for t in plain("prefix", mine, [key for _, key in seen])
    ]
    assert found.counts == counted(targets)
    _the_gate_agrees(said, room, b, mine, targets, bridge)


TWO = SchemaDocument.known(
    {
        "$id": "https://simpul.invalid/schemas/uji/a/1.0.0.json",
        "type": "object",
        "properties": {name: {"type": ["string", "null"]} for name in ("kode", "milik")},
    }
)


def _the_gate_agrees(
    said: Reference,
    room: Path,
    theirs: tuple[Path, ...],
    mine: list[Row],
    targets: list[set[int] | None],
    bridge: tuple[Path, ...] = (),
) -> None:
    """What the gate lets pass has an edge; what has none, it finds."""
    keys = KeyFile(room / "kunci", new_id(), theirs, said, bridge).made()
    check = ReferenceCheck(TWO, said, KnownKeys.read([keys]), "warning")
    columns = list(zip(*mine, strict=True)) or [(), ()]
    cells = {n: pa.array(c, pa.string()) for n, c in zip(TWO.columns, columns, strict=True)}
    lost = set(check.findings(cells))
    assert {n for n, t in enumerate(targets) if t == set()} <= lost
    assert not {n for n, t in enumerate(targets) if t is None} & lost


def test_keys_of_several_parts_stay_apart(room: Path) -> None:
    said = reference(0, {"schema": "uji/b", "fields": {"kode": "kode"}, "match": "equal"})
    rows: list[Row] = [("a|b", "c"), ("a", "b|c"), ("a\\", "c")]
    a = written(room / "a.parquet", rows, ["kode", "milik"])
    side = Side(a, ("kode", "milik"))
    join(Join(said, side, side), room / "out.parquet", room)
    keys = {row["from_key"] for row in pq.read_table(room / "out.parquet").to_pylist()}
    assert keys == {"a\\|b|c", "a|b\\|c", "a\\\\|c"}


def test_an_array_gives_its_elements_and_agencies_are_counted_apart(room: Path) -> None:
    said = reference(0, {"schema": "uji/b", "fields": {"kode": "k"}, "match": "split"})
    mine: list[Row] = [
        (json.dumps(["x", 2]), "a"),
        (json.dumps(["2"]), "a"),
        (json.dumps([]), "b"),
        ('["q"]', None),
    ]
    a = written(room / "a.parquet", mine, ["kode", "milik"])
    b = written(room / "b.parquet", [("x", "1"), ("2", "1")], ["k", "m"])
    wanted = Join(said, Side(a, ("id",)), Side(b, ("id",)), array=True, agency="milik")
    found = join(wanted, room / "out.parquet", room)
    assert dict(found.by_agency) == {
        "a": Counts(rows=2, one=1, several=1),
        "b": Counts(rows=1, empty=1),
        None: Counts(rows=1, none=1),
    }
    assert found.edges == 3


def test_numbers_and_their_digits_meet(room: Path) -> None:
    said = reference(0, {"schema": "uji/b", "fields": {"n": "t"}, "match": "equal"})
    pq.write_table(pa.table({"n": [7, 8], "f": [7.0, 8.5]}), room / "n.parquet")
    pq.write_table(pa.table({"t": ["7", "8.5"]}), room / "t.parquet")
    theirs = Side((room / "t.parquet",), ("t",))
    for column, expected in (("n", Counts(2, 1, 0, 1)), ("f", Counts(2, 2))):
        one = replace(said, fields=((column, "t"),))
        found = join(
            Join(one, Side((room / "n.parquet",), ("n",)), theirs), room / "out.parquet", room
        )
        assert found.counts == expected


def test_a_million_records_are_joined_in_seconds_within_bounds(room: Path) -> None:
    import time

    said = reference(0, {"schema": "uji/b", "fields": {"kode": "kode"}, "match": "equal"})
    many = pa.array([f"64.01.{i:07d}" for i in range(1_000_000)])
    pq.write_table(pa.table({"kode": many}), room / "besar.parquet")
    side = Side((room / "besar.parquet",), ("kode",))
    began = time.process_time()
    found = join(Join(said, side, side), room / "out.parquet", room)
    assert found.counts == Counts(rows=1_000_000, one=1_000_000)
    assert time.process_time() - began < 30
