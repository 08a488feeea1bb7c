"""What changed between two versions of a schema, column by column, and which readers it breaks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.columns import allowed_types, resolve
from schemas.document import SchemaDocument
from schemas.errors import Reason
from schemas.pointers import escaped, unescaped
from schemas.promises import changed_promises

BOTH = frozenset({"BACKWARD", "FORWARD"})
BACKWARD = frozenset({"BACKWARD"})
FORWARD = frozenset({"FORWARD"})
NEITHER: frozenset[str] = frozenset()

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_EXACT = ("pattern", "format", "const", "multipleOf")
_COMPOUND = (
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "items", "prefixItems", "contains",
    "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "uniqueItems",
)  # fmt: skip
_CLOSING = ("additionalProperties", "unevaluatedProperties")


@dataclass(frozen=True)
class Difference:
    """One change; `breaks` are the directions of compatibility that it can break."""

    reason: Reason
    breaks: frozenset[str]


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """Every change in the order of the new document, removed columns last."""
    return [
        *_columns(old, new, ""),
        *_required(old, new, ""),
        *_compound(old, new, "", skip=("items",)),
    ]


def changed_columns(old: SchemaDocument, new: SchemaDocument) -> frozenset[str] | None:
    """Columns of either version whose change may break somebody; None when a rule spans them all."""
    breaking = [d.reason.pointer for d in differences(old.body, new.body) if d.breaks]
    pointers = [*breaking, *(reason.pointer for reason in changed_promises(old, new))]
    names = [column_at(pointer) for pointer in pointers]
    if any(name is None for name in names):
        return None
    return frozenset(name for name in names if name is not None)


def column_at(pointer: str) -> str | None:
    """The column of the record that a pointer into its schema lies in."""
    root, _, rest = pointer.removeprefix("/").partition("/")
    if root != "properties" or not rest:
        return None
    return unescaped(rest.partition("/")[0])


def _columns(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Difference]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in after.items():
        pointer = f"{at}/properties/{escaped(name)}"
        if name in before:
            yield from _column(name, before[name], schema, old, new, pointer)
        elif name not in new.get("required", []):
            words = f"Kolom {name} ditambahkan.", f"The column {name} is added."
            yield _made("kolom-ditambah", pointer, words, NEITHER)
    for name in before:
        if name not in after:
            words = f"Kolom {name} dihapus.", f"The column {name} is removed."
            pointer = f"{at}/properties/{escaped(name)}"
            breaks = BOTH if name in old.get("required", []) else BACKWARD
            yield _made("kolom-dihapus", pointer, words, breaks)


def _required(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Difference]:
    before, after = old.get("required", []), new.get("required", [])
    for name in after:
        if name not in before:
            known = name in old.get("properties", {})
            words = (
                f"Kolom {name} menjadi wajib." if known else f"Kolom wajib {name} ditambahkan.",
                f"The column {name} becomes required."
                if known
                else f"The required column {name} is added.",
            )
            yield _made("menjadi-wajib", f"{at}/properties/{escaped(name)}", words, BACKWARD)
    for name in before:
        if name not in after and name in new.get("properties", {}):
            words = (
                f"Kolom {name} tidak lagi wajib.",
                f"The column {name} is no longer required.",
            )
            yield _made("tidak-lagi-wajib", f"{at}/properties/{escaped(name)}", words, FORWARD)


def _column(
    name: str, old: Any, new: Any, old_root: dict[str, Any], new_root: dict[str, Any], at: str
) -> Iterator[Difference]:
    yield from _types(name, allowed_types(old, old_root), allowed_types(new, new_root), at)
    before, after = _flat(old, old_root), _flat(new, new_root)
    yield from _enum(name, before.get("enum"), after.get("enum"), at)
    for word in _UPPER:
        yield from _bound(name, word, before, after, at, tighter=lambda new, old: new < old)
    for word in _LOWER:
        yield from _bound(name, word, before, after, at, tighter=lambda new, old: new > old)
    for word in _EXACT:
        yield from _exact(name, word, before, after, at)
    if "properties" in before or "properties" in after:
        yield from _columns(before, after, at)
        yield from _required(before, after, at)
    yield from _compound(before, after, at)


def _types(name: str, old: frozenset[str], new: frozenset[str], at: str) -> Iterator[Difference]:
    lost, gained = sorted(old - new), sorted(new - old)
    if lost:
        listed = ", ".join(lost)
        words = (
            f"Kolom {name} tidak lagi menerima {listed}.",
            f"The column {name} no longer takes {listed}.",
        )
        yield _made("tipe-menyempit", f"{at}/type", words, BACKWARD)
    if gained:
        listed = ", ".join(gained)
        words = (
            f"Kolom {name} kini juga menerima {listed}.",
            f"The column {name} now takes {listed} too.",
        )
        yield _made("tipe-melebar", f"{at}/type", words, FORWARD)


def _enum(name: str, old: Any, new: Any, at: str) -> Iterator[Difference]:
    if old is None and new is None:
        return
    if old is None or new is None:
        words = (
            f"Daftar nilai kolom {name} {'ditambahkan' if old is None else 'dihapus'}.",
            f"The list of values of {name} is {'added' if old is None else 'removed'}.",
        )
        yield _made("daftar-nilai", f"{at}/enum", words, BACKWARD if old is None else FORWARD)
        return
    removed = [value for value in old if value not in new]
    added = [value for value in new if value not in old]
    if removed:
        listed = ", ".join(map(str, removed))
        words = (
            f"Nilai {listed} dihapus dari kolom {name}.",
            f"The values {listed} are removed from {name}.",
        )
        yield _made("nilai-dihapus", f"{at}/enum", words, BACKWARD)
    if added:
        listed = ", ".join(map(str, added))
        words = (
            f"Nilai {listed} ditambahkan ke kolom {name}.",
            f"The values {listed} are added to {name}.",
        )
        yield _made("nilai-ditambah", f"{at}/enum", words, FORWARD)


def _bound(
    name: str,
    word: str,
    old: dict[str, Any],
    new: dict[str, Any],
    at: str,
    *,
    tighter: Callable[[Any, Any], bool],
) -> Iterator[Difference]:
    before, after = old.get(word), new.get(word)
    if before == after:
        return
    narrows = before is None or (after is not None and tighter(after, before))
    words = (
        f"Batas {word} kolom {name} berubah dari {before} menjadi {after}.",
        f"The bound {word} of {name} changes from {before} to {after}.",
    )
    code = "batas-menyempit" if narrows else "batas-melebar"
    yield _made(code, f"{at}/{word}", words, BACKWARD if narrows else FORWARD)


def _exact(
    name: str, word: str, old: dict[str, Any], new: dict[str, Any], at: str
) -> Iterator[Difference]:
    before, after = old.get(word), new.get(word)
    if before == after:
        return
    breaks = BACKWARD if word not in old else FORWARD if word not in new else BOTH
    words = (
        f"Aturan {word} kolom {name} berubah dari {before} menjadi {after}.",
        f"The rule {word} of {name} changes from {before} to {after}.",
    )
    yield _made("aturan-berubah", f"{at}/{word}", words, breaks)


def _compound(
    old: dict[str, Any], new: dict[str, Any], at: str, skip: tuple[str, ...] = ()
) -> Iterator[Difference]:
    for word in (*_COMPOUND, *_CLOSING):
        if word in skip or old.get(word) == new.get(word):
            continue
        if word in _CLOSING and isinstance(old.get(word, True), bool | None):
            continue
        words = (
            f"Aturan gabungan {word} berubah.",
            f"The combined rule {word} changes.",
        )
        yield _made("aturan-gabungan", f"{at}/{word}", words, BOTH)


def _flat(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    """The column's own keywords over those of the definition it refers to."""
    if not isinstance(schema, dict):
        return {}
    target = resolve(schema["$ref"], root) if "$ref" in schema else {}
    return {**(target if isinstance(target, dict) else {}), **schema}


def _made(code: str, pointer: str, words: tuple[str, str], breaks: frozenset[str]) -> Difference:
    return Difference(Reason(code, pointer, *words), breaks)
