"""Parquet and Arrow: bytes that lie about themselves, and types that JSON has not."""

import json
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.document import SchemaDocument
from schemas.errors import UnreadableFile

Documents = Callable[..., SchemaDocument]
KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "any": {},
}


@pytest.fixture
def one(
    gate: Any, accepted: Any, rejected: Any, document_of: Documents
) -> Callable[..., tuple[list[Any], list[Any]]]:
    """Judge an Arrow column: the accepted values, and rule and value of what is wrong."""

    def run(column: pa.Array, kind: str, **options: Any) -> tuple[list[Any], list[Any]]:
        out = pa.BufferOutputStream()
        table = pa.table({"c": column})
        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
        document = document_of({"c": KINDS[kind]})
        content = out.getvalue().to_pybytes()
        verdict = gate(content, "arrow", document=document, **options)
        wrong = [e for row in rejected(verdict) for e in row["errors"]]
        return [row["c"] for row in accepted(verdict)], [(e["rule"], e["value"]) for e in wrong]

    return run


def whole(values: list[int], kind: pa.DataType) -> pa.Array:
    """An array of fixed width by the numbers it is made of."""
    return pa.array(values, {4: pa.int32(), 8: pa.int64()}[kind.bit_width // 8]).view(kind)


# Days and moments that no calendar has

FAR = [
    (whole([2**62], pa.timestamp("s", "UTC")), "1970-01-01 + 4611686018427387904 s"),
    (whole([18446744074709], pa.timestamp("s", "UTC")), "1970-01-01 + 18446744074709 s"),
    (whole([-(2**62)], pa.timestamp("ms", "UTC")), "1970-01-01 + -4611686018427387904 ms"),
    (whole([2**62], pa.timestamp("us")), "1970-01-01 + 4611686018427387904 us"),
    (whole([253402300799], pa.timestamp("s", "Asia/Jakarta")), "1970-01-01 + 253402300799 s"),
    (whole([2**62], pa.timestamp("us", "Asia/Jakarta")), "1970-01-01 + 4611686018427387904 us"),
    (whole([2**30], pa.date32()), "1970-01-01 + 1073741824 d"),
    (whole([2**62], pa.duration("s")), "4611686018427387904 s"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("column", "told"), FAR)
def test_a_moment_of_no_calendar_is_refused_alone_and_never_becomes_another(
    one: Any, column: pa.Array, told: str, kind: str
) -> None:
    both = pa.concat_arrays([column, whole([0], column.type)])
    good, wrong = one(both, kind)
    assert ("di-luar-jangkauan", told) in wrong
    assert len(good) + len(wrong) == 2


def test_moments_in_any_unit_are_kept_as_they_are(one: Any) -> None:
    for unit, scale in (("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)):
        for zone in ("UTC", "+07:00", "Asia/Jakarta"):
            column = whole([1_759_000_000 * scale, 0], pa.timestamp(unit, zone))
            good, wrong = one(column, "moment")
            assert (good, wrong) == ([datetime.fromtimestamp(1_759_000_000, UTC), datetime(1970, 1, 1, tzinfo=UTC)], [])  # fmt: skip


def test_a_leap_second_after_the_last_year_is_refused_alone(
    gate: Any, document_of: Documents
) -> None:
    document = document_of({"c": KINDS["moment"]})
    text = "c\n9999-12-31T23:59:60Z\n2016-12-31T23:59:60Z\n"
    verdict = gate(text, document=document)
    assert (verdict.accepted, verdict.by_rule[0].rule) == (1, "di-luar-jangkauan")


def test_a_date_step_leaves_a_day_that_its_zone_has_not(gate: Any, document_of: Documents) -> None:
    step = {"step": "date", "columns": ["c"], "forms": ["iso-datetime"], "to": "date"}
    text = "c\n0001-01-01T00:00:00+00:00\n9999-12-31T23:00:00Z\n2025-01-01T00:00:00Z\n"
    for zone, accepted in (("-07:00", 2), ("+07:00", 2)):
        steps = [{**step, "zone": zone}]
        verdict = gate(text, document=document_of({"c": KINDS["date"]}), steps=steps)
        assert (verdict.accepted, verdict.by_rule[0].rule) == (accepted, "format")


# Types that JSON has not


def runs(*values: str) -> pa.Array:
    return pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(values))


IDENTITY = UUID("00000000-0000-4000-8000-000000000001")
HELD_AS_TEXT = [
    (pa.array([time(8, 30), time(8, 30, 0, 500_000)]), ["08:30:00", "08:30:00.500000"]),
    (whole([30_600_000], pa.time32("ms")), ["08:30:00"]),
    (whole([30_600_000_000_001], pa.time64("ns")), ["08:30:00"]),
    (whole([90, -90, 0], pa.duration("s")), ["PT90S", "-PT90S", "PT0S"]),
    (whole([1_500_000_000], pa.duration("ns")), ["PT1.5S"]),
    (pa.array(["a", None, "é"], pa.string_view()), ["a", None, "é"]),
    (pa.array([b"a", "é".encode()], pa.binary_view()), ["a", "é"]),
    (pa.array([b"abcd"], pa.binary(4)), ["abcd"]),
    (runs("a", "b"), ["a", "a", "b"]),
    (pa.DictionaryArray.from_arrays([0, 0], pa.array(["a"], pa.string_view())), ["a", "a"]),
    (pa.DictionaryArray.from_arrays([1, 0], pa.array([b"a", b"b"])), ["b", "a"]),
    (pa.DictionaryArray.from_arrays([0], pa.array([time(8)])), ["08:00:00"]),
    (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([IDENTITY.bytes], pa.binary(16))), [str(IDENTITY)]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "texts"), HELD_AS_TEXT)
def test_what_has_one_form_as_text_is_read_as_that(
    one: Any, column: pa.Array, texts: list[str]
) -> None:
    assert one(column, "text") == (texts, [])
    assert [rule for rule, _ in one(column, "date")[1]] == ["format"] * len(list(filter(None, texts)))  # fmt: skip


NESTED = [
    (pa.array([[date(2025, 10, 3), None]]), ["2025-10-03", None]),
    (pa.array([[time(8)]]), ["08:00:00"]),
    (pa.array([{"a": b"x", "w": datetime(2025, 1, 1, tzinfo=UTC)}]), {"a": "x", "w": "2025-01-01T00:00:00+00:00"}),
    (pa.array([[float("nan"), float("-inf"), 1.5]]), ["NaN", "-Infinity", 1.5]),
    (pa.array([[("a", b"x")]], pa.map_(pa.string(), pa.binary())), [["a", "x"]]),
    (pa.array([[[1], [2, 3]]], pa.list_(pa.list_view(pa.int8()))), [[1], [2, 3]]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), NESTED)
def test_lists_and_records_hold_what_json_has(one: Any, column: pa.Array, value: Any) -> None:
    (kept,), wrong = one(column, "any")
    assert (json.loads(kept, parse_constant=pytest.fail), wrong) == (value, [])
    assert [rule for rule, _ in one(column, "text")[1]] == ["type"]


def test_a_column_cast_within_a_slice_keeps_its_rows(one: Any) -> None:
    values = [[str(i).encode()] * (i % 3) for i in range(25_000)]
    good, wrong = one(pa.array(values), "any")
    assert [json.loads(text) for text in good] == [[v.decode() for v in some] for some in values]
    assert wrong == []


UNREADABLE = [
    pa.array([b"\xff"]),
    pa.array([[b"\xff"]]),
    pa.DictionaryArray.from_arrays([0], pa.array([b"\xff"])),
    pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
    pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]),
    pa.array([[b"a"]], pa.list_view(pa.binary())),
    *(
        whole([0], pa.timestamp("us", zone))
        for zone in ("Foo/Bar", "Asia", "../etc/passwd", "+99:99", "\x00", "A" * 5000)
    ),
]


@pytest.mark.parametrize("kind", ["text", "moment", "any"])
@pytest.mark.parametrize("column", UNREADABLE)
def test_what_has_no_form_is_a_clear_error_that_names_the_column(
    one: Any, column: pa.Array, kind: str
) -> None:
    with pytest.raises(UnreadableFile) as caught:
        one(column, kind)
    assert "Kolom c " in caught.value.reason_id
    assert "The column c " in caught.value.reason_en


# Bytes that lie


def of_buffers(kind: pa.DataType, count: int, *buffers: bytes | None) -> pa.Array:
    return pa.Array.from_buffers(kind, count, [b if b is None else pa.py_buffer(b) for b in buffers])  # fmt: skip


LYING = {
    "offsets that descend": of_buffers(pa.string(), 2, None, struct.pack("3i", 0, 9, 2), b"abcdefghi"),
    "offsets past the end": of_buffers(pa.string(), 2, None, struct.pack("3i", 0, 2**30, 3), b"abc"),
    "offsets below zero": of_buffers(pa.string(), 2, None, struct.pack("3i", 0, -8, 3), b"abc"),
    "no UTF-8": of_buffers(pa.string(), 1, None, struct.pack("2i", 0, 2), b"\xff\xfe"),
    "no whole UTF-8": of_buffers(pa.string(), 2, None, struct.pack("3i", 0, 1, 2), "é".encode()),
    "no such code": pa.DictionaryArray.from_arrays([5], pa.array(["a"]), safe=False),
    "a list past its values": pa.ListArray.from_buffers(
        pa.list_(pa.int64()), 2, [None, pa.py_buffer(struct.pack("3i", 0, 99, 1))], children=[pa.array([1])]
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "any"])
@pytest.mark.parametrize("lie", LYING)
def test_arrow_that_lies_about_its_bytes_is_a_clear_error(one: Any, lie: str, kind: str) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        one(LYING[lie], kind)


def test_parquet_with_bytes_for_text_is_a_clear_error(
    gate: Any, document_of: Documents, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"c": LYING["no UTF-8"]}), tmp_path / "t.parquet")
    with pytest.raises(UnreadableFile, match="damaged"):
        gate(tmp_path / "t.parquet", "parquet", document=document_of({"c": {"type": "string"}}))


