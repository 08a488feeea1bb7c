"""Random histories of batches against a dictionary that says what every release must hold."""

import datetime
import tempfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import changes, reading
from catalog.errors import KeysExist
from catalog.storage import Manifest, commit, from_json, janitor, stage, to_json
from catalog.storage.manifest import comparable

FILE_ROWS = 8
Row = dict[str, Any]

KEYS: dict[str, tuple[pa.Schema, Any]] = {
    "number": (pa.schema([("k", pa.int64())]), st.tuples(st.integers(-20, 40))),
    "text and number": (
        pa.schema([("k", pa.string()), ("n", pa.int32())]),
        st.tuples(st.sampled_from(["", "01", "1", "é", "a,b", "Z", "~"]), st.integers(0, 6)),
    ),
    "day and amount": (
        pa.schema([("d", pa.date32()), ("m", pa.decimal128(12, 2))]),
        st.tuples(
            st.dates(datetime.date(2024, 12, 25), datetime.date(2025, 1, 5)),
            st.sampled_from([Decimal("-1.50"), Decimal("9.00"), Decimal("10.00"), Decimal("100")]),
        ),
    ),
    "moment": (
        pa.schema([("t", pa.timestamp("us", "UTC"))]),
        st.tuples(
            st.integers(0, 40).map(
                lambda n: (
                    datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
                    + datetime.timedelta(milliseconds=500 * n)
                )
            )
        ),
    ),
}

MODES = st.sampled_from(["append", "upsert", "upsert", "replace", "delete"])


@dataclass
class History:
    """What was done so far, on disk and in the model."""

    table: Path
    schema: pa.Schema
    key: tuple[str, ...]
    manifests: list[Manifest] = field(default_factory=list)
    states: list[dict[Any, str]] = field(default_factory=lambda: [{}])

    def file(self, batch: dict[Any, str]) -> Path:
        rows = [dict(zip(self.key, k, strict=True)) | {"v": v} for k, v in batch.items()]
        path = self.table.parent / "batch.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=self.schema), path)
        return path

    def apply(self, mode: str, batch: dict[Any, str]) -> None:
        before = self.states[-1]
        base = self.manifests[-1] if self.manifests else None
        arguments = (self.table, base, self.file(batch), mode, self.key, self.schema)
        if mode == "append" and before.keys() & batch.keys():
            with pytest.raises(KeysExist) as caught:
                stage(*arguments, base_number=len(self.manifests), file_rows=FILE_ROWS)
            assert caught.value.count == len(before.keys() & batch.keys())
            return
        staged = stage(*arguments, base_number=len(self.manifests), file_rows=FILE_ROWS)
        after = expected(mode, before, batch)
        same = before.keys() & after.keys()
        assert staged.added == len(after.keys() - before.keys())
        assert staged.removed == len(before.keys() - after.keys())
        assert staged.changed == sum(before[k] != after[k] for k in same)
        assert staged.rows == len(after)
        if mode == "delete":
            assert staged.absent == len(batch.keys() - before.keys())
        version = commit(self.table, staged, release=len(self.states), batch="b")
        assert delta_rows(self.table, version, self.key) == after
        self.manifests.append(from_json(to_json(staged.files)))
        self.states.append(after)

    def read(self, manifest: Manifest) -> dict[Any, str]:
        found: dict[Any, str] = {}
        order, cursor = [], None
        while True:
            page = reading.rows(
                self.table,
                manifest,
                self.schema,
                key=self.key,
                limit=7,
                cursor=cursor,
                form="arrow",
            )
            assert page.table is not None
            for row in page.table.to_pylist():
                order.append(tuple(row[k] for k in self.key))
                found[order[-1]] = row["v"]
            cursor = page.next
            if cursor is None:
                break
        assert order == sorted(order)
        assert len(order) == len(found)
        return found


def expected(mode: str, before: dict[Any, str], batch: dict[Any, str]) -> dict[Any, str]:
    match mode:
        case "replace":
            return dict(batch)
        case "delete":
            return {k: v for k, v in before.items() if k not in batch}
        case _:
            return before | batch


def delta_rows(table: Path, version: int, key: tuple[str, ...]) -> dict[Any, str]:
    rows = pa.table(DeltaTable(table, version=version).to_pyarrow_table()).to_pylist()
    found = {tuple(row[k] for k in key): row["v"] for row in rows}
    assert len(found) == len(rows)
    return found


def in_order(manifest: Manifest, schema: pa.Schema, key: tuple[str, ...]) -> bool:
    """Whether files are sorted, do not overlap, and are neither too large nor empty."""
    types = [schema.field(column).type for column in key]
    edges = [comparable(e, types) for file in manifest for e in (file.first_key, file.last_key)]
    return edges == sorted(edges) and all(0 < f.rows <= FILE_ROWS * 5 // 4 for f in manifest)


@pytest.mark.parametrize("kind", KEYS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_release_of_any_history_reads_as_the_model_says(kind: str, data: Any) -> None:
    keys, key_values = KEYS[kind]
    schema = keys.append(pa.field("v", pa.string()))
    with tempfile.TemporaryDirectory() as directory:
        history = History(Path(directory) / "t", schema, tuple(keys.names))
        for _ in range(data.draw(st.integers(1, 6))):
            mode = data.draw(MODES)
            batch = data.draw(st.dictionaries(key_values, st.sampled_from("abc"), max_size=30))
            history.apply(mode, batch)
        check_past_and_changes(history)


def check_past_and_changes(history: History) -> None:
    """Every release stays readable, and each differs from the one before as the model does."""
    for number, manifest in enumerate(history.manifests):
        before, after = history.states[number], history.states[number + 1]
        assert history.read(manifest) == after
        assert in_order(manifest, history.schema, history.key)
        old = history.manifests[number - 1] if number else None
        listed = changes.diff(
            history.table, old, manifest, history.key, schema=history.schema
        ).to_pylist()
        told = {(row["_perubahan"], tuple(row[k] for k in history.key), row["v"]) for row in listed}
        assert told == (
            {("baru", k, after[k]) for k in after.keys() - before.keys()}
            | {("hapus", k, None) for k in before.keys() - after.keys()}
            | {
                ("berubah", k, after[k])
                for k in after.keys() & before.keys()
                if after[k] != before[k]
            }
        )
        assert all(
            row["_kolom"] == (["v"] if row["_perubahan"] == "berubah" else []) for row in listed
        )


def test_the_janitor_leaves_what_releases_name_and_takes_the_rest(tmp_path: Path) -> None:
    keys, _ = KEYS["number"]
    history = History(tmp_path / "t", keys.append(pa.field("v", pa.string())), ("k",))
    history.apply("append", {(n,): "a" for n in range(30)})
    history.apply("upsert", {(3,): "b", (40,): "c"})
    orphan = stage(
        history.table,
        history.manifests[-1],
        history.file({(5,): "z"}),
        "upsert",
        ("k",),
        history.schema,
        base_number=2,
        file_rows=FILE_ROWS,
    )
    piece = history.table / "part-0000.parquet#1"
    piece.write_bytes(b"half")
    assert janitor(history.table, history.manifests, older_than=datetime.timedelta(hours=1)) == []
    gone = janitor(history.table, history.manifests, older_than=datetime.timedelta(0))
    assert set(gone) == {*orphan.written, piece.name}
    check_past_and_changes(history)
