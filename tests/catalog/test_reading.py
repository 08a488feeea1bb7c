"""Rows through a policy: order, pages, filters, forms, and what must not come out."""

import datetime
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import changes, reading
from catalog.duck import sql_types
from catalog.errors import ColumnNotReadable, CursorInvalid, FilterInvalid
from catalog.filters import columns_of, parse
from catalog.policy import UNRESTRICTED, Policy
from catalog.storage import Manifest, stage

SCHEMA = pa.schema(
    [
        ("kd", pa.string()),
        ("n", pa.int64()),
        ("pagu", pa.decimal128(18, 2)),
        ("rasio", pa.float64()),
        ("tanggal", pa.date32()),
        ("diubah", pa.timestamp("us", "UTC")),
        ("aktif", pa.bool_()),
        ("Nama Paket", pa.string()),
    ]
)
KEY = ("kd", "n")


def row(number: int) -> dict[str, Any]:
    start = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    return {
        "kd": f"{number % 5:02}",
        "n": number,
        "pagu": Decimal(number) * 10 if number % 7 else None,
        "rasio": number / 8,
        "tanggal": datetime.date(2025, 1, 1) + datetime.timedelta(days=number % 10),
        "diubah": start + datetime.timedelta(seconds=number / 2),
        "aktif": number % 2 == 0,
        "Nama Paket": f"Paket {number}",
    }


ROWS = [row(number) for number in range(200)]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    table = tmp_path_factory.mktemp("reading") / "t"
    source = table.parent / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, schema=SCHEMA), source)
    staged = stage(table, None, source, "append", KEY, SCHEMA, base_number=None, file_rows=30)
    assert len(staged.files) == 7
    return table, staged.files


