"""Files for people and programs, and slices for queries."""

import datetime
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from catalog import export, slices
from catalog.errors import ColumnNotReadable, ExportTooLarge, FilterInvalid
from catalog.policy import UNRESTRICTED, Policy
from catalog.storage import Manifest, stage
from catalog.worksheets import MAX_ROWS, write_worksheet

SCHEMA = pa.schema(
    [
        ("kd", pa.string()),
        ("nama", pa.string()),
        ("nilai", pa.int64()),
        ("tanggal", pa.date32()),
        ("saat", pa.timestamp("us", "UTC")),
        ("ok", pa.bool_()),
    ]
)
MOMENT = datetime.datetime(2025, 10, 3, 7, 30, 1, tzinfo=datetime.UTC)
ROWS: list[dict[str, Any]] = [
    {
        "kd": "001",
        "nama": "=1+1",
        "nilai": -5,
        "tanggal": datetime.date(2025, 10, 3),
        "saat": MOMENT,
        "ok": True,
    },
    {
        "kd": "002",
        "nama": '@SUM(A1), "x"\n',
        "nilai": 2**60,
        "tanggal": None,
        "saat": None,
        "ok": None,
    },
    {
        "kd": "003",
        "nama": "",
        "nilai": None,
        "tanggal": datetime.date(1875, 1, 1),
        "saat": MOMENT,
        "ok": False,
    },
    {"kd": "004", "nama": None, "nilai": 4, "tanggal": None, "saat": None, "ok": None},
    {"kd": "+05", "nama": "-\t", "nilai": 5, "tanggal": None, "saat": None, "ok": None},
]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    table = tmp_path_factory.mktemp("export") / "t"
    source = table.parent / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, schema=SCHEMA), source)
    staged = stage(table, None, source, "append", ("kd",), SCHEMA, base_number=None)
    return table, staged.files


def exported(release: tuple[Path, Manifest], format: Any, **asked: Any) -> bytes:
    rows = export.release(*release, SCHEMA, asked.pop("policy", UNRESTRICTED), key=("kd",), **asked)
    return b"".join(export.stream(rows, format))


def test_csv_keeps_codes_and_disarms_formulas_in_text_only(release: tuple[Path, Manifest]) -> None:
    assert exported(release, "csv").decode() == (
        "kd,nama,nilai,tanggal,saat,ok\r\n"
        "'+05,'-\t,5,,,\r\n"
        "001,'=1+1,-5,2025-10-03,2025-10-03T07:30:01Z,true\r\n"
        '002,"\'@SUM(A1), ""x""\n",1152921504606846976,,,\r\n'
        '003,"",,1875-01-01,2025-10-03T07:30:01Z,false\r\n'
        "004,,4,,,\r\n"
    )


def test_csv_reads_back_row_by_row(release: tuple[Path, Manifest]) -> None:
    options = pa.csv.ParseOptions(newlines_in_values=True)
    read = pa.csv.read_csv(io.BytesIO(exported(release, "csv")), parse_options=options)
    assert read.num_rows == 5


def test_json_and_ndjson_hold_the_same_objects(release: tuple[Path, Manifest]) -> None:
    array = json.loads(exported(release, "json"))
    assert [json.loads(line) for line in exported(release, "ndjson").splitlines()] == array
    assert array[1] == {
        "kd": "001",
        "nama": "=1+1",
        "nilai": -5,
        "tanggal": "2025-10-03",
        "saat": "2025-10-03T07:30:01Z",
        "ok": True,
    }
    assert exported(release, "json", filter="kd=tidak") == b"[]"


