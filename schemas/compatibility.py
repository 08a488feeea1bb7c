"""May a new version of a schema replace an old one?

The verdict is containment of canonical forms: BACKWARD (the new reads what the old allowed) asks whether
the new covers the old, FORWARD the reverse, FULL both. What cannot be proven is refused. A table has no
columns but those of its schema, so data counts as closed; readers of FORWARD pass over columns they do
not know, so there the old schema counts as open. An added optional column is then compatible both ways.
"""

from typing import Any

import jsonschema_rs

from schemas.difference import differences
from schemas.document import SchemaDocument
from schemas.errors import Reason

MODES = ("BACKWARD", "FORWARD", "FULL", "NONE")


def compare(old: SchemaDocument, new: SchemaDocument, mode: str = "BACKWARD") -> list[Reason]:
    """Why `new` is not compatible with `old`; empty if it is.

    A `_TRANSITIVE` mode is judged like its base here: the caller asks about every earlier version.
    """
    base = mode.removesuffix("_TRANSITIVE")
    if base not in MODES:
        raise ValueError(f"no mode {mode}")
    reasons: list[Reason] = []
    if base == "NONE":
        return reasons
    if old.key != new.key:
        reasons.append(_key_changed(old, new))
    if base in ("BACKWARD", "FULL") and not _covers(closed(new.body), closed(old.body)):
        reasons += _why(old, new, "BACKWARD")
    if base in ("FORWARD", "FULL") and not _covers(opened(old.body), closed(new.body)):
        reasons += _why(old, new, "FORWARD")
    return list(dict.fromkeys(reasons))


def _covers(wide: dict[str, Any], narrow: dict[str, Any]) -> bool:
    """Every instance of `narrow` is proven to be one of `wide`."""
    try:
        answer = _canonical(wide).covers(_canonical(narrow))
    except (jsonschema_rs.canonical.CanonicalizationError, jsonschema_rs.ValidationError):
        return False
    return bool(answer == jsonschema_rs.canonical.Containment.YES)


def _canonical(body: dict[str, Any]) -> jsonschema_rs.CanonicalSchema:
    plain = {word: value for word, value in body.items() if word not in ("$id", "title")}
    return jsonschema_rs.canonicalize(
        plain,
        draft=jsonschema_rs.Draft202012,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


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


def _why(old: SchemaDocument, new: SchemaDocument, direction: str) -> list[Reason]:
    """The changes that break this direction, or one reason that says it could not be proven."""
    found = [d.reason for d in differences(old.body, new.body) if direction in d.breaks]
    return found or [_unproven(direction)]


def _unproven(direction: str) -> Reason:
    if direction == "BACKWARD":
        return Reason(
            "tidak-terbukti",
            "",
            "Tidak terbukti bahwa semua data versi lama tetap sah menurut versi baru.",
            "It is not proven that all data of the old version stays valid under the new one.",
        )
    return Reason(
        "tidak-terbukti",
        "",
        "Tidak terbukti bahwa pembaca versi lama dapat membaca semua data versi baru.",
        "It is not proven that readers of the old version can read all data of the new one.",
    )


def _key_changed(old: SchemaDocument, new: SchemaDocument) -> Reason:
    before, after = ", ".join(old.key) or "-", ", ".join(new.key) or "-"
    return Reason(
        "kunci-berubah",
        "/x-kunci",
        f"Kunci rekaman berubah dari ({before}) menjadi ({after}).",
        f"The record's key changes from ({before}) to ({after}).",
    )
