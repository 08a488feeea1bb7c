"""Workbooks: one sheet, its header row, and cells that keep the type a person gave them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from schemas.errors import UnreadableFile
from schemas.gate.blocks import Block, Broken, Finding
from schemas.gate.books import form_of, open_book
from schemas.gate.cells import shown
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.gate.sheets import SEARCHED, Row, Sheet, bomb, damaged, letters, too_wide

_ROWS = 10_000
_SHEETS = 50
_PLAIN = frozenset({str, float, int, bool})


@dataclass(frozen=True)
class _Header:
    """`number` is the sheet's row; `places` are the indexes of the cells that have a name."""

    number: int
    names: list[str]
    places: list[int]
    above: int
    """Rows with content before it."""


class WorkbookReader:
    """One sheet of a workbook, numbers are the sheet's rows.

    Without a `sheet` the first is taken that has most of the `known` column names in one row, and
    without a `header_row` that row is the header: title rows above it are passed over.
    """

    typed = True
    spreadsheet = True

    def __init__(
        self,
        path: Path,
        form: str,
        known: set[str],
        limits: Limits,
        sheet: str | None = None,
        header_row: int | None = None,
    ) -> None:
        self._limits, self._said_form, self._form = limits, form, form_of(path)
        book = open_book(path, self._form, limits)
        if not book.names:
            raise damaged("no sheet")
        if sheet is not None and sheet not in book.names:
            raise _no_sheet(sheet, book.names)
        names = book.names[:_SHEETS] if sheet is None else [sheet]
        self._sheet, self._header = _likeliest(map(book.sheet, names), known, header_row)
        if self._header is None:
            raise _no_header(self._sheet.name, header_row)
        if len(self._header.names) > limits.columns:
            raise too_wide(limits)

    @property
    def header(self) -> list[str] | None:
        return self._head.names

    @property
    def letters(self) -> dict[str, str]:
        """The letter of each column in the sheet: with a row's number it is the address of a cell."""
        head = self._head
        return {
            n: letters(self._sheet.left + p) for n, p in zip(head.names, head.places, strict=True)
        }

    @property
    def _head(self) -> _Header:
        assert self._header is not None  # noqa: S101 - made sure of when the workbook was opened
        return self._header

    def notes(self) -> list[Note]:
        notes = [*self._form_note(), _sheet_note(self._sheet.name), _header_note(self._head)]
        hidden = self._sheet.hidden
        if hidden.rows:
            notes.append(
                Note(
                    "hidden_rows",
                    hidden.rows,
                    f"{hidden.rows} baris tersembunyi (misalnya oleh saringan) ikut dibaca.",
                    f"{hidden.rows} hidden rows (by a filter, say) are read too.",
                )
            )
        if hidden.columns:
            notes.append(
                Note(
                    "hidden_columns",
                    hidden.columns,
                    f"{hidden.columns} kolom tersembunyi ikut dibaca.",
                    f"{hidden.columns} hidden columns are read too.",
                )
            )
        return notes

    def _form_note(self) -> Iterator[Note]:
        if self._form != self._said_form:
            yield Note(
                "form",
                self._form,
                f"Berkas ini sebenarnya .{self._form} dan dibaca sebagai itu.",
                f"The file is really .{self._form} and is read as that.",
            )

    def blocks(self) -> Iterator[Block]:
        rows = enumerate(islice(self._sheet.rows(), self._head.number, None), self._head.number + 1)
        for some in _portions(rows, self._limits):
            yield self._block(some)

    def _block(self, rows: Sequence[tuple[int, Row]]) -> Block:
        head = self._head
        named = set(head.places)
        own = [p for p, n in zip(head.places, head.names, strict=True) if n not in REPORT_COLUMNS]
        width = max(head.places) + 1
        filled: list[tuple[int, Row]] = []
        broken: list[Broken] = []
        for number, row in rows:
            if len(row) < width:
                row = row + [""] * (width - len(row))
            if len(row) > len(named) and (stray := _stray(row, named)) is not None:
                broken.append(self._astray(number, row, stray))
            elif any(row[place] != "" for place in own):
                filled.append((number, row))
        columns = list(zip(*(row for _, row in filled), strict=False)) if filled else []
        table = {
            name: [c if type(c) in _PLAIN else _cell(c) for c in columns[place]] if filled else []
            for name, place in zip(head.names, head.places, strict=True)
        }
        return Block([number for number, _ in filled], table=table, broken=tuple(broken))

    def _astray(self, number: int, row: Row, place: int) -> Broken:
        """A cell outside the table's columns: its row would lose it in silence."""
        head = self._head
        received = {
            name: shown(_cell(row[p])) for name, p in zip(head.names, head.places, strict=True)
        }
        where = f"{letters(self._sheet.left + place)}{number}"
        return Broken(
            number, received, Finding("", "", "sel-tanpa-judul", shown(_cell(row[place])), where)
        )


