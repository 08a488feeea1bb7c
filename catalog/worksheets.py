"""Arrow rows as an XLSX worksheet: text stays text, whatever it looks like."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter

from catalog.errors import ExportTooLarge

MAX_ROWS = 1_048_576
"""Rows of a worksheet, the header included (ECMA-376, and Excel's own limit)."""

MAX_CELL = 32_767
_EXACT = 10**15
"""Excel keeps 15 digits; longer integers are written as text so that none is lost."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}


def write_worksheet(target: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """One sheet with a header row; raise ExportTooLarge when the rows do not fit."""
    workbook = xlsxwriter.Workbook(str(target), _OPTIONS)
    try:
        sheet = workbook.add_worksheet("Data")
        head = workbook.add_format({"bold": True})
        for place, name in enumerate(schema.names):
            sheet.write_string(0, place, name, head)
        sheet.freeze_panes(1, 0)
        put = [_cell(sheet, workbook, field.type) for field in schema]
        row = 0
        for batch in batches:
            if row + batch.num_rows >= MAX_ROWS:
                raise ExportTooLarge(row + batch.num_rows, MAX_ROWS - 1)
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                row += 1
                for place, value in enumerate(values):
                    if value is not None:
                        put[place](row, place, value)
    finally:
        workbook.close()


def _cell(sheet: Any, workbook: Any, type_: pa.DataType) -> Callable[[int, int, Any], None]:
    """The function that writes values of this type."""
    if pa.types.is_boolean(type_):
        return lambda row, place, value: sheet.write_boolean(row, place, value)
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_) or pa.types.is_floating(type_):
        return lambda row, place, value: _number(sheet, row, place, value)
    if pa.types.is_date(type_):
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        return lambda row, place, value: _moment(sheet, row, place, value, day)
    if pa.types.is_timestamp(type_):
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        return lambda row, place, value: _moment(
            sheet, row, place, value.replace(tzinfo=None), moment
        )
    return lambda row, place, value: sheet.write_string(row, place, str(value)[:MAX_CELL])


def _number(sheet: Any, row: int, place: int, value: Any) -> None:
    if abs(value) >= _EXACT and not isinstance(value, float):
        sheet.write_string(row, place, str(value))
    else:
        sheet.write_number(row, place, value)


def _moment(sheet: Any, row: int, place: int, value: Any, form: Any) -> None:
    if value.year < 1900:
        # A worksheet's calendar begins in 1900.
        sheet.write_string(row, place, value.isoformat())
    else:
        sheet.write_datetime(row, place, value, form)
