"""Any policy, any question, every way of reading: what comes out is what a plain reckoning says."""

import base64
import csv
import datetime
import hashlib
import hmac
import io
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import changes, export, reading, slices
from catalog.policy import MASKS, Policy
from catalog.storage import Manifest, stage

Row = dict[str, Any]
SALT = b"a salt of one agency and one purpose"
SECRET = b"seals the cursors"
KEY = ("kelompok", "nik")
SCHEMA = pa.schema(
    [
        ("desa", pa.string()),
        ("kelompok", pa.string()),
        ("nik", pa.string()),
        ("lahir", pa.date32()),
        ("saat", pa.timestamp("us", "UTC")),
        ("nilai", pa.int64()),
        ("rasio", pa.float64()),
        ("lunas", pa.bool_()),
        ("besar", pa.decimal128(38, 0)),
    ]
)
COLUMNS = tuple(SCHEMA.names)
TEXTS = {"desa", "kelompok", "nik"}
WRITTEN = {*TEXTS, "nilai", "besar"}
DATED = {"lahir", "saat"}
CODES = ("99.01.02.{n}", "9901022{n:03}", "99.01.0{d}", "9901", "99", "Paser {n}", None)


def row(n: int, shift: int = 0) -> Row:
    moment = datetime.datetime(2020 + n % 5, 12, 31, 12 + n % 12, n, tzinfo=datetime.UTC)
    code = CODES[(n + shift) % len(CODES)]
    return {
        "desa": code.format(n=2000 + n if "." in code else n, d=n % 3) if code else None,
        "kelompok": "ABC"[n * n % 3],
        "nik": f"9901{n * 37 % 72:02}4101800{n:03}",
        "lahir": datetime.date(1950 + n, 1 + n % 12, 1) if n % 6 else None,
        "saat": moment if n % 4 else None,
        "nilai": (n * 1234 + shift) % 90 * 1000003 if n % 5 else None,
        "rasio": n / 8 if n % 7 else None,
        "lunas": n % 2 == 0 if n % 3 else None,
        "besar": Decimal(n * 10**17 + shift) if n % 8 else None,
    }


OLD = [row(n) for n in range(36)]
NEW = [row(n, shift=n % 3) for n in range(4, 42)]


@dataclass(frozen=True)
class World:
    """Two releases of one table, and room for slices."""

    table: Path
    old: Manifest
    new: Manifest
    cache: Path

    @property
    def read(self) -> dict[str, Any]:
        return {"table": self.table, "manifest": self.new, "schema": SCHEMA, "key": KEY}

    @property
    def kept(self) -> slices.Slices:
        return slices.Slices(self.cache, "a/b/2")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    room = tmp_path_factory.mktemp("policies")
    base: Manifest | None = None
    found = []
    for number, rows in enumerate((OLD, NEW)):
        source = room / "rows.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), source)
        base = stage(
            room / "t", base, source, "replace", KEY, SCHEMA,
            base_number=number or None, file_rows=9,
        ).files  # fmt: skip
        found.append(base)
    return World(room / "t", *found, room / "slices")


def as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value == int(value) else repr(value)
        case datetime.datetime():
            return str(round(value.timestamp() * 1_000_000))
        case _:
            return str(value)


def fits(kind: str, column: str) -> bool:
    if kind == "year":
        return column in DATED
    return kind in {"hide", "hash"} or column in WRITTEN


def region(text: str, kind: str) -> str | None:
    dotted, bare = {"province": (2, 2), "regency": (5, 4), "district": (8, 7)}[kind]
    parts = [part for part in text.split(".") if part.isdigit()]
    if text.isdigit() and len(text) in {2, 4, 7, 10}:
        return text[:bare]
    if ".".join(parts) == text and [len(p) for p in parts] in ([2], [2] * 2, [2] * 3, [2, 2, 2, 4]):
        return text[:dotted]
    return None


def masked(kind: str | None, column: str, value: Any) -> Any:
    if kind is None or value is None:
        return value
    if kind == "hide" or not fits(kind, column):
        return None
    if kind == "year":
        return value.year
    text = as_text(value)
    if kind == "hash":
        return hmac.new(SALT, text.encode(), hashlib.sha256).hexdigest()[:32]
    if kind == "last_four":
        return "••••" + text[-4:] if len(text) >= 8 else "••••"
    return region(text, kind.partition(":")[2])


