"""Which new versions may replace an old one, and why not."""

import copy
from typing import Any

import pytest

from schemas.compatibility import compare
from schemas.document import SchemaDocument

OLD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/uji/paket/1.0.0.json",
    "type": "object",
    "additionalProperties": False,
    "required": ["kode", "pagu"],
    "x-kunci": ["kode"],
    "properties": {
        "kode": {"type": "string", "pattern": "^[0-9]+$"},
        "pagu": {"type": "integer", "minimum": 0, "maximum": 1000},
        "jenis": {"enum": ["a", "b"]},
        "ket": {"type": ["string", "null"], "maxLength": 50},
        "tanggal": {"type": "string", "format": "date"},
    },
}


def changed(**columns: Any) -> dict[str, Any]:
    body = copy.deepcopy(OLD)
    for name, schema in columns.items():
        if schema is None:
            del body["properties"][name]
        else:
            body["properties"][name] = schema
    return body


def with_(body: dict[str, Any], **words: Any) -> dict[str, Any]:
    return {**body, **words}


def codes(old: dict[str, Any], new: dict[str, Any], mode: str) -> set[str]:
    found = compare(SchemaDocument.parse(old), SchemaDocument.parse(new), mode)
    assert all(reason.message_id and reason.message_en for reason in found)
    return {reason.code for reason in found}


CASES: list[tuple[str, dict[str, Any], set[str], set[str]]] = [
    ("nothing changed", OLD, set(), set()),
    ("an optional column is added", changed(baru={"type": "string"}), set(), set()),
    (
        "a required column is added",
        with_(changed(baru={"type": "string"}), required=["kode", "pagu", "baru"]),
        {"menjadi-wajib"},
        set(),
    ),
    ("an optional column is removed", changed(ket=None), {"kolom-dihapus"}, set()),
    (
        "a required column is removed",
        with_(changed(pagu=None), required=["kode"]),
        {"kolom-dihapus"},
        {"kolom-dihapus"},
    ),
    (
        "a column becomes required",
        with_(OLD, required=["kode", "pagu", "jenis"]),
        {"menjadi-wajib"},
        set(),
    ),
    ("a column is no longer required", with_(OLD, required=["kode"]), set(), {"tidak-lagi-wajib"}),
    (
        "integer widens to number",
        changed(pagu={"type": "number", "minimum": 0, "maximum": 1000}),
        set(),
        {"tipe-melebar"},
    ),
    ("text may be null", changed(jenis={"enum": ["a", "b", None]}), set(), {"tipe-melebar", "nilai-ditambah"}),
    (
        "null is no longer allowed",
        changed(ket={"type": "string", "maxLength": 50}),
        {"tipe-menyempit"},
        set(),
    ),
    ("text becomes number", changed(kode={"type": "integer"}), {"tipe-menyempit"}, {"tipe-melebar", "aturan-berubah"}),
    ("a value is removed", changed(jenis={"enum": ["a"]}), {"nilai-dihapus"}, set()),
    ("a value is added", changed(jenis={"enum": ["a", "b", "c"]}), set(), {"nilai-ditambah"}),
    (
        "the maximum falls",
        changed(pagu={"type": "integer", "minimum": 0, "maximum": 10}),
        {"batas-menyempit"},
        set(),
    ),
    (
        "the minimum falls",
        changed(pagu={"type": "integer", "minimum": -5, "maximum": 1000}),
        set(),
        {"batas-melebar"},
    ),
    (
        "a length shrinks",
        changed(ket={"type": ["string", "null"], "maxLength": 5}),
        {"batas-menyempit"},
        set(),
    ),
    (
        "a pattern tightens",
        changed(kode={"type": "string", "pattern": "^[0-9]{2}$"}),
        {"aturan-berubah"},
        {"aturan-berubah", "tidak-terbukti"},
    ),
    ("a pattern goes", changed(kode={"type": "string"}), set(), {"aturan-berubah"}),
    ("a format is added", changed(ket={"type": ["string", "null"], "maxLength": 50, "format": "date"}), {"aturan-berubah"}, set()),
    ("a format goes", changed(tanggal={"type": "string"}), set(), {"aturan-berubah"}),
    ("the key changes", with_(OLD, **{"x-kunci": ["kode", "pagu"]}), {"kunci-berubah"}, {"kunci-berubah"}),
    ("an equal pattern by definition", with_(changed(kode={"$ref": "#/$defs/k"}), **{"$defs": {"k": {"type": "string", "pattern": "^[0-9]+$"}}}), set(), set()),
    ("titles and annotations change", with_(OLD, title="Paket", **{"x-title-en": "Package"}), set(), set()),
]  # fmt: skip


@pytest.mark.parametrize(("what", "new", "backward", "forward"), CASES, ids=[c[0] for c in CASES])
def test_evolution_is_judged_in_both_directions(
    what: str, new: dict[str, Any], backward: set[str], forward: set[str]
) -> None:
    assert codes(OLD, new, "BACKWARD") == backward
    assert codes(OLD, new, "FORWARD") == forward
    assert bool(codes(OLD, new, "FULL")) == bool(
        codes(OLD, new, "BACKWARD") | codes(OLD, new, "FORWARD")
    )
    assert codes(OLD, new, "NONE") == set()
    assert codes(OLD, new, "BACKWARD_TRANSITIVE") == backward


def test_an_open_document_counts_as_closed_data() -> None:
    opened = {word: value for word, value in OLD.items() if word != "additionalProperties"}
    wider = copy.deepcopy(opened)
    wider["properties"]["baru"] = {"type": "string"}
    assert codes(opened, wider, "FULL") == set()


def test_a_change_that_cannot_be_named_is_still_refused() -> None:
    new = with_(
        OLD, **{"if": {"properties": {"kode": {"const": "1"}}}, "then": {"required": ["jenis"]}}
    )
    assert codes(OLD, new, "BACKWARD") == {"aturan-gabungan"}


def test_an_unknown_mode_is_an_error() -> None:
    document = SchemaDocument.parse(OLD)
    with pytest.raises(ValueError, match="SIDEWAYS"):
        compare(document, document, "SIDEWAYS")