def _portions(rows: Iterable[tuple[int, Row]], limits: Limits) -> Iterator[list[tuple[int, Row]]]:
    """Rows by the thousand; fewer where a text that is held once in memory fills many cells."""
    some: list[tuple[int, Row]] = []
    size = total = 0
    for number, row in rows:
        some.append((number, row))
        size += sum([len(cell) for cell in row if type(cell) is str])
        if len(some) == _ROWS or size > limits.block:
            yield some
            total += size
            some, size = [], 0
            if total > limits.workbook:
                raise bomb("repeated texts")
    if some:
        yield some


def _likeliest(
    sheets: Iterable[Sheet], known: set[str], header_row: int | None
) -> tuple[Sheet, _Header | None]:
    """The sheet whose header has most of the known names, and that header."""
    best: tuple[Sheet, _Header | None] | None = None
    most = -1
    for sheet in sheets:
        header = _header(sheet, known, header_row)
        count = len(known & set(header.names)) if header else -1
        if best is None or count > most:
            best, most = (sheet, header), count
    assert best is not None  # noqa: S101 - there is at least one sheet
    return best


def _header(sheet: Sheet, known: set[str], header_row: int | None) -> _Header | None:
    """The row asked for, else the one with most known names, else the first with content."""
    rows = sheet.top() if header_row is None or header_row <= SEARCHED else []
    if header_row is not None and header_row < 1:
        return None
    if header_row is not None:
        asked = rows[header_row - 1 : header_row] if rows else []
        asked = asked or list(islice(sheet.rows(), header_row - 1, header_row))
        return _read_header(asked[0], header_row, 0) if asked else None
    headers: list[_Header] = []
    for number, row in enumerate(rows, 1):
        header = _read_header(row, number, len(headers))
        if header:
            headers.append(header)
    return max(headers, key=lambda header: len(known & set(header.names)), default=None)


def _read_header(row: Row, number: int, above: int) -> _Header | None:
    texts = [_heading(cell) for cell in row]
    places = [place for place, text in enumerate(texts) if text]
    return _Header(number, [texts[p] for p in places], places, above) if places else None


def _stray(row: Row, named: set[int]) -> int | None:
    """The first cell with content that has no name above it."""
    for place, cell in enumerate(row):
        if cell != "" and place not in named:
            return place
    return None


def _heading(cell: Any) -> str:
    cell = shown(_cell(cell))
    return " ".join(str(cell).split())


def _cell(cell: Any) -> Any:
    """Times and durations, which no column holds, as text; the rest as the reader gives it."""
    match cell:
        case time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return cell


def _sheet_note(name: str) -> Note:
    return Note("sheet", name, f"Lembar yang dibaca: {name}.", f"Sheet read: {name}.")


def _header_note(head: _Header) -> Note:
    above_id = f" {head.above} baris di atasnya dilewati." if head.above else ""
    above_en = f" {head.above} rows above it are passed over." if head.above else ""
    return Note(
        "header_row",
        head.number,
        f"Baris judul kolom: baris {head.number}.{above_id}",
        f"Header row: row {head.number}.{above_en}",
    )


def _no_sheet(name: str, there: Sequence[str]) -> UnreadableFile:
    names = ", ".join(there)
    return UnreadableFile(
        f"Tidak ada lembar {name}; yang ada: {names}.",
        f"There is no sheet {name}; there are: {names}.",
    )


def _no_header(sheet: str, header_row: int | None) -> UnreadableFile:
    if header_row is None:
        return UnreadableFile(f"Lembar {sheet} kosong.", f"The sheet {sheet} is empty.")
    return UnreadableFile(
        f"Baris {header_row} lembar {sheet} kosong; pilih baris yang berisi judul kolom.",
        f"Row {header_row} of the sheet {sheet} is empty; choose the row with the column names.",
    )
