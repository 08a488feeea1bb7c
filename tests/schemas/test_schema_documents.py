"""What may be published, how it is named, and where it is found."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.errors import (
    IncompatibleSchema,
    InvalidSchema,
    Reason,
    SchemaError,
    SchemaExists,
    UnknownSchema,
)
from schemas.registry import Registry

BODY: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/e-project/paket/1.2.3.json",
    "title": "Paket",
    "x-title-en": "Package",
    "type": "object",
    "required": ["kode"],
    "properties": {
        "kode": {"type": "string", "x-kode-referensi": "referensi/paket"},
        "nama": {"type": ["string", "null"], "x-data-pribadi": "umum"},
    },
    "x-kunci": ["kode"],
    "x-rujukan": [{"schema": "lkpp/satker", "fields": {"kode": "kd"}, "match": "equal"}],
}


def test_a_document_is_named_by_its_id() -> None:
    document = SchemaDocument.parse(BODY)
    assert (document.name, document.version) == ("e-project/paket", "1.2.3")
    assert document.id == BODY["$id"]
    assert (document.title, document.title_en) == ("Paket", "Package")
    assert document.key == ("kode",)
    assert document.columns == ("kode", "nama")
    assert document.personal == {"nama": "umum"}
    assert document.codes == {"kode": "referensi/paket"}
    assert document.references[0]["schema"] == "lkpp/satker"
    assert pickle.loads(pickle.dumps(document)) == document


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def column(**schema: Any) -> dict[str, Any]:
    return {"properties": {"kode": schema}}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("another dialect", {"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
    ("no id", {"$id": None}, "/$id"),
    ("an id elsewhere", {"$id": "https://contoh.invalid/schemas/a/b/1.0.0.json"}, "/$id"),
    ("capitals in the name", {"$id": "https://simpul.invalid/schemas/A/b/1.0.0.json"}, "/$id"),
    ("no whole version", {"$id": "https://simpul.invalid/schemas/a/b/1.0.json"}, "/$id"),
    ("a leading zero in the version", {"$id": "https://simpul.invalid/schemas/a/b/1.01.0.json"}, "/$id"),
    ("no columns", {"properties": {}}, "/properties"),
    ("not an object", {"type": "array"}, "/type"),
    ("a type that is none", column(type="teks"), "/properties/kode/type"),
    ("a pattern that looks ahead", column(pattern="^(?=a)b"), "/properties/kode/pattern"),
    ("a pattern that refers back", column(pattern="(a)\\1"), "/properties/kode/pattern"),
    ("a pattern that is none", column(pattern="[a"), "/properties/kode/pattern"),
    ("a pattern among names", column(patternProperties={"(?<!a)b": True}), "/properties/kode/patternProperties"),
    ("a reference elsewhere", column(**{"$ref": "https://contoh.invalid/x.json"}), "/properties/kode/$ref"),
    ("a reference to a file", column(**{"$ref": "file:///etc/passwd"}), "/properties/kode/$ref"),
    ("a reference beside", column(**{"$ref": "lain.json"}), "/properties/kode/$ref"),
    ("a reference to nothing", column(**{"$ref": "#/$defs/tiada"}), ""),
    ("a key that is no column", {"x-kunci": ["tiada"]}, "/x-kunci/0"),
    ("an empty key", {"x-kunci": []}, "/x-kunci"),
    ("a required column that is none", {"required": ["tiada"]}, "/required"),
    ("a column named like a report's", {"properties": {"#baris": True}}, "/properties"),
    ("an unknown kind of personal data", column(**{"x-data-pribadi": "rahasia"}), "/properties/kode/x-data-pribadi"),
    ("a code list that is none", column(**{"x-kode-referensi": "wilayah"}), "/properties/kode/x-kode-referensi"),
    ("a reference to a dataset", {"x-rujukan": {"dataset": "bkad/program"}}, "/x-rujukan"),
    ("an unknown way to match", {"x-rujukan": {"schema": "a/b", "fields": {"a": "b"}, "match": "kira-kira"}}, "/x-rujukan"),
    ("a message in no language", column(**{"x-pesan": {"fr": "non"}}), "/properties/kode/x-pesan"),
    ("too many columns", {"properties": {f"k{i}": True for i in range(1001)}}, "/properties"),
    ("too deep", column(**nested(40)), ""),
    ("too large", column(description="x" * 1_000_001), ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "words", "pointer"), WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_document_is_refused_with_the_place(
    what: str, words: dict[str, Any], pointer: str
) -> None:
    body = {word: value for word, value in {**BODY, **words}.items() if value is not None}
    with pytest.raises(InvalidSchema) as caught:
        SchemaDocument.parse(body)
    assert any(fault.pointer.startswith(pointer) for fault in caught.value.faults)
    assert all(fault.message_id and fault.message_en for fault in caught.value.faults)


@pytest.mark.parametrize("body", [None, [], "x", True])
def test_what_is_not_an_object_is_no_document(body: Any) -> None:
    with pytest.raises(InvalidSchema):
        SchemaDocument.parse(body)


def test_200_000_levels_are_an_error_and_not_a_crash() -> None:
    with pytest.raises(InvalidSchema):
        SchemaDocument.parse({**BODY, **column(**nested(200_000))})


def test_a_reference_inside_examples_is_only_a_value() -> None:
    assert SchemaDocument.parse({**BODY, **column(examples=[{"$ref": "https://contoh.invalid"}])})


def test_a_registry_never_changes_and_finds_versions_by_number() -> None:
    def version(number: str) -> SchemaDocument:
        return SchemaDocument.parse({**BODY, "$id": BODY["$id"].replace("1.2.3", number)})

    first = Registry([version("1.2.3")])
    more = first.with_(version("1.10.0")).with_(version("1.9.0"))
    assert len(first) == 1
    assert more.versions("e-project/paket") == ["1.2.3", "1.9.0", "1.10.0"]
    assert more.latest("e-project/paket").version == "1.10.0"
    assert more.get("e-project/paket", "1.9.0").version == "1.9.0"
    assert more.names() == ["e-project/paket"]
    assert "e-project/paket" in more
    for missing in (
        lambda: more.get("e-project/paket", "9.9.9"),
        lambda: more.latest("tiada/apa"),
        lambda: more.versions("tiada/apa"),
    ):
        _refused(missing, UnknownSchema)
    _refused(lambda: more.with_(version("1.9.0")), SchemaExists)


def _refused(call: Callable[[], object], error: type[SchemaError]) -> None:
    with pytest.raises(error):
        call()


def test_every_packaged_document_may_be_published_and_lies_where_its_name_says() -> None:
    from importlib.resources import files

    for document in Registry.packaged():
        assert SchemaDocument.parse(document.body) == document
        path = files("schemas") / "published" / document.name / f"{document.version}.json"
        assert json.loads(path.read_text(encoding="utf-8")) == document.body
        assert len(arrow_schema(document)) == len(document.columns)


TYPES: list[tuple[dict[str, Any], pa.DataType]] = [
    ({"type": "string"}, pa.string()),
    ({"enum": ["a", None]}, pa.string()),
    ({"const": "a"}, pa.string()),
    ({"type": "string", "format": "date"}, pa.date32()),
    ({"type": ["null", "string"], "format": "date-time"}, pa.timestamp("us", "UTC")),
    ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, pa.date32()),
    ({"anyOf": [{"type": "string", "format": "date"}, {"const": "-"}]}, pa.string()),
    ({"$ref": "#/$defs/tanggal"}, pa.date32()),
    ({"type": "string", "format": "email"}, pa.string()),
    ({"type": "integer"}, pa.int64()),
    ({"type": ["integer", "null"], "maximum": 10**20}, pa.decimal128(38, 0)),
    ({"enum": [1, 2]}, pa.int64()),
    ({"type": "number"}, pa.float64()),
    ({"type": ["integer", "number"]}, pa.float64()),
    ({"enum": [1, 2.5]}, pa.float64()),
    ({"type": "boolean"}, pa.bool_()),
    ({"type": "array"}, pa.string()),
    ({"type": "object"}, pa.string()),
    ({"type": ["string", "integer"]}, pa.string()),
    ({}, pa.string()),
]


@pytest.mark.parametrize(("schema", "kind"), TYPES)
def test_a_column_is_kept_in_the_type_of_its_schema(
    schema: dict[str, Any], kind: pa.DataType
) -> None:
    body = {**BODY, **column(**schema), "$defs": {"tanggal": {"type": "string", "format": "date"}}}
    assert arrow_schema(SchemaDocument.parse(body)).field("kode").type == kind


def test_errors_survive_the_way_between_processes() -> None:
    reason = Reason("kode", "/x", "id", "en")
    for error in (
        UnknownSchema("a/b", "1.0.0"),
        SchemaExists("a/b", "1.0.0"),
        IncompatibleSchema([reason]),
    ):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
