"""What is expected of a value and what to do, rule by rule, in Indonesian and English."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.gate.blocks import Finding
from schemas.gate.cells import shown

_DIGITS = re.compile(r"\^(?:\[0-9\]|\\d)\{(\d+)\}\$")
_CONDITION = re.compile(r"/(?:then|else|dependentRequired|dependentSchemas)(?:/|$)")
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
_LOCAL = re.compile(r"(?:Rp\.? ?)?-?[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]+|,-)?", re.ASCII)
_DECLARE = (
    "Tulis dengan titik untuk desimal dan tanpa pemisah ribuan; bila seluruh berkas memakai 1.234,56, nyatakan "
    "langkah locale id pada dataset.",
    "Write a point for decimals and no thousands separators; if the whole file is written 1.234,56, declare the "
    "step locale id for the dataset.",
)
_CORRECT = ("Betulkan nilainya.", "Correct the value.")


def _type(finding: Finding) -> Wording:
    names = [n for n in finding.expected or [] if n != "null"]
    expected_id = " atau ".join(_TYPES[n][0] for n in names) or "kosong"
    expected_en = " or ".join(_TYPES[n][1] for n in names) or "empty"
    fix = _NUMBER_FIX if set(names) <= {"integer", "number"} else _CORRECT
    if finding.value is None:
        fix = ("Isi nilainya.", "Fill in the value.")
    elif fix is _NUMBER_FIX and isinstance(finding.value, str) and _LOCAL.fullmatch(finding.value):
        fix = _DECLARE
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


def _count(finding: Finding) -> Wording:
    """minItems, maxItems, minProperties, maxProperties."""
    many = finding.rule.endswith("Items")
    least = finding.rule.startswith("min")
    return Wording(
        f"{'paling sedikit' if least else 'paling banyak'} {finding.expected} {'butir' if many else 'isian'}",
        f"of at {'least' if least else 'most'} {finding.expected} {'items' if many else 'members'}",
        "Tambahkan yang kurang." if least else "Kurangi isinya.",
        "Add what is missing." if least else "Take some away.",
    )


def _required(finding: Finding) -> Wording:
    """A condition of the schema (`then`, `else`, `dependentRequired`) is said to be one."""
    conditional = _CONDITION.search(finding.schema_path)
    because_id = "wajib karena isi kolom lain pada baris ini" if conditional else "kolom ini wajib"
    because_en = (
        "the other columns of this row require it" if conditional else "this column is required"
    )
    return Wording(
        "diisi", "filled in", f"Isi nilainya; {because_id}.", f"Fill it in; {because_en}."
    )


def _false(finding: Finding) -> Wording:
    conditional = _CONDITION.search(finding.schema_path)
    because_id = " menurut isi kolom lain pada baris ini" if conditional else ""
    because_en = ", given the other columns of this row" if conditional else ""
    return Wording(
        f"dikosongkan{because_id}", f"left out{because_en}", "Hapus nilainya.", "Remove the value."
    )


_COMPARE = (
    "Bandingkan baris ini dengan halaman skemanya.",
    "Compare this row with the page of its schema.",
)
_UNKNOWN = _fixed(
    "tidak ada: kolom ini tidak dikenal skema",
    "absent: the schema does not know this column",
    "Hapus kolomnya atau ganti namanya.",
    "Remove the column or rename it.",
)
_EXTRA_ITEMS = _fixed(
    "tanpa butir yang tidak dikenal skema",
    "without items that the schema does not know",
    "Hapus butir itu.",
    "Remove these items.",
)
_TOO_HARD = _fixed(
    "teks yang dapat dicocokkan dengan pola skema",
    "text that can be compared with the schema's pattern",
    "Pendekkan teksnya; bila tetap ditolak, beri tahu walidata.",
    "Make the text shorter; if it is refused still, tell the walidata.",
)
WORDINGS: dict[str, Callable[[Finding], Wording]] = {
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
    "required": _required,
    "falseSchema": _false,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
    "uniqueItems": _fixed(
        "daftar tanpa butir kembar",
        "a list without repeats",
        "Hapus butir yang terulang.",
        "Remove what is repeated.",
    ),
    "contains": _fixed(
        "daftar yang memuat butir yang disyaratkan, dalam jumlah yang disyaratkan",
        "a list with the items that the schema asks for, as many as it asks for",
        *_COMPARE,
    ),
    "additionalItems": _EXTRA_ITEMS,
    "unevaluatedItems": _EXTRA_ITEMS,
    "propertyNames": _fixed(
        "memakai nama isian yang diizinkan skema",
        "made of names that the schema allows",
        "Ganti nama isiannya.",
        "Rename its members.",
    ),
    "anyOf": _fixed(
        "salah satu bentuk yang diizinkan skema",
        "of one of the forms that the schema allows",
        *_COMPARE,
    ),
    "oneOf": _fixed(
        "tepat satu dari bentuk yang diizinkan skema, tidak lebih",
        "of exactly one of the forms that the schema allows, no more",
        *_COMPARE,
    ),
    "not": _fixed(
        "lain dari bentuk yang dilarang skema",
        "of another form than the one the schema forbids",
        *_COMPARE,
    ),
    "contentEncoding": _fixed(
        "teks bersandi {expected}", "text in the encoding {expected}", *_CORRECT
    ),
    "contentMediaType": _fixed(
        "isi berjenis {expected}", "content of the type {expected}", *_CORRECT
    ),
    "fromUtf8": _fixed("teks UTF-8", "UTF-8 text", *_CORRECT),
    "custom": _fixed("memenuhi aturan tambahan skema", "within the schema's own rule", *_COMPARE),
    "backtrackLimitExceeded": _TOO_HARD,
    "regexEngineFailure": _TOO_HARD,
    "$ref": _fixed(
        "sesuai bagian skema yang dirujuk", "within the part of the schema referred to", *_COMPARE
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
GENERAL = _fixed(
    "memenuhi aturan skema untuk kolom ini",
    "within the schema's rule for this column",
    *_CORRECT,
)


def quoted(value: Any) -> str:
    """A value as people see it, cut when long."""
    value = shown(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"“{text}”" if isinstance(value, str) else text