def passes(tree: Any, row: Row) -> bool | None:
    """SQL's three answers: an empty value is neither equal nor different."""
    if tree is None:
        return True
    ((operator, operand),) = tree.items()
    if operator in {"and", "or"}:
        told = [passes(part, row) for part in operand]
        decisive = operator == "or"
        return decisive if decisive in told else None if None in told else not decisive
    if operator == "not":
        inner = passes(operand, row)
        return None if inner is None else not inner
    if operator == "is_null":
        return row[operand] is None
    value, wanted = row[operand[0]], operand[1]
    if value is None:
        return None
    if operator == "in":
        return any(like(one, value) == value for one in wanted)
    wanted = like(wanted, value)
    compared = {
        "eq": lambda: value == wanted, "ne": lambda: value != wanted, "lt": lambda: value < wanted,
        "ge": lambda: value >= wanted, "contains": lambda: wanted in value,
        "starts": lambda: value.startswith(wanted),
    }  # fmt: skip
    return bool(compared[operator]())


def told(value: Any) -> Any:
    """A value as a filter and a JSON answer spell it."""
    match value:
        case datetime.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case datetime.date():
            return value.isoformat()
        case Decimal():
            return int(value)
        case _:
            return value


def like(spelled: Any, value: Any) -> Any:
    """What a filter spells, as a value of the column's type."""
    match value:
        case datetime.datetime():
            return datetime.datetime.fromisoformat(spelled)
        case datetime.date():
            return datetime.date.fromisoformat(spelled)
        case Decimal():
            return Decimal(spelled)
        case _:
            return spelled


@dataclass(frozen=True)
class Asked:
    """A policy and a question, drawn so that the policy lets the question be asked."""

    policy: Policy
    columns: tuple[str, ...] | None
    filter: dict[str, Any] | None
    sort: tuple[tuple[str, bool], ...]
    limit: int

    @property
    def kinds(self) -> dict[str, str]:
        return dict(self.policy.masks)

    @property
    def visible(self) -> list[str]:
        return [c for c in COLUMNS if self.policy.columns is None or c in self.policy.columns]

    @property
    def shown(self) -> list[str]:
        return list(self.columns or self.visible)

    @property
    def key_is_clear(self) -> bool:
        return all(c in self.visible and c not in self.kinds for c in KEY)

    def view(self, rows: list[Row]) -> list[Row]:
        """The permitted rows in the order of the release, every column masked as it must be."""
        held = sorted(rows, key=lambda r: (r["kelompok"], r["nik"]))
        return [
            {c: masked(self.kinds.get(c), c, r[c]) for c in COLUMNS}
            for r in held
            if passes(self.policy.filter, r)
        ]

    def expected(self) -> list[Row]:
        """The answer in full order, as far as there is one."""
        rows = self.view(NEW)
        if not self.key_is_clear:
            rows = self.by_what_is_shown(rows)
        rows = [r for r in rows if passes(self.filter, r)]
        for column, descending in reversed(self.sort):
            held = [r for r in rows if r[column] is not None]
            empty = [r for r in rows if r[column] is None]
            rows = sorted(held, key=lambda r: r[column], reverse=descending) + empty
        return rows

    def by_what_is_shown(self, rows: list[Row]) -> list[Row]:
        askable = [c for c in self.visible if self.kinds.get(c) != "hide"]
        lead = [c for c in KEY if c in askable]
        lead += [c for c in askable if c not in lead]
        return sorted(rows, key=lambda r: [(r[c] is None, r[c] or 0) for c in lead])

    def secrets(self) -> set[str]:
        """True values that must be nowhere."""
        guarded = [c for c in ("nik", "desa") if c not in self.visible or c in self.kinds]
        return {r[c] for r in NEW for c in guarded if len(r[c] or "") >= 10}


