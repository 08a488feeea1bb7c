"""Filled cells read as the values of a column's kind."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from schemas.columnar import days, formats, numerals
from schemas.columnar.buffers import Numbers, array_of, flags_of, numbers_of, truths
from schemas.columnar.masks import Flags, Mask, both, either, settled
from schemas.columnar.questions import (
    Above,
    AtLeast,
    AtMost,
    Below,
    HasFormat,
    Matches,
    MultipleOf,
    NoLonger,
    NoShorter,
    OneOf,
    Question,
    Readable,
    Whole,
)
from schemas.columnar.texts import Texts
from schemas.columns import Column

_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}
_MAX_EXACT = 2**53
_MAX_INT64 = 2**63 - 1


class Reading(Protocol):
    """`read` says which cells were read; `kept` holds them as the column keeps them (None = as texts).

    Answers about cells that were not read mean nothing, and neither do their places in `kept`. Every
    question that can be asked of the kind is answered exactly, but for `HasFormat`, whose no is a maybe.
    """

    @property
    def read(self) -> Mask: ...

    @property
    def kept(self) -> pa.Array | None: ...

    def answer(self, question: Question) -> Mask: ...


@dataclass(frozen=True)
class Unread:
    """Cells of a kind or type that only the row path reads."""

    kept: pa.Array
    read: Mask = False

    def answer(self, question: Question) -> Mask:
        return False


@dataclass(frozen=True)
class TextReading:
    texts: Texts
    read: Mask = True
    kept: pa.Array | None = None

    def answer(self, question: Question) -> Mask:
        match question:
            case Readable():
                return self.read
            case OneOf(values):
                return self.texts.among(tuple(map(str, values)))
            case NoShorter(length):
                return self.texts.no_shorter(length)
            case NoLonger(length):
                return self.texts.no_longer(length)
            case Matches(pattern):
                return self.texts.match(pattern)
            case HasFormat(name) if self.kept is not None and _STATED.get(name) == self.kept.type:
                return self.read
            case HasFormat(name):
                return formats.has_format(self.texts, name)
            case _:
                return False


@dataclass(frozen=True)
class DayReading:
    """Dates or moments that came as such: nothing is known of their text but its format."""

    read: Mask
    kept: pa.Array

    def answer(self, question: Question) -> Mask:
        return self.read

    @staticmethod
    def enough(questions: Set[Question], kind: str) -> bool:
        return questions <= {Readable(), HasFormat(kind)}


_STATED = {"date": pa.date32(), "date-time": pa.timestamp("us", "UTC")}


@dataclass(frozen=True)
class NumberReading:
    numbers: Numbers
    read: Mask
    kept: pa.Array

    def answer(self, question: Question) -> Mask:
        match question:
            case Readable():
                return self.read
            case OneOf(values):
                return either(settled(self.numbers == value) for value in values)
            case AtLeast(bound):
                return numerals.compared(self.numbers, np.greater_equal, bound)
            case AtMost(bound):
                return numerals.compared(self.numbers, np.less_equal, bound)
            case Above(bound):
                return numerals.compared(self.numbers, np.greater, bound)
            case Below(bound):
                return numerals.compared(self.numbers, np.less, bound)
            case MultipleOf(step):
                return numerals.divided(self.numbers, step)
            case Whole():
                return settled(self.numbers == np.floor(self.numbers))
            case _:
                return False


@dataclass(frozen=True)
class TruthReading:
    truths: Flags
    read: Mask
    kept: pa.Array

    def answer(self, question: Question) -> Mask:
        match question:
            case Readable():
                return self.read
            case OneOf(values):
                return either(settled(self.truths == value) for value in values)
            case _:
                return False


def reader_of(
    column: Column, kept: pa.DataType, questions: Set[Question]
) -> Callable[[Texts | pa.Array], Reading]:
    """How the filled cells of a column are read, be they texts or typed, to answer these questions."""
    typed_days = DayReading.enough(questions, column.kind)
    readers: dict[str, Callable[[Texts | pa.Array, pa.DataType], Reading | None]] = {
        "integer": _integers,
        "number": _numbers,
        "boolean": _truths,
        "date": _dates,
        "date-time": _moments,
    }
    read = (
        _texts if column.textual and column.kind in ("string", "json") else readers.get(column.kind)
    )

    def reader(values: Texts | pa.Array) -> Reading:
        reading = read(values, kept) if read else None
        if reading is None or (isinstance(reading, DayReading) and not typed_days):
            count = len(values.array if isinstance(values, Texts) else values)
            return Unread(pa.nulls(count, kept))
        return reading

    return reader


def _texts(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if not isinstance(values, Texts):
        return None
    return TextReading(values)


def _integers(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if isinstance(values, Texts):
        numbers, read = numerals.whole(values)
    elif pa.types.is_integer(values.type):
        read = True
        if pa.types.is_uint64(values.type):
            read = settled(numbers_of(values) <= _MAX_INT64)
        numbers = numbers_of(values).astype(np.int64)
    elif pa.types.is_floating(values.type):
        floats = numbers_of(values.cast(pa.float64()))
        read = settled((np.abs(floats) < _MAX_EXACT) & (floats == np.floor(floats)))
        numbers = np.where(read, floats, 0).astype(np.int64)
    else:
        return None
    array = array_of(pa.int64(), numbers)
    return NumberReading(numbers, read, array if array.type == kept else array.cast(kept))


def _numbers(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if isinstance(values, Texts):
        numbers, read = numerals.plain(values)
    elif pa.types.is_integer(values.type):
        whole = numbers_of(values)
        read = settled((whole < _MAX_EXACT) & (whole > -_MAX_EXACT))
        numbers = whole.astype(np.float64)
    elif pa.types.is_floating(values.type):
        numbers = numbers_of(values.cast(pa.float64()))
        read = settled(np.isfinite(numbers))
    else:
        return None
    return NumberReading(numbers, read, array_of(kept, numbers))


def _truths(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if isinstance(values, Texts):
        flags = values.equal("true")
        return TruthReading(flags, settled(flags | values.equal("false")), truths(flags))
    if pa.types.is_boolean(values.type):
        return TruthReading(flags_of(values), True, values)
    return None


def _dates(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if isinstance(values, Texts):
        numbers, read = days.dates(values)
        return TextReading(values, read, array_of(kept, numbers))
    if pa.types.is_date32(values.type):
        return DayReading(days.within_years(numbers_of(values), 1), values)
    return None


def _moments(values: Texts | pa.Array, kept: pa.DataType) -> Reading | None:
    if isinstance(values, Texts):
        numbers, read = days.moments(values)
        return TextReading(values, read, array_of(kept, numbers))
    if pa.types.is_timestamp(values.type) and values.type.tz:
        return _typed_moments(values, kept)
    return None


def _typed_moments(values: pa.Array, kept: pa.DataType) -> Reading:
    """Moments in any unit. Seconds far away would come back as others, so they are looked at before the cast."""
    numbers, moments = numbers_of(values), values.cast(kept, safe=False)
    near = values.type.unit == "ns" or days.within_years(numbers, _A_DAY[values.type.unit])
    written = days.surely_written(numbers_of(moments), values.type.tz)
    return DayReading(both((near, written)), moments)
