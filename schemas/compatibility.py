"""May a new version of a schema replace an old one?

The verdict is containment of canonical forms: BACKWARD (the new reads what the old allowed) asks whether
the new covers the old, FORWARD the reverse, FULL both. What cannot be proven is refused. A table has no
columns but those of its schema, so data counts as closed; readers of FORWARD pass over columns they do
not know, so there the old schema counts as open. An added optional column is then compatible both ways.
A refusal says what changed, which version it breaks, and shows a row where one is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from schemas.difference import differences
from schemas.document import SchemaDocument
from schemas.engine import canonical
from schemas.errors import Reason, Witness
from schemas.pointers import unescaped
from schemas.promises import changed_promises, key_columns_lost
from schemas.witness import pair, refusals_of, search

BASES = ("BACKWARD", "FORWARD", "FULL", "NONE")
MODES = (*BASES, "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE")
DEFAULT = "BACKWARD"
DIRECTIONS = {
    "BACKWARD": ("BACKWARD",),
    "FORWARD": ("FORWARD",),
    "FULL": ("BACKWARD", "FORWARD"),
    "NONE": (),
}


@dataclass(frozen=True)
class Clash:
    """One direction in which two versions do not fit; `tried` rows were put before the engine.

    A promise that no row can show (a unit, a code list) has no witness and needs none: then
    `tried` is 0.
    """

    direction: str
    against: str
    reasons: tuple[Reason, ...]
    witness: Witness | None
    tried: int


@dataclass(frozen=True)
class Verdict:
    """What a mode says of a new version; `against` are the versions that were asked, newest first."""

    mode: str
    against: tuple[str, ...]
    clashes: tuple[Clash, ...]

    @property
    def compatible(self) -> bool:
        return not self.clashes

    @property
    def reasons(self) -> list[Reason]:
        return list(dict.fromkeys(reason for clash in self.clashes for reason in clash.reasons))

    @property
    def witnesses(self) -> list[Witness]:
        return [clash.witness for clash in self.clashes if clash.witness is not None]


def succession(
    earlier: Sequence[SchemaDocument], new: SchemaDocument, mode: str = DEFAULT
) -> Verdict:
    """May `new` follow these versions (the oldest first)?

    A transitive mode asks every one of them, the others only the last. Raises ValueError for a
    mode that does not exist.
    """
    base = _base(mode)
    asked = list(reversed(earlier))[: None if mode.endswith("_TRANSITIVE") else 1]
    clashes = [
        clash
        for old in asked
        for direction in DIRECTIONS[base]
        if (clash := clash_of(old, new, direction)) is not None
    ]
    return Verdict(mode, tuple(old.version for old in asked), tuple(clashes))


def compare(old: SchemaDocument, new: SchemaDocument, mode: str = DEFAULT) -> list[Reason]:
    """Why `new` is not compatible with `old` alone; empty if it is."""
    found = (clash_of(old, new, direction) for direction in DIRECTIONS[_base(mode)])
    return [reason for clash in found if clash is not None for reason in clash.reasons]


def clash_of(old: SchemaDocument, new: SchemaDocument, direction: str) -> Clash | None:
    """Why the two do not fit in this direction, None when they are proven to."""
    promises = [r for r in changed_promises(old, new) if r.direction == direction]
    narrow, wide = _sides(old.body, new.body, direction)
    proven = covers(wide, narrow)
    if proven and not promises:
        return None
    row, tried = _row(narrow, wide) if not proven else (None, 0)
    witness = (
        _shown(old, new, direction, (row,)) if row is not None else _twins(old, new, direction)
    )
    reasons = [] if proven else _why(old, new, direction, shown=row is not None, tried=tried)
    told = tuple(
        replace(r, direction=direction, against=old.version) for r in [*promises, *reasons]
    )
    return Clash(direction, old.version, told, witness, tried)


def covers(wide: dict[str, Any], narrow: dict[str, Any]) -> bool:
    """Every instance of `narrow` is proven to be one of `wide`."""
    try:
        answer = canonical(wide).covers(canonical(narrow))
    except (jsonschema_rs.canonical.CanonicalizationError, jsonschema_rs.ValidationError):
        return False
    return bool(answer == jsonschema_rs.canonical.Containment.YES)


def stays_valid(old: SchemaDocument, new: SchemaDocument) -> bool:
    """Every row of `old` is proven to be one of `new`, and told apart by the same key."""
    return old.key == new.key and covers(closed(new.body), closed(old.body))


def _base(mode: str) -> str:
    if mode not in MODES:
        raise ValueError(f"no mode {mode}")
    return mode.removesuffix("_TRANSITIVE")


def _sides(old: Any, new: Any, direction: str) -> tuple[Any, Any]:
    """What is given, and what must take all of it, in the form in which a table is judged."""
    if direction == "BACKWARD":
        return closed(old), closed(new)
    return closed(new), opened(old)


def _row(narrow: Any, wide: Any) -> tuple[Any, int]:
    found = search(narrow, wide)
    return (found.row if found.found else None), found.tried


def _shown(
    old: SchemaDocument, new: SchemaDocument, direction: str, rows: tuple[Any, ...]
) -> Witness:
    giver, taker = (old, new) if direction == "BACKWARD" else (new, old)
    _, wide = _sides(old.body, new.body, direction)
    refusals = refusals_of(wide, rows[0]) if len(rows) == 1 else ()
    return Witness(direction, giver.version, taker.version, rows, refusals)


def _twins(old: SchemaDocument, new: SchemaDocument, direction: str) -> Witness | None:
    """Two rows that one key tells apart and the other takes for one record."""
    lost = key_columns_lost(old, new, direction)
    giver = old if direction == "BACKWARD" else new
    rows = pair(closed(giver.body), lost[0]) if lost else None
    return None if rows is None else _shown(old, new, direction, rows)


def closed(schema: Any) -> Any:
    """The schema with every object that lists properties closed to others."""
    return _with_objects(schema, False)


def opened(schema: Any) -> Any:
    """The schema with every object that lists properties open to others."""
    return _with_objects(schema, True)


def _with_objects(schema: Any, additional: bool) -> Any:
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    if isinstance(schema.get("properties"), dict):
        inner = schema["properties"].items()
        made["properties"] = {name: _with_objects(sub, additional) for name, sub in inner}
        for word in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(made.get(word, True), bool):
                made.pop(word, None)
        if "patternProperties" not in made:
            made.setdefault("additionalProperties", additional)
    if "items" in schema:
        made["items"] = _with_objects(schema["items"], additional)
    return made


def _why(
    old: SchemaDocument, new: SchemaDocument, direction: str, *, shown: bool, tried: int
) -> list[Reason]:
    """The changes that break this direction, or one reason that says it could not be proven."""
    found = [d.reason for d in differences(old.body, new.body) if direction in d.breaks]
    guilty = [reason for reason in found if not _innocent(reason, old, new, direction)]
    named = guilty or found
    if shown:
        return named or [_UNNAMED]
    return [*named, _unproven(direction, tried)]


def _innocent(reason: Reason, old: SchemaDocument, new: SchemaDocument, direction: str) -> bool:
    """The change stays within a column whose values are proven to fit."""
    root, _, rest = reason.pointer.removeprefix("/").partition("/")
    name = unescaped(rest.partition("/")[0])
    sides = [document.body.get("properties", {}).get(name) for document in (old, new)]
    if root != "properties" or "/" not in rest or None in sides:
        return False
    bodies = [_column_alone(s, d.body) for s, d in zip(sides, (old, new), strict=True)]
    narrow, wide = _sides(bodies[0], bodies[1], direction)
    return covers(wide, narrow)


def _column_alone(schema: Any, root: dict[str, Any]) -> Any:
    shared = {word: root[word] for word in ("$defs",) if word in root}
    return {**schema, **shared} if isinstance(schema, dict) else schema


_UNNAMED = Reason(
    "ada-baris-ditolak",
    "",
    "Ada baris yang sah di satu versi dan ditolak versi yang lain; lihat contohnya.",
    "There is a row that one version takes and the other refuses; see the example.",
)


def _unproven(direction: str, tried: int) -> Reason:
    """No row disproves it either: the change may well be harmless, but nothing proves that."""
    what_id, what_en = (
        (
            "semua data versi lama tetap sah menurut versi baru",
            "all data of the old version stays valid under the new one",
        )
        if direction == "BACKWARD"
        else (
            "pembaca versi lama dapat membaca semua data versi baru",
            "readers of the old version can read all data of the new one",
        )
    )
    return Reason(
        "tidak-terbukti",
        "",
        f"Tidak terbukti bahwa {what_id}; {tried} baris dicoba dan tidak satu pun membantahnya.",
        f"It is not proven that {what_en}; {tried} rows were tried and none disproves it.",
    )