DAMAGING = """
import sys, pathlib
from schemas.document import SchemaDocument
from schemas.errors import UnreadableFile
from schemas.gate import judge

form, path = sys.argv[1], pathlib.Path(sys.argv[2])
properties = {"c": {}, "d": {"type": "string"}, "n": {"type": "array"}}
body = {"$id": "https://simpul.invalid/schemas/a/b/1.0.0.json", "type": "object", "properties": properties}
content, ends = path.read_bytes(), set()
for place in range(int(sys.argv[3]), len(content), 11):
    damaged = bytearray(content)
    damaged[place] ^= 0xFF
    path.write_bytes(damaged)
    try:
        ends.add(judge(path, form, SchemaDocument.known(body), [], work=path.parent).status)
    except UnreadableFile:
        ends.add("unreadable")
print(*sorted(ends))
"""


@pytest.mark.parametrize("first", [0, 5])
@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_damaged_bytes_end_in_a_verdict_or_a_clear_error(
    tmp_path: Path, form: str, first: int
) -> None:
    """Many a byte of a file, one at a time; in a process of its own, for it might die of one."""
    table = pa.table({"c": ["a", None, "é"], "d": pa.array(["x"] * 3).dictionary_encode(), "n": [[1], [], [2, 3]]})  # fmt: skip
    path = tmp_path / "t"
    if form == "parquet":
        pq.write_table(table, path, compression="none")
    else:
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    call = [sys.executable, "-c", DAMAGING, form, str(path), str(first)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
    assert "unreadable" in done.stdout


# Nulls and the steps


def test_a_null_is_filled_and_counts_as_a_repeat_like_an_empty_cell(
    gate: Any, accepted: Any, document_of: Documents, tmp_path: Path
) -> None:
    properties = {"a": {"type": "string"}, "b": {"type": "string"}, "n": {"type": ["integer", "null"]}}  # fmt: skip
    fill = {"step": "translate", "columns": ["a"], "map": {"": "kosong"}}
    steps = [{"step": "distinct"}, fill]
    with_numbers = {"a": ["", None, "x", None], "b": ["1", "1", "2", "3"], "n": [1, 1, 2, None]}
    texts = {name: with_numbers[name] for name in "ab"}
    for table in (pa.table(texts), pa.table(with_numbers)):
        pq.write_table(table, tmp_path / "t.parquet")
        document = document_of({n: properties[n] for n in table.column_names})
        verdict = gate(tmp_path / "t.parquet", "parquet", steps, document)
        assert [row["a"] for row in accepted(verdict)] == ["kosong", "x", "kosong"]
        assert {n.code: n.value for n in verdict.notes}["merged"] == 1
