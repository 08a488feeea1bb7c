"""The report for people: as CSV, one line per error, and the rejected rows to correct and send back.

The rejected rows come as a workbook (its second sheet) or as CSV, under the columns as they were received,
every cell text. Their two first columns begin with `#` and readers pass over them, so that what was
corrected can be sent back as it is; the hub takes the row's number from the first.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.layout import Layout, known_language, origin_of, text_of
from schemas.gate.marking import as_xlsx
from schemas.gate.quarantine import Wanted, all_of, head_of, rows_of

__all__ = ["as_csv", "as_xlsx", "rows_as_csv"]

_CSV_HEADINGS = {
    "id": ("baris", "kolom", "aturan", "nilai", "pesan", "tingkat", "sel"),
    "en": ("row", "column", "rule", "value", "message", "severity", "cell"),
}
_SEVERITIES = {
    "id": {"error": "galat", "warning": "peringatan"},
    "en": {"error": "error", "warning": "warning"},
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARK = b"\xef\xbb\xbf"
"""Tells Excel that the text is UTF-8."""


def as_csv(
    document: SchemaDocument,
    report_file: Path,
    quarantine_file: Path,
    lang: str = "id",
    wanted: Wanted = all_of,
) -> Iterator[bytes]:
    """One line per error of every rejected row, UTF-8 with a mark for Excel.

    Header errors have no row; what accepted rows were only warned of is told by rule.
    """
    lang = known_language(lang)
    severity = _SEVERITIES[lang]
    yield _MARK + _csv_line(_CSV_HEADINGS[lang])
    report = head_of(report_file)
    letters: dict[str, str] = report.get("cells", {})
    for error in report["header_errors"]:
        message = error[f"message_{lang}"]
        yield _csv_line(("", error["column"], error["rule"], "", message, severity["error"], ""))
    for rule in report["by_rule"]:
        if rule["severity"] == "warning":
            message = f"{rule['count']} × {rule[f'message_{lang}']}"
            yield _csv_line(
                ("", rule["column"], rule["rule"], "", message, severity["warning"], "")
            )
    for row in rows_of(document, quarantine_file, wanted):
        for error in row["errors"]:
            value = _harmless(text_of(error["value"]))
            message = error[f"message_{lang}"]
            level = severity[error.get("severity", "error")]
            letter = letters.get(error["column"], "")
            cell = f"{letter}{row['row']}" if letter else ""
            yield _csv_line(
                (row["row"], error["column"], error["rule"], value, message, level, cell)
            )


def rows_as_csv(
    document: SchemaDocument,
    report_file: Path,
    quarantine_file: Path,
    lang: str = "id",
    wanted: Wanted = all_of,
) -> Iterator[bytes]:
    """The rejected rows to correct and send back: every cell as it was received, unchanged."""
    layout = Layout(document, head_of(report_file), quarantine_file, lang)
    yield _MARK + _csv_line((*REPORT_COLUMNS, *layout.names))
    for row in rows_of(document, quarantine_file, wanted):
        yield _csv_line((origin_of(row), _harmless(layout.said(row)), *layout.cells(row)))


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
    return line.getvalue().encode("utf-8", "replace")
