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
    match step["step"]:
        case "rename":
            moves = ", ".join(f"{old} → {new}" for old, new in step["columns"].items())
            return f"Nama kolom diganti: {moves}.", f"Columns are renamed: {moves}."
        case "drop":
            where_id, where_en = _where(step["columns"])
            return f"{where_id} dibuang.", f"{where_en} dropped."
        case "locale":
            return _PROFILES[step["profile"]]
        case "distinct":
            return (
                "Baris yang persis sama dalam satu kiriman digabungkan.",
                "Exact repeats of a row in one batch are merged.",
            )
        case _:
            where_id, where_en = _where(step.get("columns"))
            change_id, change_en = _change(step)
            return f"{change_id} ({where_id}).", f"{change_en} ({where_en})."


def _change(step: dict[str, Any]) -> tuple[str, str]:
    """What becomes of the cells of some columns, the columns left out."""
    match step["step"]:
        case "trim":
            return "Spasi di awal dan akhir dibuang", "Spaces at both ends are cut"
        case "empty":
            words = ", ".join("null" if v is None else f"“{v}”" for v in step["values"])
            return f"{words} berarti kosong", f"{words} means empty"
        case "split":
            marks = " ".join(step["separators"])
            return (
                f"Beberapa nilai yang dipisah {marks} ditulis dengan ;",
                f"Several values separated by {marks} are written with ;",
            )
        case "date":
            forms = ", ".join(step["forms"])
            to = f"{step['to']} {step.get('zone', '')}".rstrip()
            return (
                f"Tanggal dalam bentuk {forms} dijadikan {to}",
                f"Dates in the forms {forms} become {to}",
            )
        case "number":
            example_id, example_en = _LOCALES[step["locale"]]
            return f"Angka dibaca seperti {example_id}", f"Numbers are read like {example_en}"
        case "boolean":
            true, false = "/".join(step["true"]), "/".join(step["false"])
            return (
                f"{true} berarti ya, {false} berarti tidak",
                f"{true} means yes, {false} means no",
            )
        case "text":
            return "Angka dijadikan teks", "Numbers are turned into text"
        case _:
            words = ", ".join(f"{old} → {new}" for old, new in list(step["map"].items())[:8])
            return f"Kode diterjemahkan: {words}", f"Codes are translated: {words}"


def _where(columns: Any) -> tuple[str, str]:
    if columns == "*" or columns is None:
        return "semua kolom", "all columns"
    names = ", ".join(columns)
    return f"kolom {names}", f"columns {names}"
