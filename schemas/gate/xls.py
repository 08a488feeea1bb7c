"""XLS (BIFF2 to BIFF8) through xlrd, which tells a failed formula from an empty cell (ADR 12)."""

import io
import struct
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import xlrd
from xlrd.biffh import XLRDError, error_text_from_code
from xlrd.compdoc import CompDocError
from xlrd.sheet import Sheet as _Sheet

from schemas.errors import UnreadableFile
from schemas.gate.blocks import ErrorCell
from schemas.gate.limits import Limits
from schemas.gate.sheets import SEARCHED, Hidden, Merged, Row, damaged, locked

# What xlrd lets through from bytes that are no workbook.
_DAMAGED = (
    XLRDError, CompDocError, struct.error, AssertionError, LookupError, ValueError, TypeError,
    AttributeError, ArithmeticError, EOFError, OSError,
)  # fmt: skip


class XlsBook:
    """Opened at once, sheets read when asked for; raises UnreadableFile."""

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._book = xlrd.open_workbook(
                file_contents=path.read_bytes(),
                logfile=io.StringIO(),
                on_demand=True,
                ragged_rows=True,
                formatting_info=True,  # without it hidden rows and columns are not told
            )
        except _DAMAGED as error:
            raise _said(error) from error

    @property
    def names(self) -> list[str]:
        return list(self._book.sheet_names())

    def sheet(self, name: str) -> "XlsSheet":
        try:
            return XlsSheet(self._book.sheet_by_name(name), self._book.datemode)
        except _DAMAGED as error:
            raise _said(error) from error


class XlsSheet:
    """A sheet in memory; its cells refer to the workbook's texts, so a repeated one is held once."""

    left = 0

    def __init__(self, sheet: _Sheet, datemode: Literal[0, 1]) -> None:
        self._sheet, self._datemode = sheet, datemode
        self.name: str = sheet.name
        rows = sum(bool(info.hidden) for info in sheet.rowinfo_map.values())
        columns = sum(bool(info.hidden) for info in sheet.colinfo_map.values())
        self.hidden = Hidden(rows, columns)

    @property
    def merged(self) -> tuple[Merged, ...]:
        ranges = self._sheet.merged_cells
        return tuple((first, left, end - 1, right - 1) for first, end, left, right in ranges)

    def top(self) -> list[Row]:
        return list(islice(self.rows(), SEARCHED))

    def rows(self) -> Iterator[Row]:
        for number in range(self._sheet.nrows):
            kinds, values = self._sheet.row_types(number), self._sheet.row_values(number)
            yield [self._cell(*cell) for cell in zip(kinds, values, strict=True)]

    def _cell(self, kind: int, value: Any) -> Any:
        match kind:
            case xlrd.XL_CELL_TEXT | xlrd.XL_CELL_NUMBER:
                return value
            case xlrd.XL_CELL_BOOLEAN:
                return bool(value)
            case xlrd.XL_CELL_DATE:
                return self._moment(value)
            case xlrd.XL_CELL_ERROR:
                return ErrorCell(error_text_from_code.get(value, "#galat"))
            case _:
                return ""

    def _moment(self, value: float) -> Any:
        """A date or a time of day; a number that no calendar has stays one."""
        try:
            moment: datetime = xlrd.xldate_as_datetime(value, self._datemode)
        except (OverflowError, ValueError):
            return value
        if 0 <= value < 1:
            return moment.time()
        return moment.date() if moment.time() == datetime.min.time() else moment


def _said(error: Exception) -> UnreadableFile:
    return locked() if "encrypted" in str(error) else damaged(str(error))
