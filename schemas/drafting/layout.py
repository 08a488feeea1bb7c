"""Where the table lies on a sheet: title, header, units, numbering, rows, totals and what is written below."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from schemas.drafting.naming import calm, squeezed, unique, unit_of
from schemas.drafting.remarks import Remark, samples_of
from schemas.drafting.sheets import Grid
from schemas.errors import UnreadableFile
from schemas.gate.sheets import letters

_SEARCHED = 100
_NUMERAL = re.compile(r"\(?\d{1,3}\)?\.?", re.ASCII)
_NUMBERLIKE = re.compile(r"(rp\.?\s*)?[+-]?[\d.,\s]*\d[\d.,]*(-|%)?", re.ASCII | re.IGNORECASE)
_TOTAL = re.compile(r"(grand\s+|sub\s*)?(jumlah|total|jml|rata-rata)\b.*", re.IGNORECASE)
_LONGEST_UNIT = 20


@dataclass(frozen=True)
class Table:
    """A table found on a sheet: columns by their place, rows by their number on the sheet (from 1)."""

    sheet: str
    title: str
    header_row: int
    headings: tuple[str, ...]
    places: tuple[int, ...]
    units: tuple[str, ...]
    rows: list[tuple[int, list[Any]]]
    remarks: tuple[Remark, ...] = field(default=())

    def cells(self, index: int) -> list[Any]:
        return [row[index] for _, row in self.rows]


def table_of(grid: Grid) -> Table | None:
    """The table of a sheet, None if there is none; raises UnreadableFile when there are two."""
    width = _width(grid)
    top = _header_row(grid, width)
    if top is None:
        return None
    bottom = _header_end(grid, top)
    after = bottom + 1
    units, after = _units(grid, after)
    after, numbered = _numbering(grid, after, width)
    places = [
        i for i in range(width) if _has_any(grid, i, top, bottom) or _has_data(grid, i, after)
    ]
    headings = _headings(grid, top, bottom, places)
    rows, remarks = _rows(grid, after, places, headings)
    if not rows:
        return None
    found = _told(grid, top, bottom, numbered, places, headings)
    return Table(
        sheet=grid.name,
        title=_title(grid, top),
        header_row=top + 1,
        headings=tuple(unique(headings)),
        places=tuple(places),
        units=tuple(units.get(place, "") for place in places),
        rows=rows,
        remarks=(*found, *remarks),
    )


def filled(row: Sequence[Any]) -> list[int]:
    """Places of the cells with content."""
    return [i for i, cell in enumerate(row) if cell != ""]


def is_word(cell: Any) -> bool:
    """Text that is not a number written as text."""
    return isinstance(cell, str) and cell != "" and not _NUMBERLIKE.fullmatch(cell)


def _width(grid: Grid) -> int:
    return max((max(filled(row), default=-1) + 1 for row in grid.rows), default=0)


def _header_row(grid: Grid, width: int) -> int | None:
    """The first row that is filled as widely as the table and mostly with words, above a filled row."""
    counts = sorted((n for row in grid.rows if (n := len(filled(row)))), reverse=True)
    if not counts or width == 0:
        return None
    usual = counts[len(counts) // 2]
    best: tuple[float, int] | None = None
    for index, row in enumerate(grid.rows[:_SEARCHED]):
        places = filled(row)
        words = [row[i] for i in places if is_word(row[i])]
        if len(words) < max(1, 0.6 * len(places)) or len(places) < min(2, usual):
            continue
        spread = len(_covered(grid, index, places))
        if spread < 0.6 * usual or not _something_below(grid, index):
            continue
        fresh = len({w.casefold() for w in words}) / len(words)
        score = min(spread / usual, 1.0) * fresh
        if best is None or score > best[0] + 0.2:
            best = (score, index)
        if best and index > best[1] + 5:
            break
    return best[1] if best else None


def _covered(grid: Grid, row: int, places: Sequence[int]) -> set[int]:
    """Columns under the cells of a row, merged ones with all that they span."""
    return {column for place in places for column in range(place, _span(grid, row, place)[1] + 1)}


def _span(grid: Grid, row: int, column: int) -> tuple[int, int]:
    """Last row and last column of the merged range that begins here, else the cell itself."""
    for first, left, last, right in grid.merged:
        if (first, left) == (row, column):
            return last, right
    return row, column


def _something_below(grid: Grid, row: int) -> bool:
    return any(filled(below) for below in grid.rows[row + 1 : row + 6])


def _header_end(grid: Grid, top: int) -> int:
    """The last row of the header: rows below whose words stand under merged or blank cells of it."""
    bottom = max((_span(grid, top, i)[0] for i in filled(grid.rows[top])), default=top)
    while bottom + 1 < len(grid.rows) and bottom < top + 3:
        row = grid.rows[bottom + 1]
        places = filled(row)
        wide = _wide_places(grid, top)
        if not places or not all(is_word(row[i]) and not _unit(row[i]) for i in places):
            break
        if not all(i in wide or grid.rows[top][i] == "" for i in places) or len(places) < 2:
            break
        bottom += 1
    return bottom


def _wide_places(grid: Grid, top: int) -> set[int]:
    row = grid.rows[top]
    return {
        column
        for place in filled(row)
        if (right := _span(grid, top, place)[1]) > place
        for column in range(place, right + 1)
    }


def _units(grid: Grid, after: int) -> tuple[dict[int, str], int]:
    """Units written in a row of their own, by place, and the row after it."""
    row = grid.rows[after] if after < len(grid.rows) else []
    found = {i: _unit(row[i]) for i in filled(row)}
    if not found or not all(found.values()):
        return {}, after
    return found, after + 1


def _unit(cell: Any) -> str:
    """A unit, with or without brackets; anything else in brackets counts too, if it is a word: `(jiwa)`."""
    if not isinstance(cell, str):
        return ""
    known = unit_of(cell)
    other = cell[1:-1].strip() if cell.startswith("(") and cell.endswith(")") else ""
    return known or ("" if not is_word(other) or len(other) > _LONGEST_UNIT else other)


def _numbering(grid: Grid, after: int, width: int) -> tuple[int, int]:
    """Pass over the row `1 2 3 …` that forms have under their header; its number, or 0."""
    if after >= len(grid.rows):
        return after, 0
    row = grid.rows[after]
    places = filled(row)
    texts = [str(row[i]) for i in places]
    if len(places) < max(3, 0.6 * width) or not all(_NUMERAL.fullmatch(t) for t in texts):
        return after, 0
    numbers = [int(t.strip("().")) for t in texts]
    follow = all(b - a == 1 for a, b in pairwise(numbers))
    return (after + 1, after + 1) if numbers[0] in (0, 1) and follow else (after, 0)


def _has_any(grid: Grid, column: int, top: int, bottom: int) -> bool:
    return any(column < len(row) and row[column] != "" for row in grid.rows[top : bottom + 1])


def _has_data(grid: Grid, column: int, after: int) -> bool:
    return any(column < len(row) and row[column] != "" for row in grid.rows[after:])


def _headings(grid: Grid, top: int, bottom: int, places: Sequence[int]) -> list[str]:
    """Headings of up to four rows joined, a merged parent before each of its children."""
    found = []
    for place in places:
        parts: list[str] = []
        for row in range(top, bottom + 1):
            text = squeezed(str(_heading_cell(grid, row, place)))
            if text and text not in parts:
                parts.append(text)
        found.append(" – ".join(parts) or f"Kolom {letters(place)}")
    return found


def _heading_cell(grid: Grid, row: int, column: int) -> Any:
    cell = grid.rows[row][column]
    if cell != "":
        return cell
    for first, left, _last, right in grid.merged:
        if first == row and left <= column <= right:
            return grid.rows[row][left]
    return ""


def _title(grid: Grid, top: int) -> str:
    """What stands above the table, in one line."""
    texts = [
        squeezed(str(row[i])) for row in grid.rows[:top] for i in filled(row)[:1] if is_word(row[i])
    ]
    return calm(" ".join(texts)[:200])


def _rows(
    grid: Grid, after: int, places: Sequence[int], headings: Sequence[str]
) -> tuple[list[tuple[int, list[Any]]], list[Remark]]:
    rows: list[tuple[int, list[Any]]] = []
    totals: list[int] = []
    alone: list[int] = []
    repeated: list[int] = []
    blank = 0
    last = _last_full(grid, after, places)
    for index in range(after, len(grid.rows)):
        row = [grid.rows[index][place] for place in places]
        here = filled(row)
        if not here:
            blank += index <= last
        elif [squeezed(str(cell)) for cell in row if cell != ""] == [h for h in headings if h][
            : len(here)
        ] and len(here) > 1:
            repeated.append(index + 1)
        elif _is_total(row, here):
            totals.append(index + 1)
        elif (len(here) == 1 and len(places) > 2) or index > last:
            alone.append(index + 1)
        else:
            if rows and _second_header(grid, index, row, here, rows):
                raise _two_tables(grid.name, index + 1, row)
            rows.append((index + 1, row))
    return rows, [*_passed_over(grid, totals, alone, repeated, blank)]


def _last_full(grid: Grid, after: int, places: Sequence[int]) -> int:
    """The last row filled like a row of the table and not like a signature under it."""
    counts = [len(filled([row[p] for p in places])) for row in grid.rows]
    usual = sorted(n for n in counts[after:] if n)
    enough = max(1, 0.4 * usual[len(usual) // 2]) if usual else 1
    full = [i for i in range(after, len(grid.rows)) if counts[i] >= enough]
    return full[-1] if full else after


def _is_total(row: Sequence[Any], here: Sequence[int]) -> bool:
    first = row[here[0]]
    numbers = any(not is_word(row[i]) for i in here[1:])
    return isinstance(first, str) and here[0] < 4 and bool(_TOTAL.fullmatch(first)) and numbers


def _second_header(
    grid: Grid,
    index: int,
    row: Sequence[Any],
    here: Sequence[int],
    rows: list[tuple[int, list[Any]]],
) -> bool:
    """Words alone after a gap, where the rows above have numbers or dates, and rows that follow."""
    above = grid.rows[index - 1]
    gap = len(filled(above)) <= 1
    if not gap or len(here) < 2 or not all(is_word(row[i]) for i in here):
        return False
    typed = [i for i in here if _mostly_typed(rows, i)]
    below = grid.rows[index + 1] if index + 1 < len(grid.rows) else []
    figures = sum(1 for cell in below if cell != "" and not is_word(cell))
    return bool(typed) or (figures > 0 and rows[-1][0] < index)


def _mostly_typed(rows: list[tuple[int, list[Any]]], column: int) -> bool:
    cells = [row[column] for _, row in rows if row[column] != ""]
    return bool(cells) and sum(not is_word(c) for c in cells) > len(cells) / 2


def _two_tables(sheet: str, row: int, cells: Sequence[Any]) -> UnreadableFile:
    words = ", ".join(str(cell) for cell in cells if cell != "")[:80]
    return UnreadableFile(
        f"Lembar {sheet} memuat lebih dari satu tabel: tabel lain mulai di baris {row} ({words}). "
        "Satu skema untuk satu tabel: pindahkan tabel itu ke lembar sendiri, lalu unggah lagi.",
        f"The sheet {sheet} holds more than one table: another begins in row {row} ({words}). "
        "One schema is for one table: move that table to a sheet of its own, then upload again.",
        f"row {row}",
    )


def _told(
    grid: Grid, top: int, bottom: int, numbered: int, places: Sequence[int], headings: Sequence[str]
) -> Iterator[Remark]:
    where = f"{top + 1}" if bottom == top else f"{top + 1}–{bottom + 1}"
    yield Remark(
        f"Judul kolom dibaca dari baris {where}; {len(places)} kolom.",
        f"The headings were read from row {where}; {len(places)} columns.",
    )
    if numbered:
        yield Remark(
            f"Baris {numbered} hanya nomor kolom, dilewati.",
            f"Row {numbered} only numbers the columns and is passed over.",
        )
    nameless = [h for h, p in zip(headings, places, strict=True) if h == f"Kolom {letters(p)}"]
    if nameless:
        yield Remark(
            f"Tanpa judul: {', '.join(nameless)}. Beri nama, atau jangan dipakai.",
            f"Without a heading: {', '.join(nameless)}. Name them, or leave them out.",
            warns=True,
        )
    twice = sorted({h for h in headings if headings.count(h) > 1})
    if twice:
        yield Remark(
            f"Judul yang sama dipakai beberapa kolom: {', '.join(twice)}. Bedakan namanya.",
            f"Several columns have the same heading: {', '.join(twice)}. Tell them apart.",
            warns=True,
        )


def _passed_over(
    grid: Grid, totals: Sequence[int], alone: Sequence[int], repeated: Sequence[int], blank: int
) -> Iterator[Remark]:
    if totals:
        yield Remark(
            f"Baris jumlah tidak ikut: baris {_numbers(totals)}.",
            f"Rows of totals are left out: row {_numbers(totals)}.",
        )
    if alone:
        texts = [grid.rows[n - 1][filled(grid.rows[n - 1])[0]] for n in alone]
        yield Remark(
            f"Bukan baris data (satu sel, atau keterangan di bawah tabel): baris {_numbers(alone)}.",
            f"Not rows of data (a single cell, or a note under the table): row {_numbers(alone)}.",
            samples_of(texts),
        )
    if repeated:
        yield Remark(
            f"Judul kolom yang diulang dilewati: baris {_numbers(repeated)}.",
            f"Repeated headings are passed over: row {_numbers(repeated)}.",
        )
    if blank:
        yield Remark(f"{blank} baris kosong dilewati.", f"{blank} empty rows are passed over.")


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return shown if len(numbers) <= 5 else f"{shown}, … ({len(numbers)})"
