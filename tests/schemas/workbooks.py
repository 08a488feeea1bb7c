"""The same small workbook as XLSX, XLS and ODS, with failed formulas, hidden rows and dates as people make them."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import xlwt

Cells = Sequence[Sequence[Any]]
FAILED = "=galat"
"""A cell with this text is written as a formula that failed with #DIV/0!."""
_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
) + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'  # fmt: skip


def make(
    folder: Path,
    form: str,
    sheets: Mapping[str, Cells],
    *,
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
) -> Path:
    """Write the workbook; hidden rows and columns are those of every sheet, from 0."""
    path = folder / f"buku.{form}"
    write = {"xlsx": _xlsx, "xls": _xls, "ods": _ods}[form]
    write(path, sheets, hidden_rows, hidden_columns)
    return path


def _xlsx(path: Path, sheets: Mapping[str, Cells], rows: Sequence[int], columns: Sequence[int]) -> None:  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for r in rows:
                sheet.set_row(r, None, None, {"hidden": True})
            for c in columns:
                sheet.set_column(c, c, None, None, {"hidden": True})
            for r, row in enumerate(cells):
                for c, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(r, c, cell, day)
                    elif cell == FAILED:
                        sheet.write_formula(r, c, "=1/0", None, "#DIV/0!")
                    elif cell is not None:
                        sheet.write(r, c, cell)


def _xls(path: Path, sheets: Mapping[str, Cells], rows: Sequence[int], columns: Sequence[int]) -> None:  # fmt: skip
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, cells in sheets.items():
        sheet = book.add_sheet(name)
        for c in columns:
            sheet.col(c).hidden = True
        for r, row in enumerate(cells):
            for c, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write(r, c, cell, day)
                elif cell == FAILED:
                    sheet.write(r, c, xlwt.Formula("1/0"))
                elif cell is not None:
                    sheet.write(r, c, cell)
        for r in rows:
            sheet.row(r).hidden = True
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(_with_failures(out.getvalue()))


def _with_failures(content: bytes) -> bytes:
    """xlwt leaves the results of formulas empty; Excel writes the error #DIV/0! (7) into the record."""
    empty, failed = b"\x03\0\0\0\0\0\xff\xff", b"\x02\0\x07\0\0\0\xff\xff"
    record = re.compile(rb"(\x06\x00[\x16-\x3c]\x00.{6})" + re.escape(empty), re.DOTALL)
    return record.sub(lambda match: match[1] + failed, content)


def _ods(path: Path, sheets: Mapping[str, Cells], rows: Sequence[int], columns: Sequence[int]) -> None:  # fmt: skip
    tables = "".join(_table(name, cells, rows, columns) for name, cells in sheets.items())
    path.write_bytes(ods_of(tables))


def ods_of(tables: str, head: str = "") -> bytes:
    """The package around the tables of a content.xml."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content {_NAMESPACES}>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return out.getvalue()


def _table(name: str, cells: Cells, rows: Sequence[int], columns: Sequence[int]) -> str:
    width = max(map(len, cells), default=0)
    defined = "".join(
        f"<table:table-column{_hiding(c in columns)}/>" for c in range(width)
    ) + '<table:table-column table:number-columns-repeated="16000"/>'  # fmt: skip
    body = "".join(
        f"<table:table-row{_hiding(r in rows)}>{''.join(map(_cell, row))}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for r, row in enumerate(cells)
    )
    return (
        f"<table:table table:name={quoteattr(name)}>{defined}{body}"
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )


def _hiding(hidden: bool) -> str:
    return ' table:visibility="collapse"' if hidden else ""


def _cell(value: Any) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            return _typed("boolean", f'office:boolean-value="{str(value).lower()}"', str(value))
        case int() | float():
            return _typed("float", f'office:value="{value}"', str(value))
        case datetime() | date():
            return _typed("date", f'office:date-value="{value.isoformat()}"', "tampilan")
        case _ if value == FAILED:
            return (
                '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
                'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
                "</table:table-cell>"
            )
        case _:
            return _typed("string", "", value)


def _typed(kind: str, value: str, text: str) -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" {value}><text:p>{escape(text)}</text:p>'
        "</table:table-cell>"
    )
