"""The shape in which every reader hands over rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from schemas.gate.outcome import Note
from schemas.gate.sentences import Sentence

if TYPE_CHECKING:
    import pyarrow as pa


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
    """Some rows in file order, in one of four shapes: Arrow columns (`columns`), cells by column as a workbook
    has them (`table`), JSON values (`records`), or lines of JSON that nobody has read yet (`lines`).

    `numbers` are the rows' numbers for people: of a table the record number counting the header as 1,
    of a workbook the sheet's row, of JSON lines the line, of other sources the position from 1.
    """

    numbers: Sequence[int]
    table: dict[str, list[Any]] | None = None
    records: list[Any] | None = None
    broken: tuple[Broken, ...] = ()
    columns: "dict[str, pa.Array] | None" = None
    lines: "Unread | None" = None

    def received(self, indexes: Sequence[int]) -> list[Any]:
        """These rows as they came, before any step."""
        if self.lines is not None:
            return self.lines.read(indexes)[0]
        if self.records is not None:
            return [self.records[index] for index in indexes]
        if self.columns is not None:
            from schemas.columnar.buffers import indexes_of

            places = indexes_of(indexes)
            table = {name: cells.take(places) for name, cells in self.columns.items()}
            return _rows({name: values_of(cells) for name, cells in table.items()})
        return [{n: cells[i] for n, cells in (self.table or {}).items()} for i in indexes]


def values_of(column: "pa.Array") -> list[Any]:
    """Python values of a column; nanoseconds are cut to microseconds."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _rows(table: dict[str, list[Any]]) -> list[Any]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


class Unread(Protocol):
    """Whole lines of JSON as bytes, to be read as columns or as records."""

    @property
    def text(self) -> bytes: ...

    def parsed(self) -> Block:
        """The records of the lines, those that are no strict JSON apart."""
        ...

    def read(self, indexes: Sequence[int]) -> tuple[list[Any], dict[int, Finding]]:
        """Some lines read one by one, and the place and fault of those that are no strict JSON."""
        ...


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
