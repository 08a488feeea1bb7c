"""The report as a workbook: a summary, then the rejected rows with bad cells red and a comment on each."""

from pathlib import Path
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.layout import Layout, known_language, origin_of
from schemas.gate.limits import Limits
from schemas.gate.quarantine import Wanted, all_of, head_of, rows_of

_SUMMARY = {
    "id": (
        "Ringkasan",
        "Kolom",
        "Judul",
        "Aturan",
        "Tingkat",
        "Jumlah",
        "Baris pertama",
        "Contoh",
        "Penjelasan",
    ),
    "en": (
        "Summary",
        "Column",
        "Title",
        "Rule",
        "Severity",
        "Count",
        "First rows",
        "Examples",
        "Explanation",
    ),
}
_COUNTS = {
    "id": (
        ("rows", "Baris"),
        ("accepted", "Diterima"),
        ("rejected", "Ditolak"),
        ("warnings", "Peringatan"),
    ),
    "en": (
        ("rows", "Rows"),
        ("accepted", "Accepted"),
        ("rejected", "Rejected"),
        ("warnings", "Warnings"),
    ),
}
_SEVERITIES = {
    "id": {"error": "galat", "warning": "peringatan"},
    "en": {"error": "error", "warning": "warning"},
}
_REJECTED = {"id": "Baris ditolak", "en": "Rejected rows"}
_ONLY_FIRST = {
    "id": "Lembar berikutnya memuat {rows} baris pertama saja. Kirim perbaikannya, lalu unduh lagi: "
    "sisanya menyusul. Semuanya sekaligus ada dalam CSV.",
    "en": "The next sheet holds the first {rows} rows only. Send them back corrected and download again: "
    "the others follow. All at once they are in the CSV.",
}
_FEW_COMMENTS = {
    "id": "Komentar ada pada {comments} sel merah pertama; sebab yang lain ada di kolom #kesalahan.",
    "en": "The first {comments} red cells have comments; the reasons of the others are in #kesalahan.",
}
_EXCEL_TEXT = 32_767


def as_xlsx(
    document: SchemaDocument,
    report_file: Path,
    quarantine_file: Path,
    out: Path,
    lang: str = "id",
    limits: Limits | None = None,
    wanted: Wanted = all_of,
) -> None:
    """Write the workbook: a summary by column and rule, then the rejected rows with bad cells red."""
    import xlsxwriter

    limits = limits or Limits()
    lang = known_language(lang)
    report = head_of(report_file)
    layout = Layout(document, report, quarantine_file, lang)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        _Summary(book, document, report, lang).write(limits)
        sheet = _RejectedSheet(book, layout, lang, limits)
        for line, row in enumerate(rows_of(document, quarantine_file, wanted), 1):
            if line > limits.sheet_rows:
                break
            sheet.write(line, row)


