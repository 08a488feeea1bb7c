"""Two versions of a schema beside each other: what changed in words, and the texts with their marks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from hub.web.translation import N_
from schemas.compatibility import DIRECTIONS, Clash, clash_of
from schemas.difference import column_at, differences
from schemas.document import SchemaDocument
from schemas.errors import Reason
from schemas.promises import changed_promises

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
MARKS = {
    ADDED: ("+", N_("ditambahkan")),
    REMOVED: ("−", N_("dihapus")),
    CHANGED: ("~", N_("berubah")),
}
TOLD_IN_WORDS = ("title", "description", "x-title-en", "x-description-en", "default", "examples")
NAMING = ("$id", "properties")


@dataclass(frozen=True)
class Line:
    """One line of a document; `kind` is same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """A column that changed (`name` empty: the document itself), with its text before and after."""

    name: str
    kind: str
    reasons: tuple[Reason, ...]
    described: tuple[str, ...]
    """Words about the column alone that are others now: title, description, example."""
    before: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def mark(self) -> tuple[str, str]:
        return MARKS[self.kind]


@dataclass(frozen=True)
class Diff:
    """`clashes` by direction; None where the versions fit."""

    changes: list[Change]
    unchanged: int
    clashes: dict[str, Clash | None]


def diff(old: SchemaDocument, new: SchemaDocument) -> Diff:
    changes = list(_changes(old, new))
    touched = {change.name for change in changes}
    return Diff(
        changes,
        unchanged=sum(name not in touched for name in new.by_name),
        clashes={way: clash_of(old, new, way) for way in DIRECTIONS["FULL"]},
    )


def _changes(old: SchemaDocument, new: SchemaDocument) -> Iterator[Change]:
    """The document itself first, then columns in the order of the new version, the removed ones last."""
    reasons = [one.reason for one in differences(old.body, new.body)]
    reasons += {(one.code, one.pointer): one for one in changed_promises(old, new)}.values()
    before, after = _properties(old), _properties(new)
    whole = _change("", _rest(old), _rest(new), reasons)
    if whole is not None:
        yield whole
    for name in [*after, *(name for name in before if name not in after)]:
        change = _change(name, before.get(name), after.get(name), reasons)
        if change is not None:
            yield change


def _change(name: str, before: Any, after: Any, reasons: list[Reason]) -> Change | None:
    mine = tuple(r for r in reasons if (column_at(r.pointer) or "") == name)
    if before == after and not mine:
        return None
    kind = ADDED if before is None else REMOVED if after is None else CHANGED
    described = tuple(
        word
        for word in TOLD_IN_WORDS
        if isinstance(before, dict)
        and isinstance(after, dict)
        and before.get(word) != after.get(word)
    )
    left, right = _lines(_text(before), _text(after))
    return Change(name, kind, mine, described, left, right)


def _properties(document: SchemaDocument) -> dict[str, Any]:
    properties: dict[str, Any] = document.body.get("properties", {})
    return properties


def _rest(document: SchemaDocument) -> dict[str, Any]:
    return {word: value for word, value in document.body.items() if word not in NAMING}


def _text(schema: Any) -> list[str]:
    if schema is None:
        return []
    return json.dumps(schema, indent=2, ensure_ascii=False).splitlines()


def _lines(before: list[str], after: list[str]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Both texts, each with what is only in it marked."""
    left: list[Line] = []
    right: list[Line] = []
    matched = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, a, b, c, d in matched.get_opcodes():
        same = kind == "equal"
        left += [Line(SAME if same else REMOVED, text) for text in before[a:b]]
        right += [Line(SAME if same else ADDED, text) for text in after[c:d]]
    return tuple(left), tuple(right)
