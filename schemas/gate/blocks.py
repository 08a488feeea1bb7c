"""The shape in which every reader hands over rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from schemas.gate.outcome import Note
from schemas.gate.sentences import Sentence

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ErrorCell:
    """A cell of a workbook whose formula failed, such as `#DIV/0!`."""

    text: str


@dataclass(frozen=True)
class FarCell:
    """A date or moment of a typed file outside the years 1 to 9999; `text` says how far from 1970 it is."""

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
    """Python values of a column: text, numbers, truth values, dates, and lists and records of what JSON has."""
    import pyarrow as pa
    import pyarrow.types as pt

    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value(cell) for cell in column]
    kind = column.type
    own = isinstance(kind, pa.BaseExtensionType) or pt.is_time(kind) or pt.is_duration(kind)
    return [_written(value) for value in values] if own or pt.is_nested(kind) else values


def _value(cell: "pa.Scalar") -> Any:
    try:
        return cell.as_py()
    except (ValueError, OverflowError):
        return FarCell(_text(cell))


def _text(cell: "pa.Scalar") -> str:
    """Arrow writes false years beyond the ones it knows, so the distance is told as it stands in the file."""
    import pyarrow.types as pt

    kind = cell.type
    unit = "d" if pt.is_date32(kind) else getattr(kind, "unit", "ms")
    if pt.is_duration(kind):
        return f"{cell.value} {unit}"
    return f"1970-01-01 + {cell.value} {unit}" if pt.is_temporal(kind) else str(kind)


def _written(value: Any) -> Any:
    """A value as JSON has it: of a list or record all that is inside."""
    match value:
        case dict():
            return {name: _written(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_written(inner) for inner in value]
        case float() if not isfinite(value):
            return json.dumps(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _period(value)
        case UUID():
            return str(value)
        case _:
            return value


def _period(length: timedelta) -> str:
    """ISO 8601 in seconds, such as PT90.5S."""
    seconds, rest = divmod(abs(length), timedelta(seconds=1))
    fraction = f".{rest.microseconds:06d}".rstrip("0").rstrip(".")
    return f"{'-' if length < timedelta(0) else ''}PT{seconds}{fraction}S"


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
