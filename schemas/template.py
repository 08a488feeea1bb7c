"""An Excel workbook to fill in, made from a schema: what Excel can keep right it keeps right, and the gate reads
the filled workbook as it is, because its first row holds the schema's own names.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.sheets import letters
from schemas.guidance import Guide, guides

_LAST_ROW = 1_048_575
_INLINE = 255
_MESSAGE, _TITLE = 255, 32
_EXCEL_WHOLE = 999_999_999_999_999
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
_FORMATS = {"integer": "0", "number": "General", "boolean": "General", "date": "yyyy-mm-dd"}
_TEXT = "@"

_SHEETS = {"id": ("Data", "Petunjuk", "Daftar"), "en": ("Data", "Instructions", "Lists")}
_HEADINGS = {
    "id": ("Kolom", "Judul", "Jenis", "Wajib", "Yang diizinkan", "Contoh", "Arti"),
    "en": ("Column", "Title", "Kind", "Required", "Allowed", "Example", "Meaning"),
}
_WIDTHS = (26, 30, 18, 10, 48, 24, 60)
_STEPS = {
    "id": (
        "Isi lembar Data mulai baris 2, satu baris untuk satu rekaman.",
        "Jangan mengubah baris 1. Kolom yang tidak wajib boleh dikosongkan atau dihapus.",
        "Kolom teks sudah diformat sebagai Teks, sehingga nol di depan tidak hilang; tempel sebagai nilai.",
        "Kirim buku kerja ini apa adanya di halaman Publikasi. Lembar lain tidak dibaca.",
    ),
    "en": (
        "Fill in the sheet Data from row 2 on, one row for each record.",
        "Leave row 1 as it is. Columns that are not required may be left empty or deleted.",
        "Text columns are formatted as Text, so that leading zeros stay; paste as values.",
        "Send this workbook as it is on the page Publikasi. The other sheets are not read.",
    ),
}
_YES = {"id": ("ya", "tidak"), "en": ("yes", "no")}
_REFUSED = {"id": "Nilai tidak sesuai", "en": "Not a fitting value"}


def write_template(document: SchemaDocument, out: Path | IO[bytes], lang: str = "id") -> None:
    """Write the workbook; sentences in Indonesian (`id`) or English (`en`)."""
    lang = "en" if lang == "en" else "id"
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    target = str(out) if isinstance(out, Path) else out
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": document.title, "comments": document.id})
        _Template(book, document, lang).write()


@dataclass(frozen=True)
class _Looks:
    """Cell formats of the workbook."""

    required: Any
    optional: Any
    bold: Any
    wrapped: Any

    @classmethod
    def of(cls, book: Any) -> "_Looks":
        head = {"num_format": _TEXT, "bold": True, "border": 1, "valign": "top"}
        return cls(
            book.add_format({**head, "bg_color": "#1F4E5F", "font_color": "#FFFFFF"}),
            book.add_format({**head, "bg_color": "#E7EEF0", "font_color": "#1B1B1B"}),
            book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            book.add_format({"text_wrap": True, "valign": "top", "num_format": _TEXT}),
        )


class _Template:
    """One workbook being written: data, instructions, and a hidden sheet of long lists."""

    def __init__(self, book: Any, document: SchemaDocument, lang: str) -> None:
        self._book, self._document, self._lang = book, document, lang
        self._looks = _Looks.of(book)
        self._guides = guides(document, lang)
        data, guide, lists = _SHEETS[lang]
        self._data, self._guide = book.add_worksheet(data), book.add_worksheet(guide)
        self._lists_name, self._lists_used = lists, 0
        self._lists: Any = None

    def write(self) -> None:
        self._data.freeze_panes(1, 0)
        self._data.set_comments_author("Simpul")
        for place, guide in enumerate(self._guides):
            self._write_column(place, guide)
        self._write_instructions()

    def _write_column(self, place: int, guide: Guide) -> None:
        column = guide.column
        looks = self._looks.required if guide.required else self._looks.optional
        cells = self._book.add_format({"num_format": _number_format(column)})
        self._data.set_column(place, place, min(max(len(column.name) + 4, 14), 40), cells)
        self._data.write_string(0, place, column.name, looks)
        self._data.write_comment(0, place, _note(guide), {"x_scale": 2.5, "y_scale": 1.5})
        rule = self._choice(guide) or _limits(guide)
        if rule:
            said = {"error_title": _REFUSED[self._lang][:_TITLE], "error_message": _short(guide)}
            self._data.data_validation(1, place, _LAST_ROW, place, {**rule, **said})

    def _choice(self, guide: Guide) -> dict[str, Any] | None:
        """A drop-down; long lists, and those with commas, stand on a sheet of their own."""
        values = [_shown(value) for value in guide.choices]
        if not values:
            return None
        inline = not any("," in value or value != value.strip() for value in values)
        if inline and len(",".join(values)) <= _INLINE:
            return {"validate": "list", "source": values}
        return {"validate": "list", "source": self._listed(guide)}

    def _listed(self, guide: Guide) -> str:
        if self._lists is None:
            self._lists = self._book.add_worksheet(self._lists_name)
            self._lists.hide()
        place, self._lists_used = self._lists_used, self._lists_used + 1
        # The mark keeps the header from being taken for the schema's.
        self._lists.write_string(0, place, f"#{guide.column.name}")
        for row, value in enumerate(guide.choices, 1):
            if isinstance(value, str):
                self._lists.write_string(row, place, value)
            else:
                self._lists.write(row, place, value)
        letter = letters(place)
        return f"={self._lists_name}!${letter}$2:${letter}${len(guide.choices) + 1}"

    def _write_instructions(self) -> None:
        sheet, bold, wrapped = self._guide, self._looks.bold, self._looks.wrapped
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)
        title = self._document.title_en if self._lang == "en" else self._document.title
        sheet.write_string(0, 0, f"{title} ({self._document.name} {self._document.version})", bold)
        for row, step in enumerate(_STEPS[self._lang], 1):
            sheet.write_string(row, 0, f"{row}. {step}")
        start = len(_STEPS[self._lang]) + 2
        for place, heading in enumerate(_HEADINGS[self._lang]):
            sheet.write_string(start, place, heading, bold)
        for row, guide in enumerate(self._guides, start + 1):
            for place, text in enumerate(self._line(guide)):
                sheet.write_string(row, place, text, wrapped)

    def _line(self, guide: Guide) -> tuple[str, ...]:
        return (
            guide.column.name,
            guide.title,
            guide.kind,
            _YES[self._lang][0 if guide.required else 1],
            guide.allowed,
            guide.example,
            guide.about,
        )


def _number_format(column: Column) -> str:
    return _FORMATS.get(column.kind, _TEXT)


def _note(guide: Guide) -> str:
    parts = (guide.title, guide.about, guide.allowed, guide.example and f"({guide.example})")
    return "\n".join(part for part in parts if part)


def _short(guide: Guide) -> str:
    text = f"{guide.kind}. {guide.allowed}" if guide.allowed else guide.kind
    return text if len(text) <= _MESSAGE else f"{text[: _MESSAGE - 1]}…"


def _shown(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _limits(guide: Guide) -> dict[str, Any] | None:
    """What Excel can watch over besides a list; the rest is the gate's."""
    match guide.column.kind:
        case "boolean":
            return {"validate": "list", "source": ["TRUE", "FALSE"]}
        case "date":
            between = {"minimum": _FIRST_DAY, "maximum": _LAST_DAY}
            return {"validate": "date", "criteria": "between", **between}
        case "integer":
            return {"validate": "integer", **_bounds(guide.rules)}
        case "number":
            return {"validate": "decimal", **_bounds(guide.rules)}
        case "string":
            return _lengths(guide.rules)
        case _:
            return None


def _bounds(rules: dict[str, Any]) -> dict[str, Any]:
    """Within the schema's bounds and the fifteen digits that Excel keeps."""
    low = rules.get("minimum", rules.get("exclusiveMinimum", -_EXCEL_WHOLE))
    high = rules.get("maximum", rules.get("exclusiveMaximum", _EXCEL_WHOLE))
    return {
        "criteria": "between",
        "minimum": max(low, -_EXCEL_WHOLE),
        "maximum": min(high, _EXCEL_WHOLE),
    }


def _lengths(rules: dict[str, Any]) -> dict[str, Any] | None:
    low, high = rules.get("minLength", 0), rules.get("maxLength", 32_767)
    if (low, high) == (0, 32_767):
        return None
    between = {"minimum": low, "maximum": min(high, 32_767)}
    return {"validate": "length", "criteria": "between", **between}
