"""Sentences for what is wrong in a row: what was found, what was expected, what to do. Indonesian and English."""

from schemas.columns import Column
from schemas.gate.blocks import Finding
from schemas.gate.sentences import SENTENCES
from schemas.gate.wording import GENERAL, WORDINGS, quoted
from schemas.pointers import unescaped

_INDEX_DIGITS = 7
"""Longer than the place of any item in a record; longer digits are a name."""
_NO_OVERRIDE = frozenset(
    {"required", "falseSchema", "kunci-kosong", "kunci-ganda", "sel-angka", "sel-galat"}
)


def general_message(finding: Finding, column: Column | None) -> tuple[str, str]:
    """One sentence for all rows with this fault, in Indonesian and English."""
    sentence = finding.sentence or SENTENCES.get(finding.rule)
    if sentence:
        return sentence.general
    own = _own_words(finding, column)
    if own:
        return own
    wording = WORDINGS.get(finding.rule, GENERAL)(finding)
    where_id, where_en = _subject(finding)
    return (
        f"{where_id} harus {wording.expected_id}. {wording.fix_id}",
        f"{where_en} must be {wording.expected_en}. {wording.fix_en}",
    )


def row_message(finding: Finding, column: Column | None) -> tuple[str, str]:
    """What is wrong in this row, with the value found."""
    value = quoted(finding.value)
    sentence = finding.sentence or SENTENCES.get(finding.rule)
    if sentence:
        return sentence.of_row(value, str(finding.expected))
    own = _own_words(finding, column)
    where_id, where_en = _subject(finding)
    empty = finding.value is None or finding.value == ""
    found_id = f"{where_id} kosong" if empty else f"{where_id} berisi {value}"
    found_en = f"{where_en} is empty" if empty else f"{where_en} holds {value}"
    if own:
        return f"{found_id}. {own[0]}", f"{found_en}. {own[1]}"
    wording = WORDINGS.get(finding.rule, GENERAL)(finding)
    return (
        f"{found_id}; seharusnya {wording.expected_id}. {wording.fix_id}",
        f"{found_en}; it should be {wording.expected_en}. {wording.fix_en}",
    )


def _subject(finding: Finding) -> tuple[str, str]:
    if not finding.column:
        return "Baris", "The row"
    _, *inner = map(unescaped, finding.pointer[1:].split("/"))
    where_id = [_item("butir", "tiap butir", part) for part in inner]
    where_en = [_item("item", "each item", part) for part in inner]
    return (
        ", ".join([f"Kolom {finding.column}", *where_id]),
        ", ".join([f"Column {finding.column}", *where_en]),
    )


def _item(one: str, every: str, part: str) -> str:
    """A part of a pointer below the column: the place in a list, all its places, or a name."""
    if part == "*":
        return every
    place = part.isdecimal() and part.isascii() and len(part) <= _INDEX_DIGITS
    return f"{one} {int(part) + 1}" if place else part


def _own_words(finding: Finding, column: Column | None) -> tuple[str, str] | None:
    """The schema's own `x-pesan` for the column, which says what a value must be."""
    words = column.schema.get("x-pesan") if column else None
    if not words or finding.rule in _NO_OVERRIDE:
        return None
    if isinstance(words, str):
        return words, words
    return words["id"], words.get("en", words["id"])