def test_arrow_and_parquet_hold_the_rows_with_their_types(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    wanted = sorted(ROWS, key=lambda r: r["kd"])
    streamed = pa.ipc.open_stream(exported(release, "arrow")).read_all()
    assert streamed.to_pylist() == wanted
    rows = export.release(*release, SCHEMA, key=("kd",))
    size = export.to_file(rows, "parquet", tmp_path / "x.parquet")
    held = pq.read_table(tmp_path / "x.parquet")
    assert (held.to_pylist(), held.schema.types) == (wanted, SCHEMA.types)
    assert size == (tmp_path / "x.parquet").stat().st_size


def test_xlsx_writes_text_as_text_and_loses_no_digit(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    target = tmp_path / "x.xlsx"
    export.to_file(export.release(*release, SCHEMA, key=("kd",), sort="nilai"), "xlsx", target)
    sheet = openpyxl.load_workbook(target).worksheets[0]
    header, *rows = sheet.iter_rows()
    assert [cell.value for cell in header] == SCHEMA.names
    by_code = {row[0].value: row for row in rows}
    assert list(by_code) == ["001", "004", "+05", "002", "003"]
    formula, large, old = by_code["001"], by_code["002"], by_code["003"]
    assert (formula[1].value, formula[1].data_type) == ("=1+1", "s")
    assert (formula[2].value, formula[3].value) == (-5, datetime.datetime(2025, 10, 3))  # noqa: DTZ001
    assert large[2].value == str(2**60)
    assert old[3].value == "1875-01-01"


def test_a_worksheet_that_cannot_hold_the_rows_is_refused(tmp_path: Path) -> None:
    one = pa.table({"n": pa.nulls(MAX_ROWS, pa.int64())})
    with pytest.raises(ExportTooLarge):
        write_worksheet(tmp_path / "x.xlsx", one.schema, one.to_batches())


def test_an_export_goes_through_the_policy(release: tuple[Path, Manifest], tmp_path: Path) -> None:
    policy = Policy(("kd", "nilai"), {"gt": ["nilai", 0]}, (("nilai", "hide"),))
    assert exported(release, "csv", policy=policy) == b"kd,nilai\r\n'+05,\r\n002,\r\n004,\r\n"
    with pytest.raises(ColumnNotReadable):
        exported(release, "csv", policy=policy, columns=("nama",))
    with pytest.raises(FilterInvalid):
        exported(release, "csv", filter="nilai=banyak")
    target = tmp_path / "x.csv"
    with pytest.raises(FilterInvalid):
        export.to_file(
            export.release(*release, SCHEMA, key=("kd",), filter="nilai=x"), "csv", target
        )
    assert not target.exists()


def test_an_answer_with_twice_the_same_column_is_exported_too() -> None:
    column = pa.array([1, None])
    answer = export.Answer(pa.Table.from_arrays([column, column], names=["a", "A"]))
    assert b"".join(export.stream(answer, "ndjson")) == b'{"a":1,"A_1":1}\n{"a":null,"A_1":null}\n'


RESTRICTED = Policy(filter={"gt": ["nilai", 0]}, masks=(("nama", "hide"),))


def sliced(
    release: tuple[Path, Manifest], cache: Path, policy: Policy = RESTRICTED, cap: int = 10**9
) -> list[Path]:
    return slices.slice_files(cache, *release, policy, "a/b/1", schema=SCHEMA, cap_bytes=cap)


def test_a_slice_holds_what_the_policy_permits_and_nothing_else(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    (file,) = sliced(release, tmp_path)
    held = pq.read_table(file)
    assert held["kd"].to_pylist() == ["+05", "002", "004"]
    assert held["nama"].null_count == 3
    assert b"SUM(A1)" not in file.read_bytes()
    assert sliced(release, tmp_path, UNRESTRICTED) == [release[0] / f.path for f in release[1]]


def test_many_callers_at_once_get_one_whole_slice(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: sliced(release, tmp_path), range(16)))
    assert len({tuple(files) for files in found}) == 1
    assert [path.name[0] != "." for path in tmp_path.iterdir()] == [True]
    written = found[0][0].stat().st_mtime_ns
    assert sliced(release, tmp_path)[0].stat().st_mtime_ns == written


def test_the_cache_drops_what_was_used_longest_ago(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    policies = [Policy(filter={"gt": ["nilai", n]}) for n in range(3)]
    (first,), (second,) = (sliced(release, tmp_path, policy) for policy in policies[:2])
    for age, file in ((4000, first), (9000, second)):
        then = file.stat().st_mtime - age
        os.utime(file.parent, (then, then))
    (third,) = sliced(release, tmp_path, policies[2], cap=first.stat().st_size * 2 + 500)
    assert (first.exists(), second.exists(), third.exists()) == (True, False, True)


def test_a_slice_that_was_evicted_is_written_under_a_new_name(
    release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    (first,) = sliced(release, tmp_path)
    first.unlink()
    (first.parent / ".work").mkdir()
    (second,) = sliced(release, tmp_path)
    assert second.parent == first.parent
    assert second.name != first.name
    assert pq.read_table(second)["kd"].to_pylist() == ["+05", "002", "004"]


def test_an_empty_release_still_gives_a_table_with_columns(tmp_path: Path) -> None:
    (file,) = slices.slice_files(
        tmp_path / "cache", tmp_path / "t", (), UNRESTRICTED, "a/b/1", schema=SCHEMA
    )
    assert pq.read_table(file).num_rows == 0
    assert pq.read_schema(file).names == SCHEMA.names
