"""Checks beyond the schema, and keys in numbers that memory should not hold."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from schemas.document import SchemaDocument
from schemas.gate import Limits
from schemas.gate import keys as keys_module
from schemas.gate.blocks import Finding
from schemas.gate.checking import Findings
from schemas.gate.opening import open_reader
from schemas.gate.reading import Batch, Result, read


class Above:
    """Finds fault with rows whose `jumlah` is above a bound."""

    def __init__(self, bound: int, severity: str) -> None:
        self._bound, self._severity = bound, severity
        self.types: set[str] = set()

    def findings(self, columns: Mapping[str, pa.Array]) -> Findings:
        self.types |= {str(columns["jumlah"].type)}
        over = pc.indices_nonzero(pc.greater(columns["jumlah"], self._bound)).to_pylist()
        return {
            i: [Finding("jumlah", "/jumlah", "uji", columns["jumlah"][i].as_py(), severity=self._severity)]
            for i in over
        }  # fmt: skip


Reads = Callable[..., Result]


@pytest.fixture
def reading(tmp_path: Path, paket: SchemaDocument) -> Reads:
    def run(text: str, *checks: Any, block: int = 4 << 20) -> Result:
        path = tmp_path / "berkas.csv"
        path.write_text(text)
        limits = Limits(block=block)
        reader = open_reader(path, "csv", set(paket.columns), limits)
        return read(Batch(reader, paket, [], paket.columns, paket.body, checks, limits, tmp_path))

    return run


def test_a_check_sees_what_the_schema_accepted_and_its_errors_reject(
    reading: Reads, tmp_path: Path
) -> None:
    check = Above(100, "error")
    result = reading("kode,jumlah\n0001,x\n0002,5\n0003,101\n0004,9999\n", check)
    assert check.types == {"int64"}
    assert (result.accepted, result.recorder.rejected) == (1, 3)
    rules = {rule.rule: rule.first_rows for rule in result.recorder.by_rule()}
    assert rules == {"type": (2,), "uji": (4,), "maximum": (5,)}
    assert pq.read_table(tmp_path / "accepted.parquet")["kode"].to_pylist() == ["0002"]


def test_a_row_with_warnings_alone_is_kept_and_counted(reading: Reads) -> None:
    result = reading("kode,jumlah\n0001,5\n0002,150\n0003,250\n", Above(100, "warning"))
    assert (result.accepted, result.recorder.rejected, result.recorder.warnings) == (3, 0, 2)
    both = reading("kode,jumlah\n0001,150\n0002,250\n", Above(100, "warning"), Above(200, "error"))
    assert (both.accepted, both.recorder.rejected) == (1, 1)
    assert {(r.rule, r.severity, r.count) for r in both.recorder.by_rule()} == {
        ("uji", "warning", 2),
        ("uji", "error", 1),
    }


def test_keys_beyond_the_room_in_memory_are_compared_on_the_disk(
    gate: Any, rejected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{(i * 7) % 1900:04d},{i}" for i in range(2000)]
    text = "kode,jumlah\n" + "\n".join(lines) + "\n"
    expected = {row["row"] for row in rejected(gate(text))}
    assert len(expected) == 200
    monkeypatch.setattr(keys_module, "ROOM", 300)
    verdict = gate(text, limits=Limits(block=2000))
    assert {row["row"] for row in rejected(verdict)} == expected
    assert verdict.accepted == 1800
    assert not list(tmp_path.glob("kunci*"))


def test_keys_are_equal_as_they_are_kept(gate: Any, document_of: Any) -> None:
    document = document_of(
        {"n": {"type": "number"}, "t": {"type": "string"}}, **{"x-kunci": ["n", "t"]}
    )
    same = '{"n": 1, "t": "a"}\n{"n": 1.0, "t": "a"}\n{"n": 0.0, "t": "b"}\n{"n": -0.0, "t": "b"}\n'
    assert gate(same, "ndjson", document=document).rejected == 4
    other = '{"n": 1, "t": "1"}\n{"n": 1, "t": 1}\n{"n": "1", "t": "1"}\n{"n": true, "t": "1"}\n'
    assert gate(other, "ndjson", document=document).accepted == 1
