"""ODS, read as a stream: the sheet's XML says what a cell holds, what failed and how often it is repeated.

A few bytes can say that a cell is repeated a thousand million times; what is asked for is therefore counted
while it is read, and rows are made one by one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any
from xml.parsers import expat

from schemas.errors import FileTooLarge
from schemas.gate.blocks import ErrorCell
from schemas.gate.limits import Limits
from schemas.gate.package import pieces, weigh
from schemas.gate.sheets import SEARCHED, Hidden, Merged, Row, bomb, damaged, locked, too_wide

_CONTENT = "content.xml"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_TABLE, _OFFICE, _TEXT = (f"{_OASIS}:{name}:1.0 " for name in ("table", "office", "text"))
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_ROWS = 1_048_576
_MERGED = 10_000
_FAILED = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:[0-9]{3}", re.ASCII)
_DURATION = re.compile(r"PT(\d{1,5})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S", re.ASCII)
_SHEETS, _SHEET = f"{_OFFICE}spreadsheet", f"{_TABLE}table"
_ROW, _COLUMN = f"{_TABLE}table-row", f"{_TABLE}table-column"
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_ROWS_REPEATED, _COLUMNS_REPEATED = (
    f"{_TABLE}number-{what}-repeated" for what in ("rows", "columns")
)
_ROWS_SPANNED, _COLUMNS_SPANNED = (f"{_TABLE}number-{what}-spanned" for what in ("rows", "columns"))
_PARAGRAPH, _SPACE, _COUNT = f"{_TEXT}p", f"{_TEXT}s", f"{_TEXT}c"
_SPACES = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_KIND, _ERROR, _FORMULA = f"{_OFFICE}value-type", f"{_CALC}value-type", f"{_TABLE}formula"
_VALUE, _DATE, _TIME, _TRUTH, _STRING = (
    f"{_OFFICE}{what}"
    for what in ("value", "date-value", "time-value", "boolean-value", "string-value")
)

Found = tuple[int, Row]
"""A row, and how often it is repeated."""


class OdsBook:
    """Read through once to know its sheets; raises UnreadableFile, FileTooLarge."""

    def __init__(self, path: Path, limits: Limits) -> None:
        weigh(path, limits, _refuse_encrypted)
        self._sheets: dict[str, OdsSheet] = {}
        content = _Content(limits)
        for _ in content.read(path):
            for table, found in content.taken():
                sheet = self._sheets.setdefault(table, OdsSheet(table, path, limits))
                sheet.see(found)
        for name, about in content.tables.items():
            sheet = self._sheets.setdefault(name, OdsSheet(name, path, limits))
            sheet.hidden = Hidden(about.hidden_rows, about.hidden_columns)
            sheet.merged = tuple(about.merged)

    @property
    def names(self) -> list[str]:
        return list(self._sheets)

    def sheet(self, name: str) -> "OdsSheet":
        return self._sheets[name]


class OdsSheet:
    """One table of the document."""

    left = 0

    def __init__(self, name: str, path: Path, limits: Limits) -> None:
        self.name, self._path, self._limits = name, path, limits
        self.hidden = Hidden()
        self.merged: tuple[Merged, ...] = ()
        self._top: list[Found] = []

    def see(self, found: Found) -> None:
        """Remember the first rows."""
        if len(self._top) < SEARCHED:
            self._top.append(found)

    def top(self) -> list[Row]:
        return list(islice(_laid_out(self._top), SEARCHED))

    def rows(self) -> Iterator[Row]:
        content = _Content(self._limits)
        mine = (
            found
            for _ in content.read(self._path)
            for table, found in content.taken()
            if table == self.name
        )
        return _laid_out(mine)


@dataclass
class _About:
    """What a table shows otherwise than it is."""

    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: list[Merged] = field(default_factory=list)


class _Content:
    """The state of one reading of content.xml."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cells, self._characters = limits.cells, limits.workbook
        self._found: list[tuple[str, Found]] = []
        self.tables: dict[str, _About] = {}
        self._depth = self._sheets_depth = self._row_depth = 0
        self._table: str | None = None
        self._row: Row = []
        self._row_times, self._row_number, self._gap = 1, 0, 0
        self._cell: dict[str, str] | None = None
        self._text: list[str] | None = None
        self._paragraphs: list[str] = []

    def read(self, path: Path) -> Iterator[None]:
        """Parse on, a piece at a time; what was found in it is `taken` in between."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters_of
        try:
            for text in pieces(path, _CONTENT):
                parser.Parse(text, False)
                yield
            parser.Parse(b"", True)
            yield
        except KeyError as error:
            raise damaged("no content") from error
        except expat.ExpatError as error:
            raise damaged(str(error)) from error

    def taken(self) -> list[tuple[str, Found]]:
        """The rows that were finished since the last call, with the names of their sheets."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, said: dict[str, str]) -> None:
        self._depth += 1
        if self._cell is not None:
            self._start_in_cell(name, said)
        elif self._row_depth:
            if name in _CELLS:
                self._cell, self._paragraphs = said, []
        elif name == _ROW and self._table is not None:
            self._row_depth, self._row, self._gap = self._depth, [], 0
            self._row_times = _times(said, _ROWS_REPEATED)
            self.tables[self._table].hidden_rows += self._row_times * _is_hidden(said)
        elif name == _COLUMN and self._table is not None:
            times = _times(said, _COLUMNS_REPEATED)
            self.tables[self._table].hidden_columns += times * _is_hidden(said)
        elif name == _SHEET and self._depth == self._sheets_depth + 1:
            self._table, self._row_number = said.get(f"{_TABLE}name", ""), 0
            self.tables.setdefault(self._table, _About())
        elif name == _SHEETS:
            self._sheets_depth = self._depth

    def _start_in_cell(self, name: str, said: dict[str, str]) -> None:
        """Paragraphs right in the cell are its text; those of notes and drawings lie deeper."""
        if self._text is not None:
            if name == _SPACE:
                self._text.append(" " * min(_times(said, _COUNT), 1000))
            elif name in _SPACES:
                self._text.append(_SPACES[name])
        elif name == _PARAGRAPH and self._depth == self._row_depth + 2:
            self._text = []

    def _end(self, name: str) -> None:
        if self._text is not None and self._depth == self._row_depth + 2:
            self._paragraphs.append("".join(self._text))
            self._text = None
        elif self._cell is not None and self._depth == self._row_depth + 1:
            self._end_of_cell(self._cell)
        elif self._row_depth == self._depth and self._row_depth:
            self._end_of_row()
        elif name == _SHEET and self._depth == self._sheets_depth + 1:
            self._table = None
        self._depth -= 1

    def _end_of_cell(self, said: dict[str, str]) -> None:
        """Empty cells count only when something stands to their right."""
        self._cell = None
        if _ROWS_SPANNED in said or _COLUMNS_SPANNED in said:
            self._merge(said)
        value, times = _value(said, "\n".join(self._paragraphs)), _times(said, _COLUMNS_REPEATED)
        if value == "":
            self._gap += times
            return
        if len(self._row) + self._gap + times > self._limits.columns:
            raise too_wide(self._limits)
        self._row.extend(repeat("", self._gap))
        self._row.extend(repeat(value, times))
        self._gap = 0

    def _merge(self, said: dict[str, str]) -> None:
        row, column = self._row_number, len(self._row) + self._gap
        last = row + _times(said, _ROWS_SPANNED) - 1, column + _times(said, _COLUMNS_SPANNED) - 1
        merged = self.tables[self._table or ""].merged
        if len(merged) < _MERGED:
            merged.append((row, column, *last))

    def _end_of_row(self) -> None:
        self._row_depth = 0
        self._row_number += self._row_times
        if self._row:
            self._spend()
        self._found.append((self._table or "", (self._row_times, self._row)))

    def _spend(self) -> None:
        """Count what the row comes to when it is written out."""
        if self._row_number > _ROWS:
            raise bomb(f"{self._row_number} rows")
        self._cells -= self._row_times * len(self._row)
        texts = sum(len(cell) for cell in self._row if type(cell) is str)
        self._characters -= self._row_times * texts
        if self._cells < 0 or self._characters < 0:
            raise bomb("repeated cells")

    def _characters_of(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)


