"""Which rows of a block are valid beyond doubt, and their values as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any as Json

import numpy as np
import pyarrow as pa

from schemas.arrow import arrow_type
from schemas.columnar.buffers import truths
from schemas.columnar.cells import AnyCells, cells_of
from schemas.columnar.compiling import proof_of
from schemas.columnar.expression import (
    All,
    Any,
    Asked,
    Constant,
    Expression,
    Filled,
    Given,
    Not,
    questions_of,
)
from schemas.columnar.masks import Mask, both, either, inverse, settled
from schemas.columnar.readings import Reading, reader_of
from schemas.columns import Column


@dataclass(frozen=True)
class Proven:
    """`rows` says of each row whether it is proven valid (None = every row is).

    `typed` has every column of the proof in the types of `schemas.arrow`, and is right where the row is
    proven; elsewhere it holds anything. A text column that came as a dictionary stays one.
    """

    rows: pa.BooleanArray | None
    typed: dict[str, pa.Array]


class Proof:
    """A schema compiled once for many blocks; may be used by several threads at a time."""

    def __init__(self, body: dict[str, Json] | bool, columns: Mapping[str, Column]) -> None:
        self._expression = proof_of(body, columns)
        self._kept = {name: arrow_type(column) for name, column in columns.items()}
        asked = questions_of(self._expression)
        self._readers = {
            name: reader_of(column, self._kept[name], asked.get(name, set()))
            for name, column in columns.items()
        }

    def of(self, cells: Mapping[str, pa.Array]) -> Proven:
        """Judge a block: one array per column that the file has, all of one length, none unknown.

        A cell is text (string, large_string, or a dictionary of strings with int32 indices), where null
        and "" are empty: null if the type allows null, else absent. Or it is typed: integers, floats,
        booleans, date32, timestamps with a zone. A property whose column is not in `cells` is absent.
        """
        count = len(next(iter(cells.values()))) if cells else 0
        block = _Block(count, {n: self._side(n, array) for n, array in cells.items()})
        typed = {
            name: block.sides[name].kept(kind) if name in cells else pa.nulls(count, kind)
            for name, kind in self._kept.items()
        }
        return Proven(_rows(block.holds(self._expression), count), typed)

    def _side(self, name: str, array: pa.Array) -> "_Side":
        cells = cells_of(array)
        return _Side(cells, self._readers[name](cells.values))


@dataclass(frozen=True)
class _Side:
    """One column of a block: its cells and what they were read as."""

    cells: AnyCells
    reading: Reading

    def kept(self, kind: pa.DataType) -> pa.Array:
        values = self.reading.kept
        return self.cells.as_texts(kind) if values is None else self.cells.placed(values)


@dataclass(frozen=True)
class _Block:
    """One block under one expression; every part is worked out once."""

    count: int
    sides: dict[str, _Side]
    _known: dict[Expression, Mask] = field(default_factory=dict)

    def holds(self, expression: Expression) -> Mask:
        if expression not in self._known:
            self._known[expression] = self._work_out(expression)
        return self._known[expression]

    def _work_out(self, expression: Expression) -> Mask:
        match expression:
            case Constant(value):
                return value
            case Given(name):
                return name in self.sides
            case Filled(name):
                return self.sides[name].cells.filled if name in self.sides else False
            case Asked(name, question):
                side = self.sides.get(name)
                return side is None or side.cells.spread(side.reading.answer(question))
            case Not(part):
                return inverse(self.holds(part))
            case All(parts):
                return both(map(self.holds, parts))
            case Any(parts):
                return either(map(self.holds, parts))


def _rows(mask: Mask, count: int) -> pa.BooleanArray | None:
    if not isinstance(mask, bool):
        mask = settled(mask)
    if mask is True:
        return None
    return truths(np.zeros(count, np.bool_) if mask is False else mask)
