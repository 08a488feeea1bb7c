"""From a table of cells to the JSON records that the schema judges.

An empty cell is null where the schema allows null, else the property is absent.
"""

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from schemas.columns import Column
from schemas.gate.blocks import ErrorCell, Finding
from schemas.lexical import Memo, cell_reader
from schemas.steps.dates import written_as
from schemas.steps.pipeline import Table

_ABSENT = object()
_EXCEL_DIGITS = 10**15


def records_of(
    table: Table, columns: dict[str, Column], *, spreadsheet: bool
) -> tuple[list[dict[str, Any]], dict[int, list[Finding]]]:
    """One record per row, and what is wrong with cells before any schema is asked, by row index."""
    findings: dict[int, list[Finding]] = {}
    typed: list[list[Any]] = []
    for name, cells in table.items():
        typed.append(_column_values(columns[name], cells, findings, spreadsheet))
    names = list(table)
    records = [dict(zip(names, row, strict=True)) for row in zip(*typed, strict=True)]
    for name, values in zip(names, typed, strict=True):
        if not columns[name].nullable:
            for record in (records[i] for i, value in enumerate(values) if value is _ABSENT):
                del record[name]
    return records, findings


def _column_values(
    column: Column, cells: list[Any], findings: dict[int, list[Finding]], spreadsheet: bool
) -> list[Any]:
    empty = None if column.nullable else _ABSENT
    read = Memo(cell_reader(column))
    read[""] = empty
    if all(type(cell) is str for cell in cells):
        if column.textual:
            return [cell or empty for cell in cells]
        return [read[cell] for cell in cells]
    values = []
    for index, cell in enumerate(cells):
        if isinstance(cell, str):
            values.append(read[cell])
        elif cell is None:
            values.append(empty)
        else:
            finding = _wrong_cell(column, cell, spreadsheet)
            if finding:
                findings.setdefault(index, []).append(finding)
            values.append(_json_value(column, cell))
    return values


def _wrong_cell(column: Column, cell: Any, spreadsheet: bool) -> Finding | None:
    """What no schema can see in a JSON value: a failed formula, digits that Excel has lost."""
    pointer = f"/{column.name}"
    if isinstance(cell, ErrorCell):
        return Finding(column.name, pointer, "sel-galat", cell.text)
    if not spreadsheet or isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    textual = column.textual and not column.types & {"integer", "number"}
    if textual or abs(cell) >= _EXCEL_DIGITS:
        return Finding(column.name, pointer, "sel-angka", shown(cell))
    return None


def _json_value(column: Column, cell: Any) -> Any:
    match cell:
        case ErrorCell():
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
        case ErrorCell():
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
