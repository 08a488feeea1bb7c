"""Masks: what each kind shows of which value, and that the salt stays a secret."""

import datetime
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import export, reading, slices
from catalog.errors import ColumnNotReadable, FilterInvalid
from catalog.policy import MASKS, Policy, fits
from catalog.question import types_of
from catalog.storage import Manifest, stage

SALT = b"sixteen bytes and a few more"
NIK = "9901014101800000"


def hashed(text: str, salt: bytes = SALT) -> str:
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()[:32]


def shown(kind: str, values: list[Any], type_: pa.DataType, salt: bytes = SALT) -> list[Any]:
    """The values as a reader behind a mask of this kind sees them."""
    policy = Policy(masks=(("v", kind),), salt=salt)
    table = pa.table({"v": pa.array(values, type_)})
    select, bound = policy.select(types_of(table.schema))
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("t", table)
        return [row[0] for row in engine.execute(f"SELECT {select} FROM t", bound).fetchall()]


MOMENT = datetime.datetime(2025, 12, 31, 20, tzinfo=datetime.UTC)
CASES = [
    ("hide", [NIK, None], pa.string(), [None, None]),
    ("hash", [NIK, "", "é", None], pa.string(), [hashed(NIK), hashed(""), hashed("é"), None]),
    ("hash", [int(NIK), -5, None], pa.int64(), [hashed(NIK), hashed("-5"), None]),
    ("hash", [10.0, 0.125, None], pa.float64(), [hashed("10"), hashed("0.125"), None]),
    ("hash", [True, None], pa.bool_(), [hashed("true"), None]),
    ("hash", [datetime.date(1980, 1, 2)], pa.date32(), [hashed("1980-01-02")]),
    (
        "last_four",
        [NIK, "12345678", "1234567", "", None],
        pa.string(),
        ["••••0000", "••••5678", "••••", "••••", None],
    ),
    ("last_four", [int(NIK), 7, None], pa.int64(), ["••••0000", "••••", None]),
    ("year", [datetime.date(1980, 1, 2), None], pa.date32(), [1980, None]),
    ("year", [MOMENT, None], pa.timestamp("us", "UTC"), [2025, None]),
    ("year", ["1980-01-02"], pa.string(), [None]),
    ("last_four", [datetime.date(1980, 1, 2)], pa.date32(), [None]),
    ("region:province", [True], pa.bool_(), [None]),
    ("hash", [[1, 2]], pa.list_(pa.int64()), [None]),
]
CODES = ["64.01.02.2004", "64.01.02", "64.01", "64", "6401022004", "6401022", "6401", "64"]
STRANGE = ["", "6", "64.", "64.1", "64.01.02.200", "640102", "64 01", "Paser", "x64.01", "64.01\n"]
REGIONS = [
    ("region:province", ["64"] * 8),
    ("region:regency", ["64.01"] * 3 + ["64"] + ["6401"] * 3 + ["64"]),
    ("region:district", ["64.01.02"] * 2 + ["64.01", "64"] + ["6401022"] * 2 + ["6401", "64"]),
]


@pytest.mark.parametrize(("kind", "values", "type_", "wanted"), CASES)
def test_each_mask_shows_what_it_says(
    kind: str, values: list[Any], type_: pa.DataType, wanted: list[Any]
) -> None:
    assert shown(kind, values, type_) == wanted


@pytest.mark.parametrize(("kind", "wanted"), REGIONS)
def test_a_region_is_cut_to_the_area_asked_for(kind: str, wanted: list[str]) -> None:
    assert shown(kind, CODES, pa.string()) == wanted
    assert shown(kind, STRANGE, pa.string()) == [None] * len(STRANGE)
    assert shown(kind, [6401022004, 640, None], pa.int64())[1:] == [None, None]


def test_a_mask_that_fits_no_type_of_a_column_is_known_beforehand() -> None:
    assert {kind for kind in MASKS if fits(kind, "DATE")} == {"hide", "hash", "year"}
    assert {kind for kind in MASKS if fits(kind, "VARCHAR")} == MASKS - {"year"}
    assert {kind for kind in MASKS if fits(kind, "DECIMAL(38,0)")} == MASKS - {"year"}
    assert {kind for kind in MASKS if fits(kind, "VARCHAR[]")} == {"hide"}
    assert {kind for kind in MASKS if fits(kind, "STRUCT(a BIGINT)")} == {"hide"}


