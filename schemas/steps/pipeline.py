"""A list of steps made ready to run, on columns of cells or on records.

In columns an empty cell is "" or null and values may be text, numbers or dates of a typed source. In records
null and absent differ, and a value that means empty becomes null where the schema allows null, else absent.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from schemas.document import SchemaDocument
from schemas.lexical import Memo
from schemas.numbers import number_of
from schemas.steps.dates import date_writer, written_as, zone_of
from schemas.steps.locales import expanded
from schemas.steps.texts import boolean_writer, number_writer, splitter, text_of, translator

if TYPE_CHECKING:
    from schemas.steps.columnar import Columns, Places, Seen

Table = dict[str, list[Any]]


@dataclass(frozen=True)
class Change:
    """What a step does to the values of some columns (None = every column).

    `write` maps text to text; `read` makes a JSON value of a text that `write` changed, in records;
    `other` is for values that are not text; `empties` are the values that mean empty; `fill` is what
    an empty cell or null becomes ("" leaves it empty).
    """

    columns: tuple[str, ...] | None
    write: Callable[[str], str] | None = None
    read: Callable[[str], Any] | None = None
    other: Callable[[Any], Any] | None = None
    empties: frozenset[str | None] = frozenset()
    fill: str = ""


@dataclass(frozen=True)
class Shape:
    """What a step does to the set of columns."""

    rename: dict[str, str]
    drop: frozenset[str]


class Pipeline:
    """Runs the steps block after block; `merged` counts the repeats that `distinct` took out."""

    def __init__(self, steps: Sequence[dict[str, Any]], document: SchemaDocument) -> None:
        self._steps = [_compiled(step) for step in expanded(steps, document)]
        self._columns = document.by_name
        self._seen: set[bytes] = set()
        self._seen_columns: Seen | None = None
        self.merged = 0

    def __bool__(self) -> bool:
        return bool(self._steps)

    def names(self, header: Sequence[str]) -> list[str | None]:
        """What becomes of each column of a header; None if it is dropped."""
        names: list[str | None] = list(header)
        for step in self._steps:
            if isinstance(step, Shape):
                names = [
                    None if n is None or n in step.drop else step.rename.get(n, n) for n in names
                ]
        return names

    def table(self, table: Table) -> tuple[Table, list[int] | None]:
        """The table after all steps, and the indexes of the rows that stay (None = all)."""
        keep: list[int] | None = None
        for step in self._steps:
            match step:
                case Shape():
                    table = {
                        step.rename.get(n, n): cells
                        for n, cells in table.items()
                        if n not in step.drop
                    }
                case Change():
                    names = table if step.columns is None else step.columns
                    changed = {n: _changed_cells(step, table[n]) for n in names if n in table}
                    table = {**table, **changed}
                case None:
                    rows = zip(*map(_without_nulls, table.values()), strict=True)
                    stay = self._first_seen(rows)
                    table = {n: [cells[i] for i in stay] for n, cells in table.items()}
                    keep = stay if keep is None else [keep[i] for i in stay]
        return table, keep

    def columns(self, columns: "Columns") -> "tuple[Columns, Places | None] | None":
        """What `table` does, on Arrow columns; None if a step needs the values of a column that is not text."""
        from schemas.columnar.buffers import indexes_of
        from schemas.steps.columnar import Seen, filled, is_text, mapped, trimmed

        keep: Places | None = None
        for step in self._steps:
            match step:
                case Shape():
                    columns = {
                        step.rename.get(n, n): column
                        for n, column in columns.items()
                        if n not in step.drop
                    }
                case Change():
                    names = columns if step.columns is None else step.columns
                    mine = {n: columns[n] for n in names if n in columns}
                    odd = {n for n, column in mine.items() if not is_text(column)}
                    if odd and (step.other is not None or step.fill):
                        return None
                    run = (
                        trimmed if step.write is str.strip else partial(mapped, change=_cell(step))
                    )
                    texts = {
                        n: filled(c) if step.fill else c for n, c in mine.items() if n not in odd
                    }
                    columns = {**columns, **{n: run(column) for n, column in texts.items()}}
                case None:
                    if not all(map(is_text, columns.values())):
                        return None
                    self._seen_columns = self._seen_columns or Seen()
                    stay = self._seen_columns.fresh(columns)
                    size = len(next(iter(columns.values()), ()))
                    self.merged += size - len(stay)
                    rows = indexes_of(stay)
                    columns = {n: column.take(rows) for n, column in columns.items()}
                    keep = stay if keep is None else keep[stay]
        return columns, keep

    def records(self, rows: list[Any]) -> tuple[list[Any], list[int] | None]:
        """The records after all steps (the given ones are not changed), and which stay (None = all)."""
        rows = [dict(row) if isinstance(row, dict) else row for row in rows] if self else rows
        keep: list[int] | None = None
        for step in self._steps:
            match step:
                case Shape():
                    rows = [_reshaped(step, row) for row in rows]
                case Change():
                    self._change_records(step, rows)
                case None:
                    stay = self._first_seen(_sorted_items(row) for row in rows)
                    rows = [rows[i] for i in stay]
                    keep = stay if keep is None else [keep[i] for i in stay]
        return rows, keep

    def _change_records(self, step: Change, rows: list[Any]) -> None:
        memo = Memo(_text_change(step))
        for row in rows:
            if not isinstance(row, dict):
                continue
            for name in list(row) if step.columns is None else step.columns:
                if name not in row:
                    continue
                value = row[name]
                if (value is None or isinstance(value, str)) and value in step.empties:
                    self._empty(row, name)
                elif value is None and step.fill:
                    row[name] = step.fill
                elif isinstance(value, str):
                    row[name] = memo[value]
                elif step.other is not None:
                    row[name] = step.other(value)

    def _empty(self, row: dict[str, Any], name: str) -> None:
        column = self._columns.get(name)
        if column is None or column.nullable:
            row[name] = None
        else:
            del row[name]

    def _first_seen(self, rows: Iterable[Any]) -> list[int]:
        stay = []
        for index, row in enumerate(rows):
            digest = hashlib.blake2b(
                repr(row).encode("utf-8", "surrogatepass"), digest_size=16
            ).digest()
            if digest in self._seen:
                self.merged += 1
            else:
                self._seen.add(digest)
                stay.append(index)
        return stay


def _compiled(step: dict[str, Any]) -> Shape | Change | None:
    """One step ready to run; None stands for `distinct`."""
    columns = step.get("columns")
    names = None if columns == "*" else tuple(columns or ())
    match step["step"]:
        case "rename":
            return Shape(dict(columns or {}), frozenset())
        case "drop":
            return Shape({}, frozenset(columns or ()))
        case "distinct":
            return None
        case "trim":
            return Change(names, write=str.strip)
        case "empty":
            return Change(names, empties=frozenset(step["values"]))
        case "split":
            return Change(names, write=splitter(step["separators"], step.get("trim", "")))
        case "number":
            write = number_writer(step["locale"], strict=step.get("strict", False))
            return Change(names, write=write, read=number_of)
        case "boolean":
            write = boolean_writer(step["true"], step["false"])
            return Change(names, write=write, read={"true": True, "false": False}.get)
        case "translate":
            return Change(names, write=translator(step["map"]), fill=step["map"].get("", ""))
        case "text":
            return Change(names, other=text_of)
        case _:
            return _date_change(names, step)


def _date_change(names: tuple[str, ...] | None, step: dict[str, Any]) -> Change:
    zone = zone_of(step.get("zone"))

    def other(value: Any) -> Any:
        return (written_as(value, step["to"], zone) or value) if isinstance(value, date) else value

    write = date_writer(step["forms"], step["to"], step.get("zone"))
    return Change(names, write=write, other=None if step.get("strict") else other)


def _text_change(step: Change) -> Callable[[str], Any]:
    """What becomes of a text in a record; a text that the step left alone stays text."""
    write, read = step.write, step.read
    if write is None:
        return lambda text: text
    if read is None:
        return write

    def change(text: str) -> Any:
        written = write(text)
        value = read(written)
        return text if value is None else value

    return change


def _cell(step: Change) -> Callable[[str], str]:
    """What becomes of a text cell; "" is an empty one."""

    def change(text: str) -> str:
        if text == "":
            return step.fill
        if text in step.empties:
            return ""
        return step.write(text) if step.write else text

    return change


def _changed_cells(step: Change, cells: list[Any]) -> list[Any]:
    memo = Memo(_cell(step))
    cells = _without_nulls(cells) if step.fill else cells
    if step.other is None:
        return [memo[c] if type(c) is str else c for c in cells]
    return [memo[c] if type(c) is str else step.other(c) for c in cells]


def _without_nulls(cells: list[Any]) -> list[Any]:
    return ["" if cell is None else cell for cell in cells]


def _reshaped(step: Shape, row: Any) -> Any:
    """A renamed record; a source column stays as it is where the target is there already."""
    if not isinstance(row, dict):
        return row
    return {
        step.rename[n] if n in step.rename and step.rename[n] not in row else n: value
        for n, value in row.items()
        if n not in step.drop
    }


def _sorted_items(row: Any) -> Any:
    return sorted(row.items()) if isinstance(row, dict) else row
