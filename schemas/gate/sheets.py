"""What the three kinds of workbook have in common: sheets by name, rows from the sheet's first one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.limits import Limits

SEARCHED = 100
"""Rows at the top of a sheet among which its header is looked for."""
Row = list[Any]
Merged = tuple[int, int, int, int]
"""First row and column, last row and column of cells shown as one, from 0 at the sheet's corner."""


@dataclass(frozen=True)
class Hidden:
    """How many rows and columns a sheet hides; they are read all the same."""

    rows: int = 0
    columns: int = 0


class Sheet(Protocol):
    """One sheet. Cells are text, numbers, truth values, dates, ErrorCell, or "" where there is none."""

    @property
    def name(self) -> str: ...

    @property
    def left(self) -> int:
        """The sheet's column, from 0, of the first cell of each row."""
        ...

    @property
    def hidden(self) -> Hidden: ...

    @property
    def merged(self) -> tuple[Merged, ...]: ...

    def top(self) -> list[Row]:
        """The first SEARCHED rows."""
        ...

    def rows(self) -> Iterator[Row]:
        """All rows from the sheet's first one, of unequal length; may be called again."""
        ...


class Book(Protocol):
    """A workbook that has been found safe to open."""

    @property
    def names(self) -> list[str]:
        """Of every sheet, hidden ones too, in order."""
        ...

    def sheet(self, name: str) -> Sheet: ...


def damaged(detail: str) -> UnreadableFile:
    """The workbook cannot be opened at all."""
    return UnreadableFile(
        "Buku kerja rusak atau terpotong; simpan ulang sebagai .xlsx dan kirim lagi.",
        "The workbook is damaged or cut off; save it again as .xlsx and resend.",
        detail[:200],
    )


def locked() -> UnreadableFile:
    """The workbook asks for a password."""
    return UnreadableFile(
        "Buku kerja dilindungi kata sandi; simpan salinan tanpa kata sandi dan kirim salinan itu.",
        "The workbook is protected by a password; save a copy without one and send that.",
    )


def too_wide(limits: Limits) -> FileTooLarge:
    """More columns than a record may have."""
    return FileTooLarge(
        f"Lembar mempunyai lebih dari {limits.columns} kolom.",
        f"The sheet has more than {limits.columns} columns.",
    )


def bomb(what: str) -> FileTooLarge:
    """The workbook would take far more memory than its size."""
    return FileTooLarge(
        "Isi buku kerja jauh lebih besar daripada berkasnya; berkas ini ditolak tanpa dibuka.",
        "The workbook unpacks to far more than its size; it is refused unopened.",
        what,
    )


def letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
