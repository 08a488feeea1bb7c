"""The table of an untidy sheet as a workbook that the gate reads: the rows and numbers of the sheet stay."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from schemas.drafting.layout import Table
from schemas.gate.cells import shown


def write_table(table: Table, path: Path, *, compact: bool = False) -> None:
    """One sheet with the headings and the rows of the table.

    Rows keep their number of the sheet they come from; `compact` closes the gaps between them.
    """
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    ) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet((table.sheet or "Data")[:31])
        top = 0 if compact else table.header_row - 1
        for column, heading in enumerate(table.headings):
            sheet.write_string(top, column, heading, bold)
        for index, (number, row) in enumerate(table.rows, 1):
            line = index if compact else number - 1
            for column, cell in enumerate(row):
                _write(sheet, line, column, cell, day, moment)


def _write(sheet: Any, row: int, column: int, cell: Any, day: Any, moment: Any) -> None:
    match cell:
        case "":
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int() | float():
            sheet.write_number(row, column, cell)
        case datetime():
            whole = cell.time() == datetime.min.time()
            sheet.write_datetime(row, column, cell.replace(tzinfo=None), day if whole else moment)
        case date():
            sheet.write_datetime(row, column, cell, day)
        case _:
            sheet.write_string(row, column, str(shown(cell)))