def test_a_key_longer_than_a_block_hashes_as_the_standard_says() -> None:
    long = bytes(range(200))
    assert shown("hash", [NIK], pa.string(), long) == [hashed(NIK, long)]


def test_the_salt_is_told_apart_but_never_told() -> None:
    one, two = (Policy(masks=(("v", "hash"),), salt=salt) for salt in (SALT, SALT + b"!"))
    assert one.digest() != two.digest()
    assert SALT.decode() not in repr(one)
    years = [Policy(masks=(("v", "year"),), salt=salt).digest() for salt in (SALT, b"")]
    assert years[0] == years[1]
    with pytest.raises(ValueError, match="salt"):
        Policy(masks=(("v", "hash"),), salt=b"short")
    with pytest.raises(ValueError, match="two different masks"):
        Policy(masks=(("v", "year"), ("v", "hide")))


SCHEMA = pa.schema([("nik", pa.string()), ("lahir", pa.date32()), ("desa", pa.string())])
ROWS = [
    {
        "nik": f"99010{n % 3}410180{n:04}",
        "lahir": datetime.date(1950 + n, 1, 1),
        "desa": f"99.01.0{n % 3 + 1}.{2001 + n}",
    }
    for n in range(40)
]
POLICY = Policy(masks=(("nik", "hash"), ("lahir", "year"), ("desa", "region:district")), salt=SALT)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    table = tmp_path_factory.mktemp("masks") / "t"
    source = table.parent / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, schema=SCHEMA), source)
    staged = stage(table, None, source, "append", ("nik",), SCHEMA, base_number=None, file_rows=15)
    return table, staged.files


def read(release: tuple[Path, Manifest], **asked: Any) -> list[dict[str, Any]]:
    page = reading.rows(*release, SCHEMA, POLICY, key=("nik",), **asked)
    found: list[dict[str, Any]] = json.loads(page.json)
    return found


def test_filters_and_sorts_see_masked_values_only(release: tuple[Path, Manifest]) -> None:
    wanted = hashed(ROWS[7]["nik"])
    assert [r["lahir"] for r in read(release, filter=f"nik={wanted}")] == [1957]
    assert read(release, filter=f"nik={ROWS[7]['nik']}") == []
    assert read(release, filter="nik^=9901") == []
    assert len(read(release, filter="desa=99.01.02")) == 13
    assert read(release, filter="desa^=99.01.02.") == []
    assert [r["lahir"] for r in read(release, sort="-lahir", limit=3)] == [1989, 1988, 1987]
    assert [r["nik"] for r in read(release, sort="nik")] == sorted(hashed(r["nik"]) for r in ROWS)
    with pytest.raises(FilterInvalid):
        read(release, filter="lahir=1957-01-01")


def test_a_hidden_column_cannot_be_asked_about(release: tuple[Path, Manifest]) -> None:
    policy = Policy(masks=(("lahir", "hide"),))
    with pytest.raises(FilterInvalid):
        reading.rows(*release, SCHEMA, policy, key=("nik",), filter="lahir>1950-01-01")
    with pytest.raises(ColumnNotReadable):
        reading.rows(*release, SCHEMA, policy, key=("nik",), sort="lahir")


def test_masked_columns_are_told_with_the_type_they_show(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    wanted = [pa.string(), pa.int64(), pa.string()]
    whole = export.release(*release, SCHEMA, POLICY, key=("nik",))
    assert whole.types == {"nik": "VARCHAR", "lahir": "BIGINT", "desa": "VARCHAR"}
    assert whole.schema().types == wanted
    arrow = reading.rows(*release, SCHEMA, POLICY, key=("nik",), form="arrow").table
    assert arrow is not None
    assert arrow.schema.types == wanted
    (slice_,) = slices.slice_files(tmp_path, *release, POLICY, "a/b/1", schema=SCHEMA)
    assert pq.read_schema(slice_).types == wanted
    profile = {c.column: c for c in reading.profile(*release, SCHEMA, POLICY)}
    assert (profile["lahir"].lowest, profile["lahir"].highest) == ("1950", "1989")
    assert (profile["desa"].lowest, profile["desa"].highest) == ("99.01.01", "99.01.03")
