"""Dates and moments in text cells, counted from 1970."""

import re

import numpy as np
import pyarrow as pa

from schemas.columnar.buffers import Numbers
from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.patterns import Ranges
from schemas.columnar.spans import Bytes
from schemas.columnar.texts import Texts

_DIGIT: Ranges = ((48, 57),)
_SIGN: Ranges = ((43, 43), (45, 45))


def _layout(form: str) -> tuple[Ranges, ...]:
    """`0` stands for a digit, `+` for a sign, `1`, `2`, `5` for digits up to themselves."""
    upto: dict[str, Ranges] = {d: ((48, ord(d)),) for d in "125"}
    named: dict[str, Ranges] = {"0": _DIGIT, "+": _SIGN, **upto}
    return tuple(named.get(c, ((ord(c), ord(c)),)) for c in form)


_DATE = _layout("0000-10-00")
_CLOCKS = {20: _layout("0000-10-00T20:50:50Z"), 25: _layout("0000-10-00T20:50:50+20:50")}
_FRACTION = (
    r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{1,6}"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
_FIRST = -719_162
_LAST = 2_932_896
_DAY = 86_400_000_000
_OFFSET = re.compile(r"[+-][01][0-9]:[0-5][0-9]")
_ROUND_OFFSETS = 1_096 * _DAY
"""From 1973 on every zone is a whole number of minutes from UTC."""
_SHORTEST = 28
_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, *([0] * 7)], np.uint8)
"""Days of each month; there is no month 0, nor 13 to 19."""


def within_years(numbers: Numbers, unit: int) -> Mask:
    """In the years 1 to 9999; `unit` is how many of the numbers make a day."""
    if not len(numbers) or (numbers.min() >= _FIRST * unit and numbers.max() < (_LAST + 1) * unit):
        return True
    return (numbers >= _FIRST * unit) & (numbers < (_LAST + 1) * unit)


def surely_written(moments: Numbers, zone: str) -> Mask:
    """Whether the moments have an RFC 3339 form in their zone: no odd seconds of old local times."""
    if zone == "UTC" or _OFFSET.fullmatch(zone):
        return settled((moments >= (_FIRST + 1) * _DAY) & (moments < _LAST * _DAY))
    return settled((moments >= _ROUND_OFFSETS) & (moments < _LAST * _DAY))


def dates(texts: Texts) -> tuple[Numbers, Mask]:
    """Days since 1970 of dates of the calendar."""
    sure = np.ones(len(texts), np.bool_)
    numbers = texts.cast(pa.date32(), sure)
    if numbers is None:
        sure = _flags(texts.of_width(10, _DATE), texts)
        numbers = _on_calendar_cast(texts, pa.date32(), sure)
    return _in_range(numbers, sure, 1)


def moments(texts: Texts) -> tuple[Numbers, Mask]:
    """Microseconds since 1970 of RFC 3339 date-times; leap seconds are not read."""
    sure = _flags(_clocked(texts), texts)
    return _in_range(_on_calendar_cast(texts, pa.timestamp("us", "UTC"), sure), sure, _DAY)


def _on_calendar_cast(texts: Texts, kind: pa.DataType, sure: Flags) -> Numbers:
    """The flagged texts cast; takes the flag from those that name no day of the calendar."""
    numbers = texts.cast(kind, sure)
    if numbers is None:
        sure[np.flatnonzero(sure)] = _on_calendar(texts.where(sure))
        numbers = texts.cast(kind, sure)
    if numbers is None:
        sure[:] = False
        return np.zeros(len(texts), np.int32 if kind == pa.date32() else np.int64)
    return numbers


def _flags(mask: Mask, texts: Texts) -> Flags:
    return np.array(np.broadcast_to(mask, len(texts)))


def _in_range(numbers: Numbers, sure: Flags, unit: int) -> tuple[Numbers, Mask]:
    within = within_years(numbers, unit)
    return numbers, settled(sure if within is True else sure & within)


def _clocked(texts: Texts) -> Mask:
    """Written as RFC 3339 wants it, but for the calendar."""
    if texts.width in _CLOCKS:
        return _hours(texts, texts.of_width(texts.width, _CLOCKS[texts.width]))
    flags = np.zeros(len(texts), np.bool_)
    known = np.zeros(len(texts), np.bool_)
    for width, layout in _CLOCKS.items():
        mine = texts.lengths == width
        if mine.any():
            some = texts.where(mine)
            flags[mine] = _hours(some, some.of_width(width, layout))
            known |= mine
    if not known.all():
        flags[~known] = texts.where(~known).found(_FRACTION)
    return settled(flags)


def _hours(texts: Texts, sure: Mask) -> Mask:
    """No hour after 23, of the day or of the offset."""
    width = texts.width
    data = texts.data.reshape(-1, width)
    for place in (11, 20) if width == 25 else (11,):
        late = (data[:, place] == ord("2")) & (data[:, place + 1] > ord("3"))
        if late.any():
            sure = np.broadcast_to(sure, len(texts)) & ~late
    return sure


def _on_calendar(texts: Texts) -> Flags:
    """Whether texts that begin like `0000-10-00` name a day of the calendar."""
    data, starts = texts.data, texts.starts
    month, day = (_two_digits(data, starts + place) for place in (5, 8))
    flags: Flags = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _SHORTEST)
    (late,) = np.nonzero(~flags)
    starts = starts[late]
    year = _two_digits(data, starts) * np.int32(100) + _two_digits(data, starts + 2)
    leap = (month[late] == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    flags[late] = (day[late] >= 1) & (day[late] <= _LENGTHS[month[late]] + leap)
    return flags


def _two_digits(data: Bytes, places: Places) -> Bytes:
    return (data[places] - np.uint8(48)) * np.uint8(10) + (data[places + 1] - np.uint8(48))
