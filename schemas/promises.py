"""What a schema and a dataset promise besides types: key, unit, code list, personal mark, freshness, class.

A change of promise is judged like a change of type. BACKWARD is the producer's side: what was given
under the old promise must still be true under the new one. FORWARD is the reader's side: what was
built on the old promise must hold for what comes now.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from schemas.document import SchemaDocument
from schemas.errors import Reason
from schemas.publication import escaped

PRODUCER, READER = "BACKWARD", "FORWARD"
BOTH = (PRODUCER, READER)
_PERSONAL = ("", "umum_bila_perorangan", "spesifik_bila_perorangan", "umum", "spesifik")
"""Marks from the lightest to the heaviest."""


def changed_promises(old: SchemaDocument, new: SchemaDocument) -> list[Reason]:
    """Every promise of the document that the new version breaks, once for each side it breaks."""
    columns = chain.from_iterable(_column(name, old, new) for name in _shared(old, new))
    return [*_key(old, new), *columns, *_rules(old, new), *_references(old, new)]


def _shared(old: SchemaDocument, new: SchemaDocument) -> list[str]:
    return [name for name in new.by_name if name in old.by_name]


def _key(old: SchemaDocument, new: SchemaDocument) -> Iterator[Reason]:
    if old.key == new.key:
        return
    before, after = ", ".join(old.key) or "-", ", ".join(new.key) or "-"
    words = (
        f"Kunci rekaman berubah dari ({before}) menjadi ({after}).",
        f"The record's key changes from ({before}) to ({after}).",
    )
    yield from _made("kunci-berubah", "/x-kunci", words, BOTH)


def _column(name: str, old: SchemaDocument, new: SchemaDocument) -> Iterator[Reason]:
    before, after = old.by_name[name].schema, new.by_name[name].schema
    at = f"/properties/{escaped(name)}"
    yield from _unit(name, at, before.get("x-satuan"), after.get("x-satuan"))
    yield from _codes(name, at, before.get("x-kode-referensi"), after.get("x-kode-referensi"))
    yield from _mark(name, at, before.get("x-data-pribadi", ""), after.get("x-data-pribadi", ""))


def _unit(name: str, at: str, before: object, after: object) -> Iterator[Reason]:
    """A unit that is only now stated contradicts nobody."""
    if before is None or before == after:
        return
    words = (
        f"Satuan kolom {name} berubah dari {before} menjadi {after or 'tidak dinyatakan'}.",
        f"The unit of {name} changes from {before} to {after or 'none stated'}.",
    )
    yield from _made("satuan-berubah", f"{at}/x-satuan", words, BOTH if after else (READER,))


def _codes(name: str, at: str, before: object, after: object) -> Iterator[Reason]:
    """Values of before may be off a list that is new; readers may not know codes of another."""
    if before == after:
        return
    words = (
        f"Daftar kode kolom {name} berubah dari {before or 'tidak ada'} menjadi {after or 'tidak ada'}.",
        f"The code list of {name} changes from {before or 'none'} to {after or 'none'}.",
    )
    sides = BOTH if before and after else (PRODUCER,) if after else (READER,)
    yield from _made("daftar-kode-berubah", f"{at}/x-kode-referensi", words, sides)


def _mark(name: str, at: str, before: str, after: str) -> Iterator[Reason]:
    """Raised, readers may lose the column; lowered, what was given as protected is no longer so."""
    if before == after:
        return
    raised = _PERSONAL.index(after) > _PERSONAL.index(before)
    words = (
        f"Tanda data pribadi kolom {name} {'naik' if raised else 'turun'} "
        f"dari {before or 'tidak ada'} menjadi {after or 'tidak ada'}.",
        f"The personal mark of {name} is {'raised' if raised else 'lowered'} "
        f"from {before or 'none'} to {after or 'none'}.",
    )
    code = "data-pribadi-naik" if raised else "data-pribadi-turun"
    yield from _made(code, f"{at}/x-data-pribadi", words, (READER,) if raised else (PRODUCER,))


def _rules(old: SchemaDocument, new: SchemaDocument) -> Iterator[Reason]:
    """Rules across columns (`x-aturan`): a new one refuses rows of before, one that went misleads readers."""
    yield from _listed(old.body.get("x-aturan"), new.body.get("x-aturan"), "aturan", "/x-aturan")


def _references(old: SchemaDocument, new: SchemaDocument) -> Iterator[Reason]:
    yield from _listed(old.references, new.references, "rujukan", "/x-rujukan")


def _listed(before: object, after: object, what: str, at: str) -> Iterator[Reason]:
    """Members of a list that came or went; one that was altered did both."""
    was, now = ([*one] if isinstance(one, list | tuple) else [] for one in (before, after))
    for gained, one in (
        (True, [m for m in now if m not in was]),
        (False, [m for m in was if m not in now]),
    ):
        if not one:
            continue
        words = (
            f"{what.capitalize()} {'ditambahkan' if gained else 'dihapus'}: {_names(one)}.",
            f"{'Added' if gained else 'Removed'} under {at[1:]}: {_names(one)}.",
        )
        code = f"{what}-ditambah" if gained else f"{what}-dihapus"
        yield from _made(code, at, words, (PRODUCER,) if gained else (READER,))


def _names(members: Sequence[object]) -> str:
    """What people call them: their `nama`, else what they point to."""
    said = [
        m.get("nama") or m.get("name") or m.get("skema") or m if isinstance(m, dict) else m
        for m in members
    ]
    return ", ".join(str(one) for one in said)


def _made(
    code: str, pointer: str, words: tuple[str, str], sides: Sequence[str]
) -> Iterator[Reason]:
    for side in sides:
        yield Reason(code, pointer, *words, side)


def key_columns_lost(old: SchemaDocument, new: SchemaDocument, direction: str) -> tuple[str, ...]:
    """Columns that tell records apart on one side and no longer on the other.

    BACKWARD: two records under the old key that may be one under the new. FORWARD: the reverse.
    """
    wide, narrow = (old, new) if direction == PRODUCER else (new, old)
    return tuple(name for name in wide.key if narrow.key and name not in narrow.key)
