"""The shape in which every reader hands over rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.gate.outcome import Note
from schemas.gate.sentences import Sentence


@dataclass(frozen=True)
class ErrorCell:
    """A cell of a workbook whose formula failed, such as `#DIV/0!`."""

    text: str


@dataclass(frozen=True)
class Finding:
    """One thing wrong in one row; `value` and `expected` fill the messages.

    An "error" rejects the row. A "warning" is counted and told, and the row is accepted; only what goes
    beyond the schema (codes, references, rules across columns) can be one. `sentence` stands in place of
    the rule's own, where every rule of a kind has its own words.
    """

    column: str
    pointer: str
    rule: str
    value: Any = None
    expected: Any = None
    schema_path: str = ""
    detail: str = ""
    severity: str = "error"
    sentence: Sentence | None = None


@dataclass(frozen=True)
class Broken:
    """A row that could not be read at all, with what was received in its place."""

    number: int
    received: Any
    finding: Finding


@dataclass(frozen=True)
class Block:
    """Some rows in file order: either cells by column (`table`) or JSON values (`records`).

    `numbers` are the rows' numbers for people: of a table the record number counting the header as 1,
    of a workbook the sheet's row, of JSON lines the line, of other sources the position from 1.
    """

    numbers: Sequence[int]
    table: dict[str, list[Any]] | None = None
    records: list[Any] | None = None
    broken: tuple[Broken, ...] = ()

    def received(self, index: int) -> Any:
        """The row as it came, before any step."""
        if self.table is not None:
            return {name: cells[index] for name, cells in self.table.items()}
        return (self.records or [])[index]


class Reader(Protocol):
    """A file opened for judging; `blocks` may be called again and starts from the beginning."""

    @property
    def header(self) -> list[str] | None:
        """Column names as received; None where each record names its own."""
        ...

    @property
    def typed(self) -> bool:
        """Cells may be numbers, dates and truth values, not only text."""
        ...

    @property
    def spreadsheet(self) -> bool:
        """Cells have types that a person chose without knowing it (Excel)."""
        ...

    def blocks(self) -> Iterator[Block]:
        """Rows in order; raises UnreadableFile when the rest cannot be read."""
        ...

    def notes(self) -> list[Note]:
        """What was found out about the file."""
        ...
