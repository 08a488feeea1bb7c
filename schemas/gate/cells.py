"""From a table of cells to the JSON records that the schema judges.

An empty cell is null where the schema allows null, else the property is absent.
"""

import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from schemas.columns import Column
from schemas.gate.blocks import ErrorCell, FarCell, Finding
from schemas.gate.rows import Rows
from schemas.lexical import Memo, cell_reader
from schemas.steps.dates import written_as
from schemas.steps.pipeline import Table

_EXCEL_DIGITS = 10**15
_WHOLE_CELLS = re.compile(r"(?:(?:-?(?:0|[1-9][0-9]{0,17}))?\n)*+", re.ASCII)
_PLAIN_CELLS = re.compile(r"(?:(?:-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?)?\n)*+", re.ASCII)


def rows_of(
    table: Table, columns: dict[str, Column], *, typed: bool, spreadsheet: bool
) -> tuple[Rows, dict[int, list[Finding]]]:
    """The rows, and what is wrong with cells before any schema is asked, by row index.

    `typed` says that cells may be something else than text.
    """
    findings: dict[int, list[Finding]] = {}
    values = {
        name: _typed_values(columns[name], cells, findings, spreadsheet)
        if typed
        else _text_values(columns[name], cells)
        for name, cells in table.items()
    }
    names = tuple(values)
    records = [dict(zip(names, row)) for row in zip(*values.values(), strict=True)]  # noqa: B905 - equal by construction, and in the innermost loop
    for name, column in values.items():
        if not columns[name].nullable and None in column:
            for index, value in enumerate(column):
                if value is None:
                    del records[index][name]
    return Rows(records, values), findings


def _text_values(column: Column, cells: list[str]) -> list[Any]:
    """JSON values of text cells, None for an empty one."""
    if column.textual:
        return [cell or None for cell in cells]
    return _plain_numbers(column, cells) or _read_all(column, cells)


def _plain_numbers(column: Column, cells: list[str]) -> list[Any] | None:
    """The numbers of a column of short plain ones; None if a cell is anything else."""
    pattern, number = {
        "integer": (_WHOLE_CELLS, int),
        "number": (_PLAIN_CELLS, float),
    }.get(column.kind, (None, int))
    if pattern is None or not pattern.fullmatch("\n".join(cells) + "\n"):
        return None
    try:
        return [number(cell) if cell else None for cell in cells]
    except ValueError:  # a cell of two lines passes for two cells
        return None


def _read_all(column: Column, cells: list[str]) -> list[Any]:
    read = Memo(cell_reader(column))
    read[""] = None
    return [read[cell] for cell in cells]


def _typed_values(
    column: Column, cells: list[Any], findings: dict[int, list[Finding]], spreadsheet: bool
) -> list[Any]:
    read = Memo(cell_reader(column))
    read[""] = None
    values = []
    for index, cell in enumerate(cells):
        if isinstance(cell, str):
            values.append(read[cell])
        elif cell is None:
            values.append(None)
        else:
            finding = _wrong_cell(column, cell, spreadsheet)
            if finding:
                findings.setdefault(index, []).append(finding)
            values.append(_json_value(column, cell))
    return values


def _wrong_cell(column: Column, cell: Any, spreadsheet: bool) -> Finding | None:
    """What no schema can see in a JSON value: a failed formula, digits that Excel has lost, a year of no calendar."""
    pointer = f"/{column.name}"
    if isinstance(cell, ErrorCell):
        return Finding(column.name, pointer, "sel-galat", cell.text)
    if isinstance(cell, FarCell):
        return Finding(column.name, pointer, "di-luar-jangkauan", cell.text)
    if not spreadsheet or isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    textual = column.textual and not column.types & {"integer", "number"}
    if textual or abs(cell) >= _EXCEL_DIGITS:
        return Finding(column.name, pointer, "sel-angka", shown(cell))
    return None


def _json_value(column: Column, cell: Any) -> Any:
    match cell:
        case ErrorCell() | FarCell():
            return cell.text
        case float() if not math.isfinite(cell):
            return shown(cell)
        case float() if cell.is_integer() and "integer" in column.types:
            return int(cell)
        case date():
            return _written_date(column, cell)
        case bytes():
            return cell.decode("utf-8", "replace")
        case _:
            return cell


def _written_date(column: Column, cell: date) -> str:
    if column.kind == "date" and (not isinstance(cell, datetime) or _at_midnight(cell)):
        return written_as(cell, "date", None) or ""
    if column.kind == "date-time" and isinstance(cell, datetime):
        return written_as(cell, "date-time", None) or cell.isoformat()
    return cell.isoformat()


def _at_midnight(moment: datetime) -> bool:
    return moment.time() == datetime.min.time()


def shown(value: Any) -> Any:
    """A value as JSON can carry it and as a person would have typed it."""
    match value:
        case ErrorCell() | FarCell():
            return value.text
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else ("-" if value < 0 else "") + "Infinity"
        case float() if value.is_integer() and abs(value) < 1e22:
            return int(value)
        case Decimal():
            return str(value)
        case datetime() if _at_midnight(value) and value.tzinfo is None:
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return value