def read(
    release: tuple[Path, Manifest], policy: Policy = UNRESTRICTED, **asked: Any
) -> list[dict[str, Any]]:
    """All rows over all pages, as parsed JSON."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = reading.rows(
            *release, SCHEMA, policy, key=KEY, cursor=cursor, **{"limit": 23, **asked}
        )
        found += json.loads(page.json)
        cursor = page.next
        if cursor is None:
            return found


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [row["n"] for row in rows]


def sorted_as(*keys: tuple[str, bool]) -> list[int]:
    """Numbers of all rows sorted by these columns, empty ones last, the key deciding ties."""
    ordered = sorted(ROWS, key=lambda r: (r["kd"], r["n"]))
    for column, descending in reversed(keys):
        held = [r for r in ordered if r[column] is not None]
        empty = [r for r in ordered if r[column] is None]
        ordered = sorted(held, key=lambda r: r[column], reverse=descending) + empty
    return numbers(ordered)


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        (None, []),
        ("kd,n", []),
        ("-kd,-n", [("kd", True), ("n", True)]),
        ("n", [("n", False)]),
        ("-n", [("n", True)]),
        ("pagu", [("pagu", False)]),
        ("-pagu", [("pagu", True)]),
        ("aktif,-tanggal", [("aktif", False), ("tanggal", True)]),
        ("-diubah", [("diubah", True)]),
        ("rasio", [("rasio", False)]),
        ("-kd", [("kd", True)]),
    ],
)
def test_pages_in_any_order_join_into_all_rows_once(
    release: tuple[Path, Manifest], sort: str | None, keys: list[tuple[str, bool]]
) -> None:
    assert numbers(read(release, sort=sort)) == sorted_as(*keys)


FILTERS = [
    ("n>=190", lambda r: r["n"] >= 190),
    ("kd=01,n<20", lambda r: r["kd"] == "01" and r["n"] < 20),
    ("pagu=", lambda r: r["pagu"] is None),
    ("pagu!=", lambda r: r["pagu"] is not None),
    ("pagu>1900.50", lambda r: r["pagu"] is not None and r["pagu"] > Decimal("1900.50")),
    ("tanggal<=2025-01-02", lambda r: r["tanggal"] <= datetime.date(2025, 1, 2)),
    ("diubah<2025-01-01T00:00:02+00:00", lambda r: r["n"] < 4),
    ("diubah<2025-01-01T07:00:02+07:00", lambda r: r["n"] < 4),
    ("Nama Paket~et 19", lambda r: "et 19" in r["Nama Paket"]),
    ("Nama Paket^=Paket 7", lambda r: r["Nama Paket"].startswith("Paket 7")),
    ('Nama Paket="Paket 7"', lambda r: r["Nama Paket"] == "Paket 7"),
    ({"eq": ["aktif", True]}, lambda r: r["aktif"]),
    ({"in": ["n", [3, 5, 900]]}, lambda r: r["n"] in {3, 5}),
    (
        {"not": {"or": [{"lt": ["n", 190]}, {"eq": ["kd", "01"]}]}},
        lambda r: r["n"] >= 190 and r["kd"] != "01",
    ),
    ({"like": ["Nama Paket", "Paket _"]}, lambda r: r["n"] < 10),
    (
        {"and": [{"is_null": "pagu"}, {"gt": ["n", 150]}]},
        lambda r: r["pagu"] is None and r["n"] > 150,
    ),
    ({"eq": ["pagu", None]}, lambda r: r["pagu"] is None),
    ("kd=' OR 1=1 --", lambda r: False),
]


@pytest.mark.parametrize(
    ("wanted", "passes"), FILTERS, ids=lambda value: "" if callable(value) else str(value)[:40]
)
def test_a_filter_keeps_just_the_rows_it_says(
    release: tuple[Path, Manifest], wanted: Any, passes: Any
) -> None:
    keys = sorted((r["kd"], r["n"]) for r in ROWS if passes(r))
    assert [(r["kd"], r["n"]) for r in read(release, filter=wanted)] == keys
    tree = parse(wanted) if isinstance(wanted, str) else wanted
    assert reading.count(*release, SCHEMA, filter=tree) == len(keys)
    assert [(r["kd"], r["n"]) for r in read(release, Policy(filter=tree))] == keys


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "n",
        "n>",
        "tidak ada=1",
        "n=abc",
        "tanggal>kemarin",
        "n~3",
        "{",
        "{}",
        "[]",
        '{"eq":["n"]}',
        '{"eq":["n",1],"ne":["n",2]}',
        '{"drop":["n",1]}',
        '{"and":[]}',
        '{"in":["n",[]]}',
        '{"eq":["n",{"a":1}]}',
        '{"lt":["n",null]}',
        '{"is_null":3}',
        '{"eq":["n\\" OR 1=1 --",1]}',
        '{"not":' * 50 + '{"is_null":"n"}' + "}" * 50,
        "[" * 30_000,
    ],
)
def test_a_filter_that_is_none_is_refused_in_two_languages(
    release: tuple[Path, Manifest], broken: str
) -> None:
    with pytest.raises(FilterInvalid) as caught:
        read(release, filter=broken)
    assert caught.value.reason_id
    assert caught.value.reason_en


def test_filters_tell_which_columns_they_use() -> None:
    assert columns_of(parse("a=1,b~x")) == {"a", "b"}
    assert columns_of({"and": [{"eq": ["a", 1]}, {"not": {"is_null": "b"}}]}) == {"a", "b"}


def test_values_keep_their_form_in_json(release: tuple[Path, Manifest]) -> None:
    page = reading.rows(*release, SCHEMA, key=KEY, filter="n=1")
    assert page.json == (
        '[{"kd":"01","n":1,"pagu":10.00,"rasio":0.125,"tanggal":"2025-01-02",'
        '"diubah":"2025-01-01T00:00:00.500000Z","aktif":false,"Nama Paket":"Paket 1"}]'
    )
    assert (
        '"diubah":"2025-01-01T00:00:01Z"'
        in reading.rows(*release, SCHEMA, key=KEY, filter="n=2").json
    )


def test_large_integers_and_infinite_numbers_stay_valid_json(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), ("x", pa.float64())])
    source = tmp_path / "rows.parquet"
    held = {"id": [2**63 - 1, 2, 3], "x": [1.0, float("nan"), float("inf")]}
    pq.write_table(pa.table(held, schema=schema), source)
    staged = stage(tmp_path / "t", None, source, "append", ("id",), schema, base_number=None)
    page = reading.rows(tmp_path / "t", staged.files, schema, key=("id",))
    assert json.loads(page.json) == [
        {"id": 2, "x": None},
        {"id": 3, "x": None},
        {"id": 2**63 - 1, "x": 1.0},
    ]


PARTIAL = Policy(
    columns=("kd", "n", "pagu", "tanggal"),
    filter={"eq": ["aktif", True]},
    masks=(("tanggal", "hide"),),
)


def test_a_policy_hides_columns_rows_and_values(release: tuple[Path, Manifest]) -> None:
    found = read(release, PARTIAL)
    assert len(found) == 100
    assert {tuple(r) for r in found} == {("kd", "n", "pagu", "tanggal")}
    assert all(r["n"] % 2 == 0 and r["tanggal"] is None for r in found)
    assert reading.count(*release, SCHEMA, PARTIAL) == 100
    shown = reading.profile(*release, SCHEMA, PARTIAL)
    assert [column.column for column in shown] == ["kd", "n", "pagu", "tanggal"]
    assert (shown[1].lowest, shown[1].highest, shown[3].empty) == ("0", "198", 1.0)


@pytest.mark.parametrize(
    "asked",
    [
        {"columns": ("rasio",)},
        {"columns": ("tidak_ada",)},
        {"sort": "rasio"},
        {"sort": "tanggal"},
        {"sort": "-Nama Paket"},
    ],
)
def test_hidden_columns_are_refused_like_ones_that_do_not_exist(
    release: tuple[Path, Manifest], asked: dict[str, Any]
) -> None:
    with pytest.raises(ColumnNotReadable):
        read(release, PARTIAL, **asked)


@pytest.mark.parametrize("column", ["rasio", "aktif", "tanggal", "tidak_ada"])
def test_a_filter_cannot_feel_for_hidden_values(
    release: tuple[Path, Manifest], column: str
) -> None:
    with pytest.raises(FilterInvalid) as caught:
        read(release, PARTIAL, filter={"is_null": column})
    assert caught.value.reason_en.replace(column, "X") == (
        "Column “X” does not exist or may not be seen."
    )


def test_pages_without_a_visible_key_show_no_key_in_the_cursor(
    release: tuple[Path, Manifest],
) -> None:
    policy = Policy(columns=("Nama Paket",))
    first = reading.rows(*release, SCHEMA, policy, key=KEY, limit=10)
    assert first.next is not None
    assert len(read(release, policy)) == 200
    names = [f"Paket {n}" for n in sorted_as()]
    assert [r["Nama Paket"] for r in read(release, policy)] == names


def test_a_cursor_is_good_for_its_own_question_only(release: tuple[Path, Manifest]) -> None:
    def ask(**changed: Any) -> reading.Page:
        asked = {"key": KEY, "sort": "n", "limit": 5, "secret": b"s", **changed}
        return reading.rows(*release, SCHEMA, asked.pop("policy", UNRESTRICTED), **asked)

    cursor = ask().next
    assert cursor is not None
    assert json.loads(ask(cursor=cursor).json)[0]["n"] == 5
    altered = cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]
    for changed in (
        {"sort": "-n"},
        {"filter": "n>1"},
        {"policy": PARTIAL},
        {"secret": b"other"},
        {"cursor": altered},
        {"cursor": "x"},
        {"cursor": "é!"},
        {"cursor": "AAAA"},
    ):
        with pytest.raises(CursorInvalid):
            ask(**{"cursor": cursor, **changed})


def test_columns_come_in_the_order_asked(release: tuple[Path, Manifest]) -> None:
    page = reading.rows(*release, SCHEMA, key=KEY, columns=("n", "kd"), limit=1)
    assert page.json == '[{"n":0,"kd":"00"}]'
    arrow = reading.rows(*release, SCHEMA, key=KEY, columns=("n", "kd"), limit=3, form="arrow")
    assert arrow.table is not None
    assert arrow.table.to_pydict() == {"n": [0, 5, 10], "kd": ["00", "00", "00"]}


def test_changes_show_no_more_than_the_policy_does(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), ("open", pa.string()), ("closed", pa.string())])
    table, manifests, base = tmp_path / "t", [], None
    for rows in (
        [(1, "a", "x"), (2, "a", "x"), (3, "a", "x"), (4, "b", "x")],
        [(1, "a", "SECRET"), (2, "c", "SECRET"), (3, "b", "x"), (5, "a", "x")],
    ):
        source = tmp_path / "rows.parquet"
        pq.write_table(
            pa.Table.from_pylist(
                [dict(zip(schema.names, r, strict=True)) for r in rows], schema=schema
            ),
            source,
        )
        base = stage(table, base, source, "replace", ("id",), schema, base_number=None).files
        manifests.append(base)
    policy = Policy(columns=("id", "open"), filter={"ne": ["open", "b"]})
    found = changes.diff(table, *manifests, ("id",), policy, schema=schema).to_pylist()
    assert found == [
        {"_perubahan": "berubah", "_kolom": ["open"], "id": 2, "open": "c"},
        {"_perubahan": "hapus", "_kolom": [], "id": 3, "open": None},
        {"_perubahan": "baru", "_kolom": [], "id": 5, "open": "a"},
    ]
    assert changes.tally(table, *manifests, ("id",), policy, schema=schema) == changes.Tally(
        1, 1, 1
    )


def test_a_policy_is_the_same_whatever_the_order_of_its_parts() -> None:
    one = Policy(("a", "b"), {"eq": ["a", 1]}, (("b", "hide"), ("a", "hide")))
    two = Policy(("b", "a"), {"eq": ["a", 1]}, (("a", "hide"), ("b", "hide")))
    assert one.digest() == two.digest() != UNRESTRICTED.digest()
    assert Policy(columns=()).digest() != UNRESTRICTED.digest()
    with pytest.raises(ValueError, match="no mask"):
        Policy(masks=(("a", "blur"),))


def test_the_types_of_columns_are_named_as_duckdb_names_them() -> None:
    types = [
        pa.string(), pa.binary(), pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(),
        pa.float32(), pa.float64(), pa.date32(), pa.decimal128(38, 0), pa.decimal128(9, 2),
        pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.timestamp("ns"), pa.time64("us"),
        pa.list_(pa.int64()), pa.struct([("a", pa.string())]),
    ]  # fmt: skip
    schema = pa.schema([(f"c{place}", type_) for place, type_ in enumerate(types)])
    with duckdb.connect() as engine:
        engine.register("shape", schema.empty_table())
        told = engine.execute("DESCRIBE SELECT * FROM shape").fetchall()
        assert sql_types(engine, schema) == {row[0]: row[1] for row in told}


def test_reading_loads_no_pandas(release: tuple[Path, Manifest]) -> None:
    table, manifest = release
    lines = (
        "import sys, pickle",
        "from catalog import export, reading",
        "table, manifest, schema, key = pickle.load(sys.stdin.buffer)",
        "reading.rows(table, manifest, schema, key=key, sort='-pagu')",
        "reading.profile(table, manifest, schema)",
        "list(export.stream(export.release(table, manifest, schema, key=key), 'csv'))",
        "sys.exit('pandas was loaded' if 'pandas' in sys.modules else 0)",
    )
    given = pickle.dumps((table, manifest, SCHEMA, KEY))
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], input=given, check=False)
    assert done.returncode == 0
