"""From a file to a draft: the table of one sheet, a plan for its columns, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.drafting import keys, personal
from schemas.drafting.guessing import Guess, Lists, guess
from schemas.drafting.keys import Candidate
from schemas.drafting.layout import Table, table_of
from schemas.drafting.naming import unique, words_of
from schemas.drafting.plan import ColumnPlan, Plan
from schemas.drafting.remarks import Remark
from schemas.drafting.sheets import Grid, grids
from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.limits import Limits
from schemas.publication import MAX_COLUMNS

_MONTHS = words_of(
    "januari februari maret april mei juni juli agustus september oktober november desember "
    "jan feb mar apr jun jul agu agt ags sep sept okt nov des"
)
_ORDINAL = frozenset({("no",), ("nomor",), ("nomor", "urut"), ("no", "urut"), ("urut",)})


@dataclass(frozen=True)
class Draft:
    """`remarks` are about the sheet, `guesses` about its columns in order; `sheets` can be chosen instead."""

    plan: Plan
    sheet: str
    sheets: tuple[str, ...]
    rows: int
    guesses: tuple[Guess, ...]
    keys: tuple[Candidate, ...]
    remarks: tuple[Remark, ...]


def draft(
    path: Path,
    form: str,
    lists: Lists | None = None,
    *,
    sheet: str | None = None,
    zone: str = "+08:00",
    limits: Limits | None = None,
) -> Draft:
    """Look at every cell of a sheet (without a name, the one with most cells in its table).

    `form` is xlsx, xls, ods or csv. Raises UnreadableFile when there is no table, or more than one
    on the sheet; FileTooLarge past the limits.
    """
    found = list(grids(path, form, limits or Limits()))
    table = chosen(found, sheet)
    guesses = [
        _ordinal_left_out(guess(h, unit, cells, lists or {}), cells)
        for h, unit, cells in zip(
            table.headings, table.units, map(table.cells, range(len(table.headings))), strict=True
        )
    ]
    guesses = _named(_with_suspicion(guesses))
    rows = [row for _, row in table.rows]
    candidates = keys.candidates(guesses, rows)
    guesses = _remarked(guesses, keys.nearly(guesses, rows))
    repeats = len(rows) - len({tuple(map(str, row)) for row in rows})
    plan = Plan(
        title=table.title or table.sheet or "Tabel",
        columns=tuple(guessed.plan for guessed in guesses),
        key=candidates[0].names if candidates else (),
        distinct=repeats > 0,
        zone=zone,
    )
    return Draft(
        plan=plan,
        sheet=table.sheet,
        sheets=tuple(grid.name for grid in found),
        rows=len(rows),
        guesses=tuple(guesses),
        keys=tuple(candidates),
        remarks=(*table.remarks, *_about(guesses, repeats, candidates)),
    )


def chosen(found: Sequence[Grid], sheet: str | None) -> Table:
    """The table of the named sheet, else the largest; raises UnreadableFile."""
    if sheet:
        found = [grid for grid in found if grid.name == sheet]
    tables: list[Table] = []
    refused: list[UnreadableFile] = []
    for grid in found:
        try:
            table = table_of(grid)
        except FileTooLarge:
            raise
        except UnreadableFile as error:
            refused.append(error)
            continue
        if table is not None:
            tables.append(table)
    if not tables:
        raise refused[0] if refused else _no_table()
    table = max(tables, key=lambda t: len(t.rows) * len(t.headings))
    if len(table.headings) > MAX_COLUMNS:
        raise FileTooLarge(
            f"Tabel mempunyai lebih dari {MAX_COLUMNS} kolom.",
            f"The table has more than {MAX_COLUMNS} columns.",
        )
    return table


def _no_table() -> UnreadableFile:
    return UnreadableFile(
        "Tidak ditemukan tabel: perlu satu baris judul kolom dan sedikitnya satu baris isi di bawahnya.",
        "No table was found: there must be a row of headings and at least one row below it.",
    )


def _ordinal_left_out(guessed: Guess, cells: Sequence[Any]) -> Guess:
    """A column that only numbers the rows is no data."""
    plan = guessed.plan
    if words_of(plan.heading) not in _ORDINAL:
        return guessed
    numbers = [str(cell).strip(".") for cell in cells if cell != ""]
    if not all(re.fullmatch(r"\d+", number) for number in numbers):
        return guessed
    remark = Remark(
        "Hanya nomor urut baris: tidak ikut, karena berubah setiap kali tabel diurutkan.",
        "It only numbers the rows and is left out: it changes whenever the table is sorted.",
    )
    return replace(guessed, plan=replace(plan, keep=False, required=False), remarks=(remark,))


def _with_suspicion(guesses: Sequence[Guess]) -> list[Guess]:
    kept: Mapping[str, str] = {g.plan.heading: g.plan.code for g in guesses if g.plan.keep}
    found = personal.suspected(kept)
    marked = []
    for guessed in guesses:
        if guessed.plan.heading in found:
            kind, why = found[guessed.plan.heading]
            # What came from cells would stand in a schema that is open to everybody: people type choices.
            spellings = guessed.plan.spellings if guessed.plan.code_list else {}
            plan = replace(guessed.plan, personal=kind, allowed=(), spellings=spellings)
            said = [remark for remark in guessed.remarks if not remark.choices]
            guessed = replace(guessed, plan=plan, remarks=(*said, why))
        marked.append(guessed)
    return marked


def _named(guesses: Sequence[Guess]) -> list[Guess]:
    names = unique([guessed.plan.name for guessed in guesses])
    return [
        replace(guessed, plan=replace(guessed.plan, name=name))
        for guessed, name in zip(guesses, names, strict=True)
    ]


def _remarked(guesses: Sequence[Guess], more: Mapping[str, Remark]) -> list[Guess]:
    return [
        replace(g, remarks=(*g.remarks, more[g.plan.name])) if g.plan.name in more else g
        for g in guesses
    ]


def _about(guesses: Sequence[Guess], repeats: int, found: Sequence[Candidate]) -> list[Remark]:
    said = []
    months = [g for g in guesses if _is_month(g.plan)]
    if len(months) >= 6:
        said.append(
            Remark(
                f"{len(months)} kolom adalah bulan. Dapat diterima apa adanya, tetapi setiap tahun perlu skema baru "
                "bila kolomnya berganti; lebih baik satu baris per bulan, dengan kolom bulan dan kolom nilai.",
                f"{len(months)} columns are months. It can be taken as it is; one row a month, with a column for "
                "the month and one for the value, is easier to add up and to compare.",
                warns=True,
            )
        )
    if repeats:
        said.append(
            Remark(
                f"{repeats} baris persis sama dengan baris lain; digabungkan waktu diterima.",
                f"{repeats} rows are exact repeats of others; intake merges them.",
                warns=True,
            )
        )
    if not found:
        said.append(
            Remark(
                "Tidak ada kolom atau pasangan kolom yang terisi penuh dan berbeda di setiap baris. Tanpa kunci, baris "
                "yang dikirim hanya dapat ditambahkan atau diganti seluruhnya.",
                "No column or pair of columns is complete and different in every row. Without a key, rows can only be "
                "added or replaced as a whole.",
                warns=True,
            )
        )
    return said


def _is_month(plan: ColumnPlan) -> bool:
    words = words_of(plan.heading)
    return bool(words) and words[-1] in _MONTHS and plan.kind in ("integer", "number")
