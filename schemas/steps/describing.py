"""Steps in words, for the pages and the reports."""

from collections.abc import Sequence
from typing import Any

_LOCALES = {
    "id": ("1.234,56", "1.234,56"),
    "en": ("1,234.56", "1,234.56"),
    "iso": ("1234.56", "1234.56"),
}

_PROFILES = {
    "id": (
        "Angka ditulis seperti 1.234,56, tanggal 31/12/2025 (hari dulu), ya/tidak; "
        "kolom teks tidak diubah.",
        "Numbers are written like 1.234,56, dates 31/12/2025 (day first), ya/tidak; "
        "text columns are left alone.",
    ),
    "en": (
        "Angka ditulis seperti 1,234.56, tanggal 12/31/2025 (bulan dulu), yes/no; "
        "kolom teks tidak diubah.",
        "Numbers are written like 1,234.56, dates 12/31/2025 (month first), yes/no; "
        "text columns are left alone.",
    ),
    "iso": (
        "Angka ditulis seperti 1234.56, tanggal 2025-12-31; kolom teks tidak diubah.",
        "Numbers are written like 1234.56, dates 2025-12-31; text columns are left alone.",
    ),
}


def describe(steps: Sequence[dict[str, Any]], lang: str = "id") -> list[str]:
    """One sentence per step, in Indonesian (`id`) or English (`en`)."""
    return [_sentences(step)[1 if lang == "en" else 0] for step in steps]


def _sentences(step: dict[str, Any]) -> tuple[str, str]:
    where_id, where_en = _where(step.get("columns"))
    match step["step"]:
        case "rename":
            moves = ", ".join(f"{old} → {new}" for old, new in step["columns"].items())
            return f"Nama kolom diganti: {moves}.", f"Columns are renamed: {moves}."
        case "drop":
            return f"{where_id} dibuang.", f"{where_en} dropped."
        case "trim":
            return (
                f"Spasi di awal dan akhir dibuang ({where_id}).",
                f"Spaces at both ends are cut ({where_en}).",
            )
        case "empty":
            words = ", ".join("null" if v is None else f"“{v}”" for v in step["values"])
            return f"{words} berarti kosong ({where_id}).", f"{words} means empty ({where_en})."
        case "split":
            marks = " ".join(step["separators"])
            return (
                f"Beberapa nilai yang dipisah {marks} ditulis dengan ; ({where_id}).",
                f"Several values separated by {marks} are written with ; ({where_en}).",
            )
        case "date":
            forms = ", ".join(step["forms"])
            zone = step.get("zone", "")
            return (
                f"Tanggal dalam bentuk {forms} dijadikan {step['to']} {zone}".rstrip()
                + f" ({where_id}).",
                f"Dates in the forms {forms} become {step['to']} {zone}".rstrip()
                + f" ({where_en}).",
            )
        case "number":
            example = _LOCALES[step["locale"]]
            return (
                f"Angka dibaca seperti {example[0]} ({where_id}).",
                f"Numbers are read like {example[1]} ({where_en}).",
            )
        case "boolean":
            true, false = "/".join(step["true"]), "/".join(step["false"])
            return (
                f"{true} berarti ya, {false} berarti tidak ({where_id}).",
                f"{true} means yes, {false} means no ({where_en}).",
            )
        case "locale":
            return _PROFILES[step["profile"]]
        case "text":
            return (
                f"Angka dijadikan teks ({where_id}).",
                f"Numbers are turned into text ({where_en}).",
            )
        case "translate":
            words = ", ".join(f"{old} → {new}" for old, new in list(step["map"].items())[:8])
            return (
                f"Kode diterjemahkan: {words} ({where_id}).",
                f"Codes are translated: {words} ({where_en}).",
            )
        case _:
            return (
                "Baris yang persis sama dalam satu kiriman digabungkan.",
                "Exact repeats of a row in one batch are merged.",
            )


def _where(columns: Any) -> tuple[str, str]:
    if columns == "*" or columns is None:
        return "semua kolom", "all columns"
    names = ", ".join(columns)
    return f"kolom {names}", f"columns {names}"