def _laid_out(found: Iterable[Found]) -> Iterator[Row]:
    """Every row as often as it is repeated; empty ones at the end are left out."""
    waiting = 0
    for times, row in found:
        if row:
            yield from chain(repeat([], waiting), (list(row) for _ in range(times)))
            waiting = 0
        else:
            waiting += times


def _value(said: dict[str, str], text: str) -> Any:
    if said.get(_ERROR) == "error" or (_FORMULA in said and _FAILED.fullmatch(text)):
        return ErrorCell(text or "#galat")
    match said.get(_KIND):
        case "float" | "percentage" | "currency":
            return _number(said.get(_VALUE, text))
        case "date":
            return _moment(said.get(_DATE, text))
        case "time":
            return _clock(said.get(_TIME, text))
        case "boolean":
            return said.get(_TRUTH) == "true"
        case _:
            return text or said.get(_STRING, "")


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _moment(text: str) -> Any:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return text


def _clock(text: str) -> str:
    match = _DURATION.fullmatch(text)
    return f"{int(match[1]):02d}:{int(match[2]):02d}:{int(match[3]):02d}" if match else text


def _times(said: dict[str, str], name: str) -> int:
    text = said.get(name, "1")
    return min(int(text), 1 << 30) if text.isdecimal() and len(text) < 12 else 1


def _is_hidden(said: dict[str, str]) -> bool:
    return said.get(f"{_TABLE}visibility") in ("collapse", "filter")


def _refuse_doctype(*_: object) -> None:
    raise FileTooLarge(
        "Buku kerja memuat deklarasi DOCTYPE; buku kerja biasa tidak pernah. Berkas ini ditolak.",
        "The workbook holds a DOCTYPE declaration, which no ordinary one does. It is refused.",
        _CONTENT,
    )


def _refuse_encrypted(name: str, text: bytes) -> None:
    """A password encrypts the parts one by one and lists them in the manifest."""
    if name == "META-INF/manifest.xml" and b"encryption-data" in text:
        raise locked()
