"""Sentences for what is wrong in a row: what was found, what was expected, what to do. Indonesian and English."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.columns import Column
from schemas.gate.blocks import Finding
from schemas.gate.cells import shown
from schemas.gate.sentences import SENTENCES

_DIGITS = re.compile(r"\^(?:\[0-9\]|\\d)\{(\d+)\}\$")
_LONGEST = 80
_LISTED = 12


@dataclass(frozen=True)
class Wording:
    """What is expected and what to do, in both languages; no mention of the value found."""

    expected_id: str
    expected_en: str
    fix_id: str
    fix_en: str


_TYPES = {
    "integer": ("bilangan bulat", "a whole number"),
    "number": ("angka", "a number"),
    "string": ("teks", "text"),
    "boolean": ("true atau false", "true or false"),
    "null": ("kosong", "empty"),
    "array": ("daftar", "a list"),
    "object": ("objek", "an object"),
}
_FORMATS = {
    "date": ("tanggal TTTT-BB-HH, misalnya 2025-10-03", "a date YYYY-MM-DD, such as 2025-10-03"),
    "date-time": (
        "tanggal dan jam dengan zona, misalnya 2025-10-03T08:00:00+07:00",
        "a date and time with its offset, such as 2025-10-03T08:00:00+07:00",
    ),
    "time": (
        "jam dengan zona, misalnya 08:00:00+07:00",
        "a time with its offset, such as 08:00:00+07:00",
    ),
    "email": ("alamat surel", "an e-mail address"),
    "uri": ("alamat lengkap (https://…)", "a full address (https://…)"),
    "uuid": ("UUID", "a UUID"),
}
_NUMBER_FIX = (
    "Tulis angkanya saja, tanpa pemisah ribuan, dengan titik untuk desimal.",
    "Write the number alone, without thousands separators, with a point for decimals.",
)
_CORRECT = ("Betulkan nilainya.", "Correct the value.")


def _type(finding: Finding) -> Wording:
    names = [n for n in finding.expected or [] if n != "null"]
    expected_id = " atau ".join(_TYPES[n][0] for n in names) or "kosong"
    expected_en = " or ".join(_TYPES[n][1] for n in names) or "empty"
    fix = _NUMBER_FIX if set(names) <= {"integer", "number"} else _CORRECT
    if finding.value is None:
        fix = ("Isi nilainya.", "Fill in the value.")
    elif names == ["string"]:
        fix = (
            "Kirim nilainya sebagai teks, di antara tanda kutip.",
            "Send the value as text, in quotation marks.",
        )
    return Wording(expected_id, expected_en, *fix)


def _enum(finding: Finding) -> Wording:
    options = [quoted(v) for v in finding.expected or []]
    more = "" if len(options) <= _LISTED else ", …"
    listed = ", ".join(options[:_LISTED]) + more
    return Wording(
        f"salah satu dari {listed}",
        f"one of {listed}",
        "Pakai salah satu nilai itu, tepat seperti tertulis.",
        "Use one of these values, exactly as written.",
    )


def _pattern(finding: Finding) -> Wording:
    digits = _DIGITS.fullmatch(str(finding.expected))
    if digits:
        return Wording(
            f"tepat {digits[1]} angka",
            f"exactly {digits[1]} digits",
            "Periksa angka yang hilang; di Excel format kolom sebagai Teks sebelum menempel.",
            "Look for lost digits; in Excel format the column as Text before pasting.",
        )
    return Wording(
        f"sesuai pola {finding.expected}", f"of the pattern {finding.expected}", *_CORRECT
    )


def _format(finding: Finding) -> Wording:
    name = str(finding.expected)
    expected = _FORMATS.get(name, (f"berformat {name}", f"of the format {name}"))
    return Wording(*expected, *_CORRECT)


def _length(finding: Finding) -> Wording:
    least = finding.rule == "minLength"
    return Wording(
        f"{'paling sedikit' if least else 'paling banyak'} {finding.expected} karakter",
        f"at {'least' if least else 'most'} {finding.expected} characters",
        *_CORRECT,
    )


def _bound(finding: Finding) -> Wording:
    words = {
        "minimum": ("paling kecil", "at least"),
        "maximum": ("paling besar", "at most"),
        "exclusiveMinimum": ("lebih dari", "more than"),
        "exclusiveMaximum": ("kurang dari", "less than"),
    }[finding.rule]
    return Wording(f"{words[0]} {finding.expected}", f"{words[1]} {finding.expected}", *_CORRECT)


def _fixed(
    expected_id: str, expected_en: str, fix_id: str, fix_en: str
) -> Callable[[Finding], Wording]:
    return lambda finding: Wording(
        *(
            text.replace("{expected}", str(finding.expected)).replace(
                "{value}", quoted(finding.value)
            )
            for text in (expected_id, expected_en, fix_id, fix_en)
        )
    )


_UNKNOWN = _fixed(
    "tidak ada: kolom ini tidak dikenal skema",
    "absent: the schema does not know this column",
    "Hapus kolomnya atau ganti namanya.",
    "Remove the column or rename it.",
)
_WORDINGS: dict[str, Callable[[Finding], Wording]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "minLength": _length,
    "maxLength": _length,
    "minimum": _bound,
    "maximum": _bound,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "additionalProperties": _UNKNOWN,
    "unevaluatedProperties": _UNKNOWN,
    "const": _fixed("tepat {expected}", "exactly {expected}", *_CORRECT),
    "multipleOf": _fixed("kelipatan {expected}", "a multiple of {expected}", *_CORRECT),
    "required": _fixed(
        "diisi",
        "filled in",
        "Isi nilainya; kolom ini wajib.",
        "Fill it in; this column is required.",
    ),
    "kunci-kosong": _fixed(
        "diisi, karena bagian dari kunci rekaman",
        "filled in, being part of the record's key",
        "Isi nilainya.",
        "Fill in the value.",
    ),
    "kode-referensi": _fixed(
        "kode dari daftar {expected}",
        "a code of the list {expected}",
        "Cari kode yang benar di daftar itu.",
        "Look up the right code in that list.",
    ),
    "sel-angka": _fixed(
        "teks: ini sel angka, dan Excel membuang nol di depan serta angka setelah yang ke-15",
        "text: this is a number cell, and Excel drops leading zeros and digits after the 15th",
        "Format kolom sebagai Teks sebelum menempel, lalu tempel ulang dari sumbernya.",
        "Format the column as Text before pasting, then paste again from the source.",
    ),
    "sel-galat": _fixed(
        "nilai, bukan galat rumus",
        "a value, not a formula error",
        "Perbaiki rumusnya atau tulis nilainya.",
        "Repair the formula or write the value.",
    ),
    "di-luar-jangkauan": _fixed(
        "nilai yang dapat disimpan (bilangan bulat 64 bit, tahun 1 sampai 9999)",
        "a value that can be kept (64-bit whole number, years 1 to 9999)",
        *_CORRECT,
    ),
}
_GENERAL = _fixed(
    "memenuhi aturan skema untuk kolom ini",
    "within the schema's rule for this column",
    *_CORRECT,
)
_NO_OVERRIDE = frozenset({"required", "kunci-kosong", "kunci-ganda", "sel-angka", "sel-galat"})


def general_message(finding: Finding, column: Column | None) -> tuple[str, str]:
    """One sentence for all rows with this fault, in Indonesian and English."""
    sentence = finding.sentence or SENTENCES.get(finding.rule)
    if sentence:
        return sentence.general
    own = _own_words(finding, column)
    if own:
        return own
    wording = _WORDINGS.get(finding.rule, _GENERAL)(finding)
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
    wording = _WORDINGS.get(finding.rule, _GENERAL)(finding)
    return (
        f"{found_id}; seharusnya {wording.expected_id}. {wording.fix_id}",
        f"{found_en}; it should be {wording.expected_en}. {wording.fix_en}",
    )


def quoted(value: Any) -> str:
    """A value as people see it, cut when long."""
    value = shown(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"“{text}”" if isinstance(value, str) else text


def _subject(finding: Finding) -> tuple[str, str]:
    if not finding.column:
        return "Baris", "The row"
    return f"Kolom {finding.column}", f"Column {finding.column}"


def _own_words(finding: Finding, column: Column | None) -> tuple[str, str] | None:
    """The schema's own `x-pesan` for the column, which says what a value must be."""
    words = column.schema.get("x-pesan") if column else None
    if not words or finding.rule in _NO_OVERRIDE:
        return None
    if isinstance(words, str):
        return words, words
    return words["id"], words.get("en", words["id"])
