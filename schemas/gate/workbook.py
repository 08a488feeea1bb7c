"""XLSX: cells keep the type a person gave them, and what Excel has spoilt is not taken silently."""

import re
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.blocks import Block, Broken, ErrorCell, Finding
from schemas.gate.cells import shown
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.gate.package import damaged, sheet_part, weigh

_ROWS = 10_000
_SEARCHED = 100
_PLACE = re.compile(r"([A-Z]+)([0-9]+)")


class WorkbookReader:
    """One sheet of a workbook: its first row with content is the header, numbers are the sheet's rows.

    Without a name the first sheet is taken that has most of the `known` column names.
    """

    typed = True
    spreadsheet = True

    def __init__(self, path: Path, known: set[str], limits: Limits, sheet: str | None) -> None:
        errors = weigh(path, limits)
        try:
            self._book = CalamineWorkbook.from_path(str(path))
            self._sheet = self._named(sheet) if sheet else self._likeliest(known)
        except PasswordError as error:
            raise UnreadableFile(
                "Buku kerja dilindungi kata sandi.", "The workbook is protected by a password."
            ) from error
        except (CalamineError, OSError) as error:
            raise damaged(str(error)) from error
        if self._sheet.width > limits.columns:
            raise FileTooLarge(
                f"Lembar mempunyai lebih dari {limits.columns} kolom.",
                f"The sheet has more than {limits.columns} columns.",
            )
        part = sheet_part(path, self._sheet.name)
        self._errors = _places(errors.get(part or "", []))
        self._left = self._sheet.start[1] if self._sheet.start else 0
        self._head_row, head = _first_row(self._sheet)
        if not head:
            raise UnreadableFile(
                f"Lembar {self._sheet.name} kosong.", f"The sheet {self._sheet.name} is empty."
            )
        self.header: list[str] | None = head

    def notes(self) -> list[Note]:
        name = self._sheet.name
        return [Note("sheet", name, f"Lembar yang dibaca: {name}.", f"Sheet read: {name}.")]

    def blocks(self) -> Iterator[Block]:
        rows = islice(self._sheet.iter_rows(), self._head_row, None)
        number = self._head_row
        while some := list(islice(rows, _ROWS)):
            yield self._block(some, number + 1)
            number += len(some)

    def _block(self, rows: list[list[Any]], first: int) -> Block:
        header = self.header or []
        width = len(header)
        own = [i for i, name in enumerate(header) if name not in REPORT_COLUMNS]
        filled: list[tuple[int, list[Any]]] = []
        broken: list[Broken] = []
        for number, row in enumerate(rows, first):
            self._show_errors(row, number)
            if any(cell != "" for cell in row[width:]):
                finding = Finding("", "", "baris-tidak-utuh", _filled(row), width)
                broken.append(Broken(number, [shown(_cell(cell)) for cell in row], finding))
            elif any(row[i] != "" for i in own):
                filled.append((number, row))
        columns = zip(*(row[:width] for _, row in filled), strict=True) if filled else [()] * width
        table = {n: [_cell(c) for c in cells] for n, cells in zip(header, columns, strict=True)}
        return Block([number for number, _ in filled], table=table, broken=tuple(broken))

    def _show_errors(self, row: list[Any], number: int) -> None:
        """Put failed formulas where the reader left an empty cell."""
        for column, text in self._errors.get(number, ()):
            index = column - self._left
            if 0 <= index < len(row):
                row[index] = ErrorCell(text)

    def _named(self, name: str) -> CalamineSheet:
        if name not in self._book.sheet_names:
            names = ", ".join(self._book.sheet_names)
            raise UnreadableFile(
                f"Tidak ada lembar {name}; yang ada: {names}.",
                f"There is no sheet {name}; there are: {names}.",
            )
        return self._book.get_sheet_by_name(name)

    def _likeliest(self, known: set[str]) -> CalamineSheet:
        if not self._book.sheet_names:
            raise damaged("no sheet")
        sheets = [self._book.get_sheet_by_name(name) for name in self._book.sheet_names[:50]]
        return max(sheets, key=lambda sheet: len(known & set(_first_row(sheet)[1])))


def _first_row(sheet: CalamineSheet) -> tuple[int, list[str]]:
    """The number of the first row with content, and its texts without empty ones at the end."""
    for number, row in enumerate(islice(sheet.iter_rows(), _SEARCHED), 1):
        names = [_heading(cell) for cell in row]
        while names and not names[-1]:
            names.pop()
        if names:
            return number, names
    return 0, []


def _filled(row: list[Any]) -> int:
    """Width of a row up to its last cell with content."""
    return max(index for index, cell in enumerate(row, 1) if cell != "")


def _heading(cell: Any) -> str:
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()


def _cell(cell: Any) -> Any:
    """Times and durations, which no column holds, as text; the rest as the reader gives it."""
    match cell:
        case time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return cell


def _places(errors: list[tuple[str, str]]) -> dict[int, list[tuple[int, str]]]:
    """`B7` as column 1 in row 7, with the text of the error."""
    places: dict[int, list[tuple[int, str]]] = {}
    for address, text in errors:
        match = _PLACE.fullmatch(address)
        if match:
            column = 0
            for letter in match[1]:
                column = column * 26 + ord(letter) - 64
            places.setdefault(int(match[2]), []).append((column - 1, text))
    return places
