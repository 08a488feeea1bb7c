"""The cells of a spreadsheet as they lie, from row 1 and column A, whatever program wrote it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.blocks import ErrorCell
from schemas.gate.books import form_of, open_book
from schemas.gate.encoding import encoding_of
from schemas.gate.limits import Limits
from schemas.gate.sheets import Sheet

FORMS = ("xlsx", "xls", "ods", "csv")
MOST_CELLS = 1_000_000
"""Rows times columns of one sheet; a sample of the rows says as much about the columns."""
_MOST_SHEETS = 50
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Grid:
    """One sheet. An empty cell is ""; `merged` are ranges (row, column, last row, last column) from 0."""

    name: str
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def grids(path: Path, form: str, limits: Limits) -> Iterator[Grid]:
    """Every sheet in order; raises UnreadableFile, FileTooLarge."""
    if form == "csv":
        yield Grid("", _delimited(path, limits))
        return
    if form not in FORMS:
        raise UnreadableFile(
            f"Berkas {form} tidak dapat dijadikan skema; pakai {', '.join(FORMS)}.",
            f"A {form} file cannot be drafted from; use {', '.join(FORMS)}.",
        )
    book = open_book(path, form_of(path), limits)
    for name in book.names[:_MOST_SHEETS]:
        yield _grid(book.sheet(name), limits)


def _grid(sheet: Sheet, limits: Limits) -> Grid:
    rows: list[list[Any]] = []
    width = 0
    for row in sheet.rows():
        rows.append([*repeat("", sheet.left), *map(_plain, row)])
        width = max(width, len(rows[-1]))
        _check_size(len(rows), width, limits, sheet.name)
    whole = [[*row, *repeat("", width - len(row))] for row in rows]
    return Grid(sheet.name, whole, sheet.merged)


def _plain(cell: Any) -> Any:
    match cell:
        case str():
            return cell.strip()
        case ErrorCell():
            return ""
        case time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return int(cell)
        case _:
            return cell


def _delimited(path: Path, limits: Limits) -> list[list[Any]]:
    text = encoding_of(path)
    encoding = "utf-8-sig" if text.encoding == "utf-8" else text.encoding
    delimiter = _delimiter(path, encoding)
    rows: list[list[Any]] = []
    width = 0
    with path.open(encoding=encoding, newline="") as file:
        try:
            for row in csv.reader(file, delimiter=delimiter):
                rows.append([cell.strip() for cell in row])
                width = max(width, len(row))
                _check_size(len(rows), width, limits, path.name)
        except csv.Error as error:
            raise UnreadableFile(
                f"CSV tidak dapat dibaca setelah baris ke-{len(rows)}.",
                f"The CSV cannot be read after record {len(rows)}.",
                str(error),
            ) from error
    return [row + [""] * (width - len(row)) for row in rows]


def _delimiter(path: Path, encoding: str) -> str:
    """The one that most of the first lines hold most often."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for _, line in zip(range(200), file, strict=False)]
    return max(_DELIMITERS, key=lambda mark: (sum(mark in line for line in lines), mark == ","))


def _check_size(rows: int, columns: int, limits: Limits, name: str) -> None:
    if columns > limits.columns:
        raise FileTooLarge(
            f"Lembar {name} mempunyai lebih dari {limits.columns} kolom.",
            f"The sheet {name} has more than {limits.columns} columns.",
        )
    if rows * columns > MOST_CELLS:
        raise FileTooLarge(
            f"Lembar {name} memuat lebih dari {MOST_CELLS} sel. Untuk menyusun skema cukup sebagian baris: "
            "salin beberapa ribu baris ke berkas baru.",
            f"The sheet {name} has more than {MOST_CELLS} cells. Part of the rows is enough for a draft: "
            "copy a few thousand into a new file.",
        )