class _Summary:
    """The first sheet."""

    def __init__(
        self, book: Any, document: SchemaDocument, report: dict[str, Any], lang: str
    ) -> None:
        self._document, self._report, self._lang = document, report, lang
        name, *self._headings = _SUMMARY[lang]
        self._bold = book.add_format({"bold": True})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._sheet = book.add_worksheet(name)
        self._sheet.set_column(0, 4, 18)
        self._sheet.set_column(5, 6, 24, self._wrap)
        self._sheet.set_column(7, 7, 70, self._wrap)
        self._row = 0

    def write(self, limits: Limits) -> None:
        """Counts, what the workbook leaves out, and a line for every rule that was broken."""
        for count, label in _COUNTS[self._lang]:
            self._sheet.write_string(self._row, 0, label, self._bold)
            self._sheet.write_number(self._row, 1, self._report["counts"][count])
            self._row += 1
        for note in self._notes(limits):
            self._sheet.write_string(self._row, 0, note)
            self._row += 1
        self._row += 1
        for column, heading in enumerate(self._headings):
            self._sheet.write_string(self._row, column, heading, self._bold)
        for error in self._report["header_errors"]:
            self._line(error["column"], error, [], [])
        for rule in self._report["by_rule"]:
            self._line(rule["column"], rule, rule["first_rows"], rule["examples"])

    def _notes(self, limits: Limits) -> list[str]:
        counts, notes = self._report["counts"], []
        if counts["rejected"] > limits.sheet_rows:
            notes.append(_ONLY_FIRST[self._lang].format(rows=limits.sheet_rows))
        if counts["errors"] > limits.comments:
            notes.append(_FEW_COMMENTS[self._lang].format(comments=limits.comments))
        return notes

    def _line(
        self, column: str, rule: dict[str, Any], rows: list[int], examples: list[str]
    ) -> None:
        self._row += 1
        known = self._document.by_name.get(column)
        word = "x-title-en" if self._lang == "en" else "title"
        texts = (column, str(known.schema.get(word, "")) if known else "", rule["rule"])
        for index, text in enumerate(texts):
            self._sheet.write_string(self._row, index, text[:_EXCEL_TEXT])
        severity = _SEVERITIES[self._lang][rule.get("severity", "error")]
        self._sheet.write_string(self._row, 3, severity)
        if "count" in rule:
            self._sheet.write_number(self._row, 4, rule["count"])
        self._sheet.write_string(self._row, 5, ", ".join(map(str, rows)))
        self._sheet.write_string(self._row, 6, " · ".join(examples)[:_EXCEL_TEXT])
        message = rule[f"message_{self._lang}"][:_EXCEL_TEXT]
        self._sheet.write_string(self._row, 7, message, self._wrap)


class _RejectedSheet:
    """The second sheet."""

    def __init__(self, book: Any, layout: Layout, lang: str, limits: Limits) -> None:
        self._layout, self._lang = layout, lang
        self._left_comments = limits.comments
        text = {"num_format": "@"}
        self._plain = book.add_format(text)
        self._red = book.add_format({**text, "bg_color": "#F8D0CC", "font_color": "#8A1C12"})
        self._yellow = book.add_format({**text, "bg_color": "#FBE8C0", "font_color": "#5C3900"})
        self._note = book.add_format({**text, "italic": True, "font_color": "#6B6B6B"})
        head = book.add_format({**text, "bold": True})
        self._sheet = book.add_worksheet(_REJECTED[lang])
        self._sheet.set_column(0, 0, 8, self._plain)
        self._sheet.set_column(1, 1, 48, self._plain)
        self._sheet.set_column(2, len(layout.names) + 1, 20, self._plain)
        self._sheet.freeze_panes(1, 2)
        for index, name in enumerate((*REPORT_COLUMNS, *layout.names)):
            self._sheet.write_string(0, index, name, head)

    def write(self, line: int, row: dict[str, Any]) -> None:
        """One rejected row."""
        self._sheet.write_string(line, 0, origin_of(row), self._note)
        self._sheet.write_string(line, 1, self._layout.said(row)[:_EXCEL_TEXT], self._note)
        wrong = self._layout.wrong(row)
        cells = zip(self._layout.names, self._layout.cells(row), strict=True)
        for index, (name, text) in enumerate(cells, 2):
            errors = wrong.get(name, [])
            look = self._look(errors)
            if text:
                self._sheet.write_string(line, index, text[:_EXCEL_TEXT], look)
            elif errors:
                self._sheet.write_blank(line, index, None, look)
            if errors and self._left_comments > 0:
                self._left_comments -= 1
                message = " ".join(error[f"message_{self._lang}"] for error in errors)
                self._sheet.write_comment(line, index, message, {"x_scale": 2})

    def _look(self, errors: list[dict[str, Any]]) -> Any:
        if not errors:
            return self._plain
        warned = all(error.get("severity") == "warning" for error in errors)
        return self._yellow if warned else self._red
