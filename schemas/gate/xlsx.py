"""XLSX through calamine, which is fast but shows a failed formula as an empty cell and trusts every size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from schemas.gate.blocks import ErrorCell
from schemas.gate.extent import Extent, SharedTexts, refuse_large, refuse_repeated
from schemas.gate.limits import Limits
from schemas.gate.package import pieces, unpacking, weigh
from schemas.gate.sheets import SEARCHED, Hidden, Merged, Row, damaged, locked

_SHARED_TEXTS = "sharedstrings.xml"
# A cell whose formula failed, such as <c r="B7" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c>.
_ERROR_CELL = re.compile(
    rb'(<(?:\w+:)?c\s[^<>]*?t="e"[^<>]*>)'
    rb"(?:<(?:\w+:)?f[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?(?:<(?:\w+:)?v>([^<]{1,40})<)?"
)
_PLACE = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]*?\shidden="(?:1|true)"')
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\s[^<>]*?\shidden="(?:1|true)"[^<>]*>')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')

Places = dict[int, list[tuple[int, str]]]
"""Failed formulas: column from 0 and text, by row of the sheet."""


@dataclass
class _Part:
    """What was seen of one sheet's part while it was weighed."""

    extent: Extent = field(default_factory=Extent)
    errors: Places = field(default_factory=dict)
    hidden_rows: int = 0
    hidden_columns: int = 0

    def see(self, text: bytes) -> None:
        self.extent.see(text)
        if b't="e"' in text:
            for row, column, shown in _error_cells(text):
                self.errors.setdefault(row, []).append((column, shown))
        if b'hidden="' in text:
            self.hidden_rows += len(_HIDDEN_ROW.findall(text))
            self.hidden_columns += sum(map(_span, _HIDDEN_COLUMNS.findall(text)))


class XlsxBook:
    """Weighed part by part first; raises UnreadableFile, FileTooLarge."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._parts: dict[str, _Part] = {}
        self._texts = SharedTexts()
        self._texts_part = ""
        weigh(path, limits, self._look)
        self._refuse_what_would_not_fit(limits)
        try:
            self._book = CalamineWorkbook.from_path(str(path))
        except PasswordError as error:
            raise locked() from error
        except (CalamineError, OSError) as error:
            raise damaged(str(error)) from error
        self._part_names = _part_names(path)

    @property
    def names(self) -> list[str]:
        return list(self._book.sheet_names)

    def sheet(self, name: str) -> "XlsxSheet":
        try:
            found = self._book.get_sheet_by_name(name)
        except (CalamineError, OSError) as error:
            raise damaged(str(error)) from error
        part = self._parts.get(self._part_names.get(name, ""), _Part())
        return XlsxSheet(found, part)

    def _look(self, name: str, text: bytes) -> None:
        if name.lower().endswith(_SHARED_TEXTS):
            self._texts_part = name
            self._texts.see(text)
        elif name in self._parts or b"sheetData" in text:
            self._parts.setdefault(name, _Part()).see(text)

    def _refuse_what_would_not_fit(self, limits: Limits) -> None:
        for name, part in self._parts.items():
            if not part.extent.surely_within(limits.cells):
                refuse_large(pieces(self._path, name), limits)
        shared = sum(part.extent.shared for part in self._parts.values())
        if shared * self._texts.longest > limits.workbook:
            texts = pieces(self._path, self._texts_part)
            sheets = chain.from_iterable(pieces(self._path, name) for name in self._parts)
            refuse_repeated(texts, sheets, self._texts.longest, limits)


class XlsxSheet:
    """A sheet as calamine lays it out, with the failed formulas put back."""

    def __init__(self, sheet: CalamineSheet, part: _Part) -> None:
        self._sheet, self._errors = sheet, part.errors
        self.name: str = sheet.name
        self.left: int = sheet.start[1] if sheet.start else 0
        self.hidden = Hidden(part.hidden_rows, part.hidden_columns)

    @property
    def merged(self) -> tuple[Merged, ...]:
        ranges = self._sheet.merged_cell_ranges or []
        return tuple((*first, *last) for first, last in ranges)

    def top(self) -> list[Row]:
        return list(islice(self.rows(), SEARCHED))

    def rows(self) -> Iterator[Row]:
        rows: Iterator[Row] = self._sheet.iter_rows()
        return self._with_errors(rows) if self._errors else rows

    def _with_errors(self, rows: Iterator[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            for column, text in self._errors.get(number, ()):
                if 0 <= column - self.left < len(row):
                    row[column - self.left] = ErrorCell(text)
            yield row


def _error_cells(text: bytes) -> Iterator[tuple[int, int, str]]:
    for tag, value in _ERROR_CELL.findall(text):
        place = _PLACE.search(tag)
        if place:
            shown = value.decode("utf-8", "replace") or "#galat"
            yield int(place[2]), _column(place[1]), shown


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _span(tag: bytes) -> int:
    """How many columns a `col` is about."""
    said = {name: value for name, value in _ATTRIBUTE.findall(tag) if value.isdigit()}
    return max(1, int(said.get(b"max", 1)) - int(said.get(b"min", 1)) + 1)


def _part_names(path: Path) -> dict[str, str]:
    """The part that holds each sheet, by the sheet's name."""
    with unpacking(path) as archive:
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(archive.namelist()):
            return {}
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    targets = {a.get("Id"): a.get("Target", "") for a in _attributes(_RELATION, relations)}
    return {
        _unescaped(sheet.get("name", "")): _from_root(targets.get(sheet.get("r:id"), ""))
        for sheet in _attributes(_SHEET, book)
    }


def _from_root(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _attributes(tags: re.Pattern[bytes], text: bytes) -> Iterator[dict[str, str]]:
    for tag in tags.findall(text):
        pairs = _ATTRIBUTE.findall(tag)
        yield {name.decode(): value.decode("utf-8", "replace") for name, value in pairs}


def _unescaped(text: str) -> str:
    for mark, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        text = text.replace(mark, character)
    return text.replace("&amp;", "&")