@st.composite
def filters(draw: st.DrawFn, rows: list[Row], columns: list[str], depth: int = 2) -> dict[str, Any]:
    if depth and draw(st.integers(0, 2)) == 0:
        part = filters(rows, columns, depth - 1)
        operator = draw(st.sampled_from(["and", "or", "not"]))
        return {
            operator: draw(part if operator == "not" else st.lists(part, min_size=1, max_size=3))
        }
    column = draw(st.sampled_from(columns))
    held = [told(r[column]) for r in rows if r[column] is not None]
    if not held or draw(st.integers(0, 6)) == 0:
        return {"is_null": column}
    text = isinstance(held[0], str) and not isinstance(rows[0][column], datetime.date)
    text = text and not any(isinstance(r[column], datetime.date) for r in rows)
    operators = ["eq", "ne", "lt", "ge", "in", *(("contains", "starts") if text else ())]
    operator = draw(st.sampled_from(operators))
    if operator == "in":
        return {"in": [column, draw(st.lists(st.sampled_from(held), min_size=1, max_size=4))]}
    value = draw(st.sampled_from(held))
    if operator in {"contains", "starts"}:
        value = value[: draw(st.integers(1, 6))]
    return {operator: [column, value]}


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    some = st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True)
    columns = draw(st.none() | some.map(tuple))
    kinds = draw(st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from(sorted(MASKS))))
    own = draw(st.none() | filters(OLD + NEW, list(COLUMNS)))
    policy = Policy(columns, own, tuple(kinds.items()), SALT)
    bare = Asked(policy, None, None, (), 1)
    rows, visible = bare.view(NEW), bare.visible
    askable = [c for c in visible if kinds.get(c) != "hide"]
    asked = draw(st.none() | filters(rows, askable)) if askable and rows else None
    sort = st.lists(st.sampled_from(askable), max_size=2, unique=True) if askable else st.just([])
    return Asked(
        policy,
        draw(st.none() | st.lists(st.sampled_from(visible), min_size=1, unique=True).map(tuple)),
        asked,
        tuple((column, draw(st.booleans())) for column in draw(sort)),
        draw(st.integers(1, 15)),
    )


def pages(world: World, asked: Asked, form: Any) -> tuple[list[Row], str]:
    """All rows over all pages, and the cursors as whoever decodes them sees them."""
    found: list[Row] = []
    cursor, cursors = None, ""
    while True:
        page = reading.rows(
            **world.read, policy=asked.policy, columns=asked.columns, filter=asked.filter,
            sort=asked.sort, limit=asked.limit, cursor=cursor, form=form, secret=SECRET,
            slices=world.kept,
        )  # fmt: skip
        found += json.loads(page.json) if form == "json" else page.table.to_pylist()
        if page.next is None:
            return found, cursors
        cursor = page.next
        cursors += base64.urlsafe_b64decode(cursor + "==")[16:].decode()


def agree(asked: Asked, found: list[Row], spelled: Any) -> None:
    """Every row once, in the order asked for."""
    rows = [{c: spelled(r[c]) for c in asked.shown} for r in asked.expected()]
    assert all(list(r) == asked.shown for r in found)
    sort = [column for column, _ in asked.sort if column in asked.shown]
    assert [[r[c] for c in sort] for r in found] == [[r[c] for c in sort] for r in rows]
    if asked.key_is_clear or not asked.sort:
        assert found == rows
    assert bag(found) == bag(rows)


def bag(rows: list[Row]) -> Counter[str]:
    """Rows whatever their order, and whatever class a zone of time has."""
    return Counter(str({c: told(v) for c, v in r.items()}) for r in rows)


FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(asked=questions())
def test_pages_hold_what_the_policy_shows_and_nothing_else(world: World, asked: Asked) -> None:
    read, cursors = pages(world, asked, "json")
    agree(asked, read, told)
    agree(asked, pages(world, asked, "arrow")[0], lambda value: value)
    out = cursors + json.dumps(read, ensure_ascii=False)
    assert not [secret for secret in asked.secrets() if secret in out]
    counted = reading.count(
        **world.read, policy=asked.policy, filter=asked.filter, slices=world.kept
    )
    assert counted == len(read)


