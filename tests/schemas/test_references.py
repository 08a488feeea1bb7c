"""References and codes by join, against the plain reading of their rules; keys against a release."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import SchemaDocument
from schemas.errors import InvalidSchema
from schemas.gate.referring import KnownKeys, ReferenceCheck, texts
from schemas.references import Reference, reference

CODES = st.text("12.; ", max_size=7) | st.sampled_from(["1.2", "1.2.1", "1.21", "é.1", "1.2;1.2.1"])
OTHERS = st.sampled_from(["a", "b", None])


def plain(reference: Reference, theirs: set[tuple[str, ...]], mine: Sequence[Any]) -> bool:
    """Does every value of the row lead to a key? As the rules are written, one row at a time."""
    if any(value is None for value in mine):
        return True
    first, rest = mine[0], tuple(mine[1:])
    if reference.match == "equal":
        return first == "" or (first, *rest) in theirs
    values = json.loads(first) if first.startswith("[") else first.split(";")
    found = []
    for value in (str(value).strip() for value in values):
        if value:
            found.append(
                any(
                    rest == key[1:]
                    and (
                        value == key[0]
                        or (reference.match == "prefix" and value.startswith(key[0] + "."))
                    )
                    for key in theirs
                )
            )
    return all(found)


def written(path: Path, keys: Iterable[Sequence[Any]], width: int) -> Path:
    columns = list(zip(*keys, strict=True)) or [()] * width
    table = pa.table({f"k{i}": pa.array(column, pa.string()) for i, column in enumerate(columns)})
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("match", ["equal", "split", "prefix"])
@settings(max_examples=300, deadline=None)
@given(
    theirs=st.lists(st.tuples(CODES, st.sampled_from(["a", "b"])), max_size=12),
    mine=st.lists(st.tuples(CODES | st.none(), OTHERS), min_size=1, max_size=20),
)
def test_each_way_of_matching_is_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, match: str, theirs: list[Any], mine: list[Any]
) -> None:
    document, said = _document(match, {"kode": "k", "milik": "m"})
    known = KnownKeys.of([texts(_columns(theirs))])
    check = ReferenceCheck(document, said, known, "error")
    found = check.findings(dict(zip(("kode", "milik"), _columns(mine), strict=True)))
    keys = {key for key in theirs if key[0]}
    assert set(found) == {i for i, row in enumerate(mine) if not plain(said, keys, row)}


@settings(max_examples=100, deadline=None)
@given(
    theirs=st.lists(st.integers(0, 9), max_size=6),
    mine=st.lists(st.lists(st.integers(0, 9) | st.sampled_from(["x", None])), max_size=8),
)
def test_an_array_gives_its_elements(theirs: list[int], mine: list[list[Any]]) -> None:
    document, said = _document("split", {"daftar": "k"})
    check = ReferenceCheck(
        document, said, KnownKeys.of([texts([pa.array(theirs, pa.int64())])]), "error"
    )
    cells = pa.array([json.dumps(row) for row in mine], pa.string())
    there = {str(key) for key in theirs}
    lost = {i for i, row in enumerate(mine) if {str(v) for v in row if v is not None} - there}
    assert set(check.findings({"daftar": cells})) == lost


def test_numbers_and_their_digits_are_one_key_whatever_the_columns_types() -> None:
    import datetime

    day = datetime.date(2025, 1, 2)
    for one, other in (
        (pa.array([7, 8]), pa.array(["7", "8"])),
        (pa.array([7.0, 0.5]), pa.array(["7", "0.5"])),
        (pa.array([day]), pa.array(["2025-01-02"])),
        (pa.array([True]), pa.array(["true"])),
    ):
        assert KnownKeys.of([texts([one])]).hold(texts([other])).all()


@pytest.fixture
def batch_of(gate: Any, tmp_path: Path) -> Any:
    """Judge rows of `anak`: a key, a code that names a parent of the same schema, one of another schema."""
    document = _family()

    def judged(text: str, **options: Any) -> Any:
        return gate("kode,induk,paket\n" + text, document=document, **options)

    return judged


def test_a_reference_warns_and_the_row_is_kept(batch_of: Any, tmp_path: Path) -> None:
    known = [written(tmp_path / "paket.parquet", [("P1",), ("P2",)], 1)]
    verdict = batch_of("a,,P1\nb,,P9\nc,,\n", references={1: known})
    assert (verdict.accepted, verdict.rejected, verdict.warnings) == (3, 0, 1)
    (rule,) = verdict.by_rule
    assert (rule.rule, rule.severity, rule.first_rows) == ("rujukan", "warning", (3,))
    assert rule.examples == ("P9",)
    assert "uji/paket" in rule.message_id


def test_a_dataset_may_make_a_lost_reference_an_error(
    batch_of: Any, tmp_path: Path, rejected: Any
) -> None:
    known = [written(tmp_path / "paket.parquet", [("P1",)], 1)]
    verdict = batch_of("a,,P1\nb,,P9\n", references={1: known}, severities={"rujukan": "error"})
    assert [row["row"] for row in rejected(verdict)] == [3]
    assert verdict.accepted == 1


def test_what_nobody_has_published_is_said_to_be_unchecked(batch_of: Any, tmp_path: Path) -> None:
    verdict = batch_of("a,x,P9\n")
    said = {note.code: note.value for note in verdict.notes}
    assert said["codes-unchecked"] == "referensi/jenis"
    assert {n.value for n in verdict.notes if n.code == "reference-unchecked"} == {
        "uji/anak",
        "uji/paket",
    }
    assert verdict.warnings == 0


def test_a_record_may_refer_to_one_of_the_same_batch_wherever_it_stands(
    batch_of: Any, tmp_path: Path
) -> None:
    verdict = batch_of("a,b,\nb,c,\nc,,\nd,lain,\n", references={0: []})
    (rule,) = verdict.by_rule
    assert (rule.rule, rule.first_rows, rule.examples) == ("rujukan", (5,), ("lain",))
    before = [written(tmp_path / "lama.parquet", [("lain",)], 1)]
    assert batch_of("a,b,\nb,lain,\n", references={0: before}).by_rule == ()


def test_rows_that_the_schema_refuses_are_nobody_s_parent(batch_of: Any) -> None:
    verdict = batch_of("a,terlalu panjang,\nterlalu panjang,,\n", references={0: []})
    assert {rule.rule for rule in verdict.by_rule} == {"maxLength", "rujukan"}


def test_keys_that_the_release_holds_are_named_row_by_row(
    batch_of: Any, tmp_path: Path, rejected: Any
) -> None:
    held = tmp_path / "rilis.parquet"
    pq.write_table(pa.table({"paket": ["x", "y"], "kode": ["a", "c"]}), held)
    verdict = batch_of("a,,\nb,,\nc,,\n", held=[held])
    assert [row["row"] for row in rejected(verdict)] == [2, 4]
    assert {rule.rule for rule in verdict.by_rule} == {"kunci-sudah-ada"}
    assert "upsert" in verdict.by_rule[0].message_id


def test_a_deletion_warns_of_keys_that_are_not_there(batch_of: Any, tmp_path: Path) -> None:
    held = written(tmp_path / "rilis.parquet", [("a",)], 1)
    table = pq.read_table(held).rename_columns(["kode"])
    pq.write_table(table, held)
    verdict = batch_of("a,,\nb,,\n", held=[held], delete=True)
    (rule,) = verdict.by_rule
    assert (rule.rule, rule.severity, rule.first_rows) == ("kunci-tidak-ada", "warning", (3,))
    assert (verdict.accepted, verdict.notes) == (2, verdict.notes)
    assert not [note for note in verdict.notes if note.code.endswith("unchecked")]


@pytest.mark.parametrize(
    "said",
    [
        {"schema": "uji/paket", "fields": {"tiada": "kode"}, "match": "equal"},
        {
            "schema": "uji/paket",
            "fields": {"kode": "kode"},
            "match": "prefix",
            "via": {"schema": "uji/jembatan", "fields": {"tiada": "x"}, "to": {"y": "z"}},
        },
        {
            "schema": "uji/paket",
            "fields": {"kode": "kode"},
            "match": "equal",
            "via": {"schema": "uji/jembatan"},
        },
    ],
)
def test_a_reference_that_cannot_be_followed_is_not_published(said: dict[str, Any]) -> None:
    body = {**_family().body, "x-rujukan": said}
    with pytest.raises(InvalidSchema):
        SchemaDocument.parse(body)


def test_a_million_keys_and_a_million_rows_are_compared_in_seconds(tmp_path: Path) -> None:
    import time

    document, said = _document("equal", {"kode": "k"})
    many = pa.array([f"64.01.{i:07d}" for i in range(1_000_000)])
    path = tmp_path / "kunci.parquet"
    pq.write_table(pa.table({"k0": many}), path)
    began = time.process_time()
    check = ReferenceCheck(document, said, KnownKeys.read([path]), "warning")
    found = [check.findings({"kode": many.slice(at, 50_000)}) for at in range(0, 1_000_000, 50_000)]
    assert not any(found)
    assert time.process_time() - began < 10


def _columns(rows: Sequence[Sequence[Any]]) -> list[pa.Array]:
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return [pa.array(column, pa.string()) for column in columns]


def _document(match: str, fields: dict[str, str]) -> tuple[SchemaDocument, Reference]:
    said = {"schema": "uji/lain", "fields": fields, "match": match}
    columns: dict[str, Any] = {name: {"type": ["string", "null"]} for name in fields}
    if "daftar" in columns:
        columns["daftar"] = {"type": "array"}
    return _parsed("rujuk", columns, **{"x-rujukan": said}), reference(0, said)


def _family() -> SchemaDocument:
    return _parsed(
        "anak",
        {
            "kode": {"type": "string", "maxLength": 9},
            "induk": {"type": ["string", "null"]},
            "paket": {"type": ["string", "null"]},
            "jenis": {"type": ["string", "null"], "x-kode-referensi": "referensi/jenis"},
        },
        **{
            "x-kunci": ["kode"],
            "x-rujukan": [
                {"schema": "uji/anak", "fields": {"induk": "kode"}, "match": "equal"},
                {"schema": "uji/paket", "fields": {"paket": "kode"}, "match": "equal"},
            ],
        },
    )


def _parsed(record: str, columns: dict[str, Any], **words: Any) -> SchemaDocument:
    return SchemaDocument.parse(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://simpul.invalid/schemas/uji/{record}/1.0.0.json",
            "type": "object",
            "additionalProperties": False,
            "properties": columns,
            **words,
        }
    )
