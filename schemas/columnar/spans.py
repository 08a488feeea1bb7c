"""Which bytes lie in given ranges: all at once, piece by piece so that each piece stays in the cache."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.patterns import Ranges

Bytes: TypeAlias = NDArray[np.uint8]
_AT_ONCE = 1 << 16
_CASE = 32
"""The bit that sets a small letter apart from its capital."""
_CAPITALS, _SMALL = range(65, 91), range(97, 123)
_FEW_CHOICES = 4
_MANY_ROWS = 64


@dataclass(frozen=True)
class _Layer:
    """Bytes from `first` on, `span` of them after it; of both cases where `case` is set in a byte.

    Arrays of one element stand for every byte, longer ones for the bytes of texts in order.
    """

    first: Bytes
    span: Bytes
    case: Bytes | None

    def holds(self, data: Bytes) -> Flags:
        """A byte minus the first of its range wraps around to a large one if it lies before."""
        data = data if self.case is None else data | self.case
        return (data - self.first) <= self.span

    def tiled(self, times: int) -> "_Layer":
        case = None if self.case is None else np.tile(self.case, times)
        return _Layer(np.tile(self.first, times), np.tile(self.span, times), case)

    def cut(self, size: int) -> "_Layer":
        if len(self.first) == size:
            return self
        case = None if self.case is None else self.case[:size]
        return _Layer(self.first[:size], self.span[:size], case)


def outside(data: Bytes, ranges: Ranges) -> Places:
    """Places of the bytes that lie in no range."""
    layers = _layers((ranges,))
    found = []
    for start in range(0, len(data), _AT_ONCE):
        inside = _within(data[start : start + _AT_ONCE], layers)
        if not inside.all():
            found.append(np.flatnonzero(~inside) + start)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def within_by_place(data: Bytes, classes: tuple[Ranges, ...]) -> Mask:
    """For texts of one length, one after the other: each byte in the class of its place."""
    width = len(classes)
    count = len(data) // width
    choices = [place for place, ranges in enumerate(classes) if len(ranges) > 1]
    if len(choices) <= _FEW_CHOICES and _within_hulls(data, classes):
        table = data.reshape(count, width)
        if all(_within(table[:, p], _layers(classes[p : p + 1])).all() for p in choices):
            return True
    return _row_by_row(data, classes)


def _within_hulls(data: Bytes, classes: tuple[Ranges, ...]) -> bool:
    """The lowest and the highest byte of every place are not outside its class."""
    width = len(classes)
    rows = len(data) // width
    wide = rows // _MANY_ROWS * _MANY_ROWS * width
    parts = [data[:wide].reshape(-1, _MANY_ROWS * width), data[wide:].reshape(-1, width)]
    lowest = np.array([ranges[0][0] for ranges in classes], np.uint8)
    highest = np.array([ranges[-1][1] for ranges in classes], np.uint8)
    return all(
        bool(
            (part.min(axis=0).reshape(-1, width) >= lowest).all()
            and (part.max(axis=0).reshape(-1, width) <= highest).all()
        )
        for part in parts
        if len(part)
    )


def _row_by_row(data: Bytes, classes: tuple[Ranges, ...]) -> Mask:
    width = len(classes)
    count = len(data) // width
    many = max(_AT_ONCE // width, 1)
    layers = [layer.tiled(min(many, count)) for layer in _layers(classes)]
    flags = np.ones(count, np.bool_)
    for start in range(0, count, many):
        piece = data[start * width : (start + many) * width]
        inside = _within(piece, [layer.cut(len(piece)) for layer in layers])
        if not inside.all():
            flags[np.flatnonzero(~inside) // width + start] = False
    return settled(flags)


def _within(data: Bytes, layers: list[_Layer]) -> Flags:
    inside = layers[0].holds(data)
    for layer in layers[1:]:
        inside |= layer.holds(data)
    return inside


def _layers(classes: tuple[Ranges, ...]) -> list[_Layer]:
    """The n-th range of each place; a place with fewer has its first again."""
    folded = [_folded(ranges) for ranges in classes]
    deepest = max(map(len, folded))
    filled = [[*ranges, *([ranges[0]] * (deepest - len(ranges)))] for ranges in folded]
    return [_layer([ranges[n] for ranges in filled]) for n in range(deepest)]


def _layer(places: list[tuple[int, int, bool]]) -> _Layer:
    first = np.array([a for a, _, _ in places], np.uint8)
    span = np.array([b - a for a, b, _ in places], np.uint8)
    case = np.array([_CASE if both else 0 for _, _, both in places], np.uint8)
    return _Layer(first, span, case if case.any() else None)


def _folded(ranges: Ranges) -> list[tuple[int, int, bool]]:
    """The ranges, capital and small letters in one where both are there; others first."""
    folded: list[tuple[int, int, bool]] = []
    pairs = {(a, b) for a, b in ranges if a in _SMALL and b in _SMALL} & {
        (a + _CASE, b + _CASE) for a, b in ranges if a in _CAPITALS and b in _CAPITALS
    }
    for a, b in ranges:
        if (a, b) in pairs:
            folded.append((a, b, True))
        elif (a + _CASE, b + _CASE) not in pairs:
            folded.append((a, b, False))
    return folded