@FEW
@given(asked=questions())
def test_files_hold_what_the_policy_shows_and_nothing_else(
    world: World, asked: Asked, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = export.release(
        **world.read, policy=asked.policy, columns=asked.columns, filter=asked.filter,
        sort=asked.sort, slices=world.kept,
    )  # fmt: skip
    lines, array, table, arrow = (
        b"".join(export.stream(whole, form)) for form in ("ndjson", "json", "csv", "arrow")
    )
    agree_unordered(asked, [json.loads(line) for line in lines.splitlines()], told)
    agree_unordered(asked, json.loads(array), told)
    agree_unordered(asked, pa.ipc.open_stream(arrow).read_all().to_pylist(), lambda value: value)
    agree_unordered(asked, records(table.decode()), cell)
    assert not [s for s in asked.secrets() if s.encode() in lines + array + table + arrow]
    room = tmp_path_factory.mktemp("files")
    export.to_file(whole, "parquet", room / "f.parquet")
    agree_unordered(asked, pq.read_table(room / "f.parquet").to_pylist(), lambda value: value)
    export.to_file(whole, "xlsx", room / "f.xlsx")
    header, *sheet = (
        python_calamine.load_workbook(str(room / "f.xlsx")).get_sheet_by_index(0).to_python()
    )
    assert header == asked.shown
    assert len([r for r in sheet if any(v != "" for v in r)]) <= len(asked.expected())
    assert not {str(value) for r in sheet for value in r} & asked.secrets()


def agree_unordered(asked: Asked, found: list[Row], spelled: Any) -> None:
    """A file that is sorted without a key to decide ties has them in any order."""
    if asked.key_is_clear or not asked.sort:
        assert found == [{c: spelled(r[c]) for c in asked.shown} for r in asked.expected()]
    else:
        agree(asked, found, spelled)


def records(table: str) -> list[Row]:
    """A line without a comma is a record too, also when its one cell is empty."""
    header, *lines = csv.reader(io.StringIO(table, newline=""))
    return [dict(zip(header, line or [""], strict=True)) for line in lines]


def cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(told(value))


@FEW
@given(asked=questions())
def test_slices_samples_and_profiles_show_no_more(world: World, asked: Asked) -> None:
    plain = Asked(asked.policy, None, None, (), 7)
    rows = [{c: r[c] for c in plain.visible} for r in plain.expected()]
    files = slices.slice_files(
        world.cache, world.table, world.new, asked.policy, "a/b/2", schema=SCHEMA, key=KEY
    )
    held = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    assert held == rows
    if not asked.policy.unrestricted:
        raw = b"".join(file.read_bytes() for file in files)
        assert not [secret for secret in plain.secrets() if secret.encode() in raw]
    sample = reading.sample(**world.read, policy=asked.policy, size=7, slices=world.kept)
    assert json.loads(sample.json) == [{c: told(v) for c, v in r.items()} for r in rows[:7]]
    found = reading.profile(**world.read, policy=asked.policy, slices=world.kept)
    assert [column.column for column in found] == plain.visible
    for column in found:
        values = [r[column.column] for r in rows if r[column.column] is not None]
        assert column.empty == pytest.approx(1 - len(values) / len(rows) if rows else 0)
        if not values or isinstance(values[0], float | datetime.datetime):
            continue
        assert (column.lowest, column.highest) == (cell(min(values)), cell(max(values)))


@FEW
@given(asked=questions())
def test_changes_compare_what_is_shown_and_show_no_more(world: World, asked: Asked) -> None:
    old, new = ({(r["kelompok"], r["nik"]): r for r in rows} for rows in (OLD, NEW))
    before, after = (
        {key: plain(asked, r) for key, r in rows.items() if passes(asked.policy.filter, r)}
        for rows in (old, new)
    )
    wanted = []
    for key in before.keys() | after.keys():
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            shown = now or {c: v if c in KEY else None for c, v in (was or {}).items()}
            wanted.append({"_perubahan": "baru" if now else "hapus", "_kolom": [], **shown})
        elif differing := [c for c in now if c not in KEY and now[c] != was[c]]:
            wanted.append({"_perubahan": "berubah", "_kolom": differing, **now})
    found = changes.diff(
        world.table, world.old, world.new, KEY, asked.policy, schema=SCHEMA
    ).to_pylist()
    assert bag(found) == bag(wanted)
    if asked.key_is_clear:
        keys = [(r["kelompok"], r["nik"]) for r in found]
        assert keys == sorted(keys)
    else:
        shown = [[(v is None, v or 0) for v in r.values()] for r in found]
        assert shown == sorted(shown)
    assert not [secret for secret in asked.secrets() if secret in repr(found)]


def plain(asked: Asked, row: Row) -> Row:
    return {c: masked(asked.kinds.get(c), c, row[c]) for c in asked.visible}
