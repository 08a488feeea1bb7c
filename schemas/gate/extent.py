"""How much memory the sheets of an XLSX would take: its reader lays a sheet out as a full rectangle, and writes
a shared text anew into each cell that names it. Both are reckoned before the reader is asked.
"""

import re
from collections.abc import Iterable
from functools import cache

from schemas.gate.limits import Limits
from schemas.gate.sheets import bomb

_OTHER_TAGS = (b"<co", b"<cf", b"<cu", b"<ce", b"<ch")
_TAG = re.compile(rb"<(?:[\w.-]+:)?(row|c)((?:\s[^<>]*)?)/?>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")
_ADDRESS = re.compile(rb"([A-Za-z]{1,3})?([0-9]{1,7})")
_SHARED = re.compile(rb"""["']s["'][^<>]*>\s*<(?:[\w.-]+:)?v>\s*([0-9]{1,9})\s*<""")
_END_OF_TEXT = re.compile(rb"</(?:[\w.-]+:)?si\s*>|<(?:[\w.-]+:)?si\s*/>")


class Extent:
    """A cheap upper bound of one sheet's rectangle: the longest letters and digits of its addresses."""

    def __init__(self) -> None:
        self._letters, self._digits = 1, 1
        self._plain = True
        self.shared = 0
        """Cells that name a shared text."""

    def see(self, text: bytes) -> None:
        self.shared += _shared_cells(text)
        while longer := _longer(self._letters, self._digits).search(text):
            self._letters = max(self._letters, len(longer[1]))
            self._digits = max(self._digits, len(longer[2]))
        self._plain = self._plain and _is_plain(text)

    def surely_within(self, cells: int) -> bool:
        """False says nothing: look at the cells one by one then."""
        return self._plain and 26**self._letters * 10**self._digits <= cells


def refuse_large(pieces: Iterable[bytes], limits: Limits) -> None:
    """Raise FileTooLarge if the rectangle of a sheet has more cells than the limit."""
    row = column = rows = columns = 0
    for text in pieces:
        for name, attributes in _TAG.findall(text):
            place = _PLACE.search(attributes)
            letters, number = _address(place[1]) if place else (b"", b"")
            row = int(number) if number else row + (name == b"row")
            if name == b"row":
                column = 0
            else:
                column = _column(letters) if letters else column + 1
                rows, columns = max(rows, row), max(columns, column)
        if rows * columns > limits.cells:
            raise bomb(f"a sheet of {rows} × {columns} cells")


class SharedTexts:
    """The length of the longest shared text, in bytes of its XML: never less than its characters."""

    def __init__(self) -> None:
        self._open = 0
        self.longest = 0

    def see(self, text: bytes) -> None:
        *_, self._open = lengths = _lengths(self._open, text)
        self.longest = max(self.longest, *lengths)


def refuse_repeated(
    texts: Iterable[bytes], sheets: Iterable[bytes], longest: int, limits: Limits
) -> None:
    """Raise FileTooLarge if the cells with shared texts together hold more than a workbook may."""
    lengths = [0]
    for text in texts:
        lengths += _lengths(lengths.pop(), text)
    total = 0
    for text in sheets:
        named = [int(index) for index in _SHARED.findall(text)]
        total += sum(lengths[index] for index in named if index < len(lengths))
        total += longest * (_shared_cells(text) - len(named))
        if total > limits.workbook:
            raise bomb("shared texts")


def _lengths(open_text: int, text: bytes) -> list[int]:
    """Of the texts that end in this piece, then of the one that is still open."""
    first, *rest = _END_OF_TEXT.split(text)
    return [open_text + len(first), *map(len, rest)]


def _is_plain(text: bytes) -> bool:
    """Every cell states its address, and first of all: then a search for `<c r="` sees them all."""
    unusual = text.count(b"<c") - text.count(b'<c r="')
    if unusual:
        unusual -= sum(map(text.count, _OTHER_TAGS))
    return unusual == 0 and b":c" not in text


def _shared_cells(text: bytes) -> int:
    return text.count(b'"s"') + text.count(b"'s'")


@cache
def _longer(letters: int, digits: int) -> re.Pattern[bytes]:
    """An address with more letters or more digits than these."""
    return re.compile(
        rb'<c r="(?=[A-Za-z]{%d}|[A-Za-z]+[0-9]{%d})([A-Za-z]+)([0-9]*)' % (letters + 1, digits + 1)
    )


def _address(text: bytes) -> tuple[bytes, bytes]:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise bomb("an address that is none")
    return match[1] or b"", match[2]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
