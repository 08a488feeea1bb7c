"""Lists that leave as files: CSV and XLSX, in which no text becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Rows = Iterable[Sequence[Any]]


def as_csv(header: Sequence[str], rows: Rows) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue().encode()


def as_xlsx(name: str, header: Sequence[str], rows: Rows) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, header, book.add_format({"bold": True, "bottom": 1}))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, _text(value))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header), 22)
    return out.getvalue()


def _harmless(value: Any) -> str:
    text = _text(value)
    risky = isinstance(value, str) and text.startswith(FORMULAS)
    return f"'{text}" if risky else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)
