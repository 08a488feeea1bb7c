"""What is wrong with the rules of a document: names used twice, columns that are not there, kinds that do not fit."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from schemas.columns import Column, column_of, resolve
from schemas.errors import Fault
from schemas.rules.language import (
    Claim,
    Composed,
    Ordered,
    Part,
    Place,
    Rule,
    Term,
    Total,
    rules_of,
)

RESERVED = frozenset(
    {
        "kode-referensi", "kunci-kosong", "kunci-ganda", "kolom-tak-dikenal", "kolom-ganda",
        "kolom-wajib-hilang", "tanpa-kolom", "kesalahan-lain", "baris-tidak-utuh", "sel-angka", "sel-galat", "di-luar-jangkauan",
        "json-rusak", "json-nama-ganda", "json-terlalu-dalam", "rekaman-terlalu-besar",
        "kunci-sudah-ada", "kunci-tidak-ada",
    }
)  # fmt: skip
"""Rules of the gate itself."""
_NUMBERS = frozenset({"integer", "number"})
_TEXTS = frozenset({"string", "integer", "date"})
_ORDERS = {"integer": "angka", "number": "angka", "date": "tanggal", "date-time": "waktu"}
_WHEN = {"string": str, "integer": int, "boolean": bool}
_NAMES = {
    "integer": ("bilangan bulat", "a whole number"),
    "number": ("angka", "a number"),
    "string": ("teks", "text"),
    "boolean": ("ya/tidak", "a truth value"),
    "date": ("tanggal", "a date"),
    "date-time": ("waktu", "a moment"),
    "json": ("daftar atau objek", "a list or an object"),
}


def rule_faults(body: dict[str, Any]) -> Iterator[Fault]:
    """Faults beyond the form that the annotations' metaschema demands."""
    rules = rules_of(body)
    counted = Counter(rule.name for rule in rules)
    for index, rule in enumerate(rules):
        here = f"/x-aturan/{index}"
        if counted[rule.name] > 1:
            yield Fault(
                f"{here}/nama",
                f"Nama aturan {rule.name} dipakai lebih dari sekali.",
                f"The rule name {rule.name} is used more than once.",
            )
        if rule.name in RESERVED:
            yield Fault(
                f"{here}/nama",
                f"Nama {rule.name} adalah nama aturan bawaan; pilih nama lain.",
                f"{rule.name} is the name of a built-in rule; choose another.",
            )
        yield from _when_faults(rule, body, here)
        yield from _claim_faults(rule.claim, body, here)


def column_at(body: dict[str, Any], place: Place) -> Column | None:
    """What the schema says of a place; None if it does not name it."""
    properties = body["properties"]
    schema = properties.get(place.column)
    for name in place.path:
        schema = _resolved(schema, body).get("properties", {}).get(name)
    return None if schema is None else column_of(str(place), schema, body)


def _resolved(schema: Any, body: dict[str, Any]) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = resolve(schema["$ref"], body)
    return schema if isinstance(schema, dict) else {}


def _claim_faults(claim: Claim, body: dict[str, Any], here: str) -> Iterator[Fault]:
    match claim:
        case Total():
            for term in claim.terms:
                yield from _term_faults(term, body, here)
            if isinstance(claim.bound, Place):
                yield from _kind_faults(body, claim.bound, _NUMBERS, here)
        case Composed():
            for part in (claim.target, *claim.parts):
                yield from _part_faults(part, body, here)
        case Ordered():
            yield from _order_faults(claim, body, here)


def _term_faults(term: Term, body: dict[str, Any], here: str) -> Iterator[Fault]:
    if not term.listed:
        yield from _kind_faults(body, term.place, _NUMBERS, here)
        return
    column = column_at(body, term.place)
    if column is None:
        yield _missing(term.place, here)
        return
    member = _resolved(_resolved(column.schema, body).get("items"), body)
    if term.member is not None:
        member = member.get("properties", {}).get(term.member, {})
    listed = column.types - {"null"} == {"array"}
    if not listed or column_of(str(term), member, body).kind not in _NUMBERS:
        yield Fault(
            here,
            f"{term} bukan daftar angka; sebut kolom daftar, dan anggotanya bila berisi objek.",
            f"{term} is not a list of numbers; name a list column, and its member if it holds objects.",
        )


def _part_faults(part: Part, body: dict[str, Any], here: str) -> Iterator[Fault]:
    if part.place is not None:
        kinds = frozenset({"integer"}) if part.digits else _TEXTS
        yield from _kind_faults(body, part.place, kinds, here)


def _order_faults(claim: Ordered, body: dict[str, Any], here: str) -> Iterator[Fault]:
    found = [fault for p in claim.places for fault in _kind_faults(body, p, set(_ORDERS), here)]
    yield from found
    columns = [column_at(body, place) for place in claim.places]
    if not found and len({_ORDERS[column.kind] for column in columns if column}) > 1:
        yield Fault(
            f"{here}/kolom",
            "Tanggal, waktu, dan angka tidak dapat diurutkan bersama.",
            "Dates, moments and numbers cannot be put in one order.",
        )


def _when_faults(rule: Rule, body: dict[str, Any], here: str) -> Iterator[Fault]:
    for name, values in rule.when.items():
        faults = list(_kind_faults(body, Place(name), set(_WHEN), here))
        yield from faults
        column = column_at(body, Place(name))
        if not faults and column and any(type(v) is not _WHEN[column.kind] for v in values):
            yield Fault(
                f"{here}/bila/{name}",
                f"Nilai syarat tidak sejenis dengan kolom {name}.",
                f"The values of the condition are not of the kind of column {name}.",
            )


def _kind_faults(
    body: dict[str, Any], place: Place, kinds: frozenset[str] | set[str], here: str
) -> Iterator[Fault]:
    column = column_at(body, place)
    if column is None:
        yield _missing(place, here)
    elif column.kind not in kinds:
        wanted = sorted(kinds)
        yield Fault(
            here,
            f"Kolom {place} berisi {_named(column.kind, 0)}; aturan ini memerlukan "
            f"{' atau '.join(_NAMES[kind][0] for kind in wanted)}.",
            f"Column {place} holds {_named(column.kind, 1)}; this rule needs "
            f"{' or '.join(_NAMES[kind][1] for kind in wanted)}.",
        )


def _named(kind: str, language: int) -> str:
    return _NAMES[kind][language] if kind in _NAMES else kind


def _missing(place: Place, here: str) -> Fault:
    return Fault(
        here,
        f"Aturan menyebut kolom {place} yang tidak ada.",
        f"The rule names the column {place}, which does not exist.",
    )
