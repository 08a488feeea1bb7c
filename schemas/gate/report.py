"""The report for people: as CSV, one line per error, and as a workbook to correct and send back.

Of the workbook the second sheet holds the rejected rows alone, under the columns as they were received, every
cell text. Its two first columns begin with `#` and readers pass over them, so the corrected sheet can be sent
back as it is.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.limits import Limits

_CSV_HEADINGS = {
    "id": ("baris", "kolom", "aturan", "nilai", "pesan"),
    "en": ("row", "column", "rule", "value", "message"),
}
_SUMMARY = {
    "id": (
        "Ringkasan",
        "Kolom",
        "Judul",
        "Aturan",
        "Jumlah",
        "Baris pertama",
        "Contoh",
        "Penjelasan",
    ),
    "en": ("Summary", "Column", "Title", "Rule", "Count", "First rows", "Examples", "Explanation"),
}
_COUNTS = {
    "id": (("rows", "Baris"), ("accepted", "Diterima"), ("rejected", "Ditolak")),
    "en": (("rows", "Rows"), ("accepted", "Accepted"), ("rejected", "Rejected")),
}
_REJECTED = {"id": "Baris ditolak", "en": "Rejected rows"}
_EXCEL_ROWS = 1_048_575
_EXCEL_TEXT = 32_767
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(report_file: Path, quarantine_file: Path, lang: str = "id") -> Iterator[bytes]:
    """One line per error of every rejected row, UTF-8 with a mark for Excel; header errors have no row."""
    lang = _known(lang)
    yield b"\xef\xbb\xbf" + _csv_line(_CSV_HEADINGS[lang])
    report = json.loads(report_file.read_text(encoding="utf-8"))
    for error in report["header_errors"]:
        yield _csv_line(("", error["column"], error["rule"], "", error[f"message_{lang}"]))
    for row in _rows(quarantine_file):
        for error in row["errors"]:
            value = _harmless(_text(error["value"]))
            message = error[f"message_{lang}"]
            yield _csv_line((row["row"], error["column"], error["rule"], value, message))


def as_xlsx(
    document: SchemaDocument,
    report_file: Path,
    quarantine_file: Path,
    out: Path,
    lang: str = "id",
    limits: Limits | None = None,
) -> None:
    """Write the workbook: a summary by column and rule, then the rejected rows with bad cells red."""
    import xlsxwriter

    lang = _known(lang)
    report = json.loads(report_file.read_text(encoding="utf-8"))
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        _write_summary(book, document, report, lang)
        sheet = _RejectedSheet(book, report, quarantine_file, lang, limits or Limits())
        sheet.write(quarantine_file)


def _write_summary(book: Any, document: SchemaDocument, report: dict[str, Any], lang: str) -> None:
    name, *headings = _SUMMARY[lang]
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 3, 18)
    sheet.set_column(4, 5, 24, wrap)
    sheet.set_column(6, 6, 70, wrap)
    row = 0
    for count, label in _COUNTS[lang]:
        sheet.write_string(row, 0, label, bold)
        sheet.write_number(row, 1, report["counts"][count])
        row += 1
    row += 1
    for column, heading in enumerate(headings):
        sheet.write_string(row, column, heading, bold)
    for error in report["header_errors"]:
        row += 1
        sheet.write_string(row, 0, error["column"])
        sheet.write_string(row, 2, error["rule"])
        sheet.write_string(row, 6, error[f"message_{lang}"], wrap)
    for rule in report["by_rule"]:
        row += 1
        known = document.by_name.get(rule["column"])
        word = "x-title-en" if lang == "en" else "title"
        sheet.write_string(row, 0, rule["column"])
        sheet.write_string(row, 1, str(known.schema.get(word, "")) if known else "")
        sheet.write_string(row, 2, rule["rule"])
        sheet.write_number(row, 3, rule["count"])
        sheet.write_string(row, 4, ", ".join(map(str, rule["first_rows"])))
        sheet.write_string(row, 5, " · ".join(rule["examples"])[:_EXCEL_TEXT])
        sheet.write_string(row, 6, rule[f"message_{lang}"], wrap)


class _RejectedSheet:
    """The second sheet."""

    def __init__(
        self, book: Any, report: dict[str, Any], quarantine: Path, lang: str, limits: Limits
    ) -> None:
        self._lang = lang
        self._left_comments = limits.comments
        self._renamed: dict[str, str] = report.get("renamed", {})
        self._names = _received_names(quarantine)
        text = {"num_format": "@"}
        self._plain = book.add_format(text)
        self._red = book.add_format({**text, "bg_color": "#F8D0CC", "font_color": "#8A1C12"})
        self._head = book.add_format({**text, "bold": True})
        self._note = book.add_format({**text, "italic": True, "font_color": "#6B6B6B"})
        self._sheet = book.add_worksheet(_REJECTED[lang])
        self._sheet.set_column(0, 0, 8, self._plain)
        self._sheet.set_column(1, 1, 48, self._plain)
        self._sheet.set_column(2, len(self._names) + 1, 20, self._plain)
        self._sheet.freeze_panes(1, 2)

    def write(self, quarantine: Path) -> None:
        """The header, then a row for each rejected row as far as a sheet goes."""
        for index, name in enumerate((*REPORT_COLUMNS, *self._names)):
            self._sheet.write_string(0, index, name, self._head)
        for line, row in enumerate(_rows(quarantine), 1):
            if line > _EXCEL_ROWS:
                return
            self._write_row(line, row)

    def _write_row(self, line: int, row: dict[str, Any]) -> None:
        messages = [error[f"message_{self._lang}"] for error in row["errors"]]
        record = row["record"] if isinstance(row["record"], dict) else {}
        if not record:
            messages.append(_text(row["record"]))
        self._sheet.write_string(line, 0, str(row["row"]), self._note)
        self._sheet.write_string(line, 1, " ".join(messages)[:_EXCEL_TEXT], self._note)
        wrong: dict[str, list[str]] = {}
        for error in row["errors"]:
            wrong.setdefault(error["column"], []).append(error[f"message_{self._lang}"])
        for index, name in enumerate(self._names, 2):
            messages = wrong.get(self._renamed.get(name, name), [])
            look = self._red if messages else self._plain
            text = _text(record.get(name))[:_EXCEL_TEXT]
            if text:
                self._sheet.write_string(line, index, text, look)
            elif messages:
                self._sheet.write_blank(line, index, None, look)
            if messages and self._left_comments > 0:
                self._left_comments -= 1
                self._sheet.write_comment(line, index, " ".join(messages), {"x_scale": 2})


def _received_names(quarantine: Path) -> list[str]:
    """Columns of the rejected rows as received, in the order of their first appearance."""
    names: dict[str, None] = {}
    for row in _rows(quarantine):
        if isinstance(row["record"], dict):
            names.update(dict.fromkeys(row["record"]))
    return list(names)


def _rows(quarantine: Path) -> Iterator[dict[str, Any]]:
    with quarantine.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula; numbers with a sign stay as they are."""
    if not text.startswith(_FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _csv_line(cells: tuple[Any, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8")


def _known(lang: str) -> str:
    return "en" if lang == "en" else "id"
