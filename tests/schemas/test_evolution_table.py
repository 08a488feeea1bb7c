"""Twenty ways and more in which a schema changes, and what each breaks; the manual shows the same table."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.compatibility import clash_of, closed
from schemas.document import SchemaDocument
from schemas.engine import compile_schema

Body = dict[str, Any]

OLD: Body = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/uji/paket/1.0.0.json",
    "title": "Paket",
    "type": "object",
    "additionalProperties": False,
    "required": ["kode", "pagu"],
    "x-kunci": ["kode"],
    "properties": {
        "kode": {"type": "string", "pattern": "^[0-9]+$"},
        "pagu": {"type": "integer", "minimum": 0, "maximum": 1000, "x-satuan": "rupiah"},
        "jenis": {"enum": ["a", "b"]},
        "tetap": {"const": "x"},
        "ket": {"type": ["string", "null"], "maxLength": 50},
        "surel": {"type": "string"},
        "bobot": {"type": "number"},
        "tanggal": {"type": "string", "format": "date"},
        "wilayah": {"type": "string", "x-kode-referensi": "referensi/wilayah"},
        "nama": {"type": "string", "x-data-pribadi": "umum"},
        "daftar": {"type": "array", "items": {"type": "integer"}},
        "alamat": {
            "type": "object",
            "required": ["jalan"],
            "properties": {"jalan": {"type": "string"}, "rt": {"type": "integer"}},
        },
        "pilihan": {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}]},
    },
}


@dataclass(frozen=True)
class Case:
    """`backward` and `forward` are the codes of what breaks, empty when it fits; both with a row."""

    what: str
    change: Callable[[Body], None]
    backward: tuple[str, ...] = ()
    forward: tuple[str, ...] = ()
    rows: tuple[str, ...] = ("BACKWARD", "FORWARD")
    """Directions whose refusal shows a row."""

    @property
    def new(self) -> Body:
        body = copy.deepcopy(OLD)
        body["$id"] = body["$id"].replace("1.0.0", "2.0.0")
        self.change(body)
        return body


def column(name: str, **words: Any) -> Callable[[Body], None]:
    """Set keywords of a column; None takes one away."""

    def change(body: Body) -> None:
        old = body["properties"].get(name, {})
        new = {**old, **{word.replace("_", "-"): value for word, value in words.items()}}
        body["properties"][name] = {w: v for w, v in new.items() if v is not None}

    return change


def instead(name: str, schema: Body) -> Callable[[Body], None]:
    return lambda body: body["properties"].update({name: schema})


def root(**words: Any) -> Callable[[Body], None]:
    return lambda body: body.update({w.replace("_", "-"): v for w, v in words.items()})


def without(*names: str) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        for name in names:
            del body["properties"][name]
        body["required"] = [name for name in body["required"] if name not in names]

    return change


def both(*changes: Callable[[Body], None]) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        for one in changes:
            one(body)

    return change


STREET = {"jalan": {"type": "string"}, "rt": {"type": "integer"}}
CASES = [
    Case("nothing", lambda _body: None),
    Case("title only", root(title="Paket pekerjaan")),
    Case("default only", column("ket", default="")),
    Case("a description of a column", column("pagu", description="Sebelum pajak")),
    Case("an optional column added", instead("baru", {"type": "string"})),
    Case(
        "a required column added",
        both(instead("baru", {"type": "string"}), root(required=["kode", "pagu", "baru"])),
        ("menjadi-wajib",),
    ),
    Case("an optional column removed", without("ket"), ("kolom-dihapus",)),
    Case("a required column removed", without("pagu"), ("kolom-dihapus",), ("kolom-dihapus",)),
    Case(
        "an optional column renamed",
        both(without("surel"), instead("email", {"type": "string"})),
        ("kolom-dihapus",),
    ),
    Case(
        "a required column renamed",
        both(
            without("pagu"),
            instead("anggaran", {"type": "integer"}),
            root(required=["kode", "anggaran"]),
        ),
        ("menjadi-wajib", "kolom-dihapus"),
        ("kolom-dihapus",),
    ),
    Case("a column becomes required", root(required=["kode", "pagu", "jenis"]), ("menjadi-wajib",)),
    Case("required dropped", root(required=["kode"]), (), ("tidak-lagi-wajib",)),
    Case("integer to number", column("pagu", type="number"), (), ("tipe-melebar",)),
    Case("number to integer", column("bobot", type="integer"), ("tipe-menyempit",)),
    Case(
        "text to integer",
        instead("surel", {"type": "integer"}),
        ("tipe-menyempit",),
        ("tipe-melebar",),
    ),
    Case("nullable added", column("surel", type=["string", "null"]), (), ("tipe-melebar",)),
    Case("nullable removed", column("ket", type="string"), ("tipe-menyempit",)),
    Case("enum grown", column("jenis", enum=["a", "b", "c"]), (), ("nilai-ditambah",)),
    Case("enum shrunk", column("jenis", enum=["a"]), ("nilai-dihapus",)),
    Case("enum reordered", column("jenis", enum=["b", "a"])),
    Case("enum laid on text", column("surel", enum=["a", "b"]), ("daftar-nilai",)),
    Case("const to enum", instead("tetap", {"enum": ["x", "y"]}), (), ("aturan-berubah",)),
    Case("const to enum of one", instead("tetap", {"enum": ["x"]})),
    Case("a maximum lowered", column("pagu", maximum=10), ("batas-menyempit",)),
    Case("a maximum raised", column("pagu", maximum=5000), (), ("batas-melebar",)),
    Case("a minimum lowered", column("pagu", minimum=-1), (), ("batas-melebar",)),
    Case("a length shortened", column("ket", maxLength=5), ("batas-menyempit",)),
    Case(
        "a pattern narrowed",
        column("kode", pattern="^[0-9]{4}$"),
        ("aturan-berubah",),
        ("aturan-berubah", "tidak-terbukti"),
        ("BACKWARD",),
    ),
    Case(
        "a pattern for another",
        column("kode", pattern="^[A-Z]+$"),
        ("aturan-berubah",),
        ("aturan-berubah",),
    ),
    Case("a pattern dropped", column("kode", pattern=None), (), ("aturan-berubah",)),
    Case("a format added", column("surel", format="email"), ("aturan-berubah",)),
    Case("a format dropped", column("tanggal", format=None), (), ("aturan-berubah",)),
    Case("opened to other columns", root(additionalProperties=True)),
    Case(
        "a key of two columns",
        root(x_kunci=["kode", "jenis"], required=["kode", "pagu", "jenis"]),
        ("kunci-berubah", "menjadi-wajib"),
        ("kunci-berubah",),
    ),
    Case(
        "another key",
        root(x_kunci=["pagu"]),
        ("kunci-berubah",),
        ("kunci-berubah",),
    ),
    Case(
        "another unit",
        column("pagu", x_satuan="ribu rupiah"),
        ("satuan-berubah",),
        ("satuan-berubah",),
        (),
    ),
    Case("a unit stated", column("surel", x_satuan="alamat")),
    Case(
        "another code list",
        column("wilayah", x_kode_referensi="referensi/wilayah-bps"),
        ("daftar-kode-berubah",),
        ("daftar-kode-berubah",),
        (),
    ),
    Case(
        "a code list added",
        column("surel", x_kode_referensi="referensi/wilayah"),
        ("daftar-kode-berubah",),
        (),
        (),
    ),
    Case(
        "a personal mark raised",
        column("nama", x_data_pribadi="spesifik"),
        (),
        ("data-pribadi-naik",),
        (),
    ),
    Case(
        "a personal mark dropped",
        column("nama", x_data_pribadi=None),
        ("data-pribadi-turun",),
        (),
        (),
    ),
    Case(
        "a $ref for the same rule",
        both(
            instead("kode", {"$ref": "#/$defs/kode"}),
            lambda body: body.update(
                {"$defs": {"kode": {"type": "string", "pattern": "^[0-9]+$"}}}
            ),
        ),
    ),
    Case(
        "a oneOf branch added",
        instead(
            "pilihan", {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}, {"type": "null"}]}
        ),
        (),
        ("tipe-melebar", "aturan-gabungan"),
    ),
    Case(
        "a oneOf branch removed",
        instead("pilihan", {"oneOf": [{"type": "integer"}]}),
        ("tipe-menyempit", "aturan-gabungan"),
    ),
    Case(
        "items widened",
        instead("daftar", {"type": "array", "items": {"type": "number"}}),
        (),
        ("aturan-gabungan",),
    ),
    Case(
        "items narrowed",
        instead("daftar", {"type": "array", "items": {"type": "integer", "minimum": 1}}),
        ("aturan-gabungan",),
    ),
    Case(
        "a nested member required",
        instead("alamat", {"type": "object", "required": ["jalan", "rt"], "properties": STREET}),
        ("menjadi-wajib",),
    ),
    Case(
        "a rule across columns",
        lambda body: body.update(
            {"if": {"properties": {"jenis": {"const": "b"}}, "required": ["jenis"]}, "then": {"required": ["ket"]}}
        ),
        ("aturan-gabungan",),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_a_change_is_judged_in_both_directions(case: Case) -> None:
    old, new = SchemaDocument.parse(OLD), SchemaDocument.parse(case.new)
    for direction, codes in (("BACKWARD", case.backward), ("FORWARD", case.forward)):
        clash = clash_of(old, new, direction)
        assert {reason.code for reason in clash.reasons} == set(codes) if clash else not codes
        if clash:
            assert (clash.witness is not None) == (direction in case.rows), clash.tried
            assert {(r.direction, r.against) for r in clash.reasons} == {(direction, "1.0.0")}


@pytest.mark.parametrize("case", [c for c in CASES if c.rows], ids=lambda case: case.what)
def test_a_row_shows_what_it_says(case: Case) -> None:
    """The version that gives the row accepts it, the version that takes it does not."""
    bodies = {"1.0.0": OLD, "2.0.0": case.new}
    for direction in ("BACKWARD", "FORWARD"):
        clash = clash_of(SchemaDocument.known(OLD), SchemaDocument.known(case.new), direction)
        if clash is None or clash.witness is None:
            continue
        shown = clash.witness
        giver, taker = bodies[shown.accepted_by], bodies[shown.refused_by]
        assert all(compile_schema(closed(giver)).is_valid(row) for row in shown.rows)
        if len(shown.rows) == 1:
            assert not compile_schema(taker | {"additionalProperties": True}).is_valid(
                shown.rows[0]
            ) or not compile_schema(closed(taker)).is_valid(shown.rows[0])
            assert shown.refusals
        else:
            first, second = shown.rows
            assert all(first[name] == second[name] for name in taker["x-kunci"])
            assert any(first[name] != second[name] for name in giver["x-kunci"])


def test_the_manual_shows_this_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "compatibility.md"
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    assert [row for row in rows if row in set(map(_line, CASES))] == list(map(_line, CASES))


def _line(case: Case) -> str:
    def told(direction: str, codes: tuple[str, ...]) -> str:
        said = " ".join(f"`{code}`" for code in codes)
        return f"{said}{', row' if direction in case.rows else ''}" if codes else "fits"

    backward, forward = told("BACKWARD", case.backward), told("FORWARD", case.forward)
    return f"| {case.what} | {backward} | {forward} |"
