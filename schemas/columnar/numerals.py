"""Numbers in text cells: only the plain forms are read, everything else is left to the row path.

Arrow reads the numbers; what it takes beside the forms of JSON is found by looking at a few bytes.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.texts import Texts

_MINUS, _POINT, _ZERO, _NINE = b"-.09"
_DIGITS = ((_ZERO, _NINE),)
_MAX_WHOLE = 18
_MAX_PLAIN = 16
_LIMIT = 10**15


Numbers: TypeAlias = NDArray[np.int64] | NDArray[np.float64]


def whole(texts: Texts) -> tuple[NDArray[np.int64], Mask]:
    """Whole numbers that fit 64 bits."""
    sure = _without_leading_zeros(texts)
    try:
        return np.asarray(pc.cast(texts.array, pa.int64())), settled(sure)
    except pa.ArrowInvalid:
        sure &= texts.lengths <= _MAX_WHOLE
        sure = _digits_alone(texts, sure)
        numbers = np.zeros(len(texts), np.int64)
        numbers[sure] = np.asarray(pc.cast(texts.where(sure).array, pa.int64()))
        return numbers, settled(sure)


def plain(texts: Texts) -> tuple[NDArray[np.float64], Mask]:
    """Numbers of at most 15 digits without exponent, which a float holds as they are written."""
    sure = _well_formed(texts)
    try:
        numbers = np.asarray(pc.cast(texts.array, pa.float64()))
    except pa.ArrowInvalid:
        sure = _digits_and_point(texts, sure)
        numbers = np.zeros(len(texts), np.float64)
        numbers[sure] = np.asarray(pc.cast(texts.where(sure).array, pa.float64()))
    sure &= np.abs(numbers) < _LIMIT
    return numbers, settled(sure)


def compared(
    numbers: Numbers,
    holds: Callable[..., NDArray[np.bool_]],
    bound: int | float,
) -> Mask:
    """Each number against a bound; whole numbers meet whole bounds only, of any size."""
    if not len(numbers):
        return True
    if numbers.dtype == np.int64 and not -(2**63) <= bound < 2**63:
        return bool(holds(0, bound))
    if holds(numbers.min(), bound) and holds(numbers.max(), bound):
        return True
    return holds(numbers, bound)


def divided(numbers: Numbers, step: int) -> Mask:
    return settled(numbers // step * step == numbers)


def _without_leading_zeros(texts: Texts) -> Flags:
    """No zero before another digit; of numbers below zero, no zero at all in front."""
    if not len(texts):
        return np.ones(0, np.bool_)
    first = texts.data[texts.starts]
    sure: Flags = (first != _ZERO) | (texts.lengths == 1)
    if texts.range[0] <= _MINUS:
        (below,) = np.nonzero(first == _MINUS)
        sure[below] = texts.data[_after(texts, below)] != _ZERO
    return sure


def _after(texts: Texts, rows: Places, steps: int = 1) -> Places:
    """The place so many bytes into each text, or its last byte if it is shorter."""
    return texts.starts[rows] + np.minimum(texts.lengths[rows] - 1, steps)


def _well_formed(texts: Texts) -> Flags:
    """Of what Arrow reads as a float, that it is a short plain number."""
    if not len(texts):
        return np.ones(0, np.bool_)
    data, starts, lengths = texts.data, texts.starts, texts.lengths
    first = data[starts]
    sure = (lengths <= _MAX_PLAIN) & (data[starts + lengths - 1] >= _ZERO) & (first >= _ZERO)
    (zero,) = np.nonzero(first == _ZERO)
    sure[zero] &= (lengths[zero] == 1) | (data[_after(texts, zero)] == _POINT)
    if texts.range[0] < _ZERO:
        (below,) = np.nonzero(first == _MINUS)
        if len(below):
            sure[below] = _well_formed_below(texts, below)
    return texts.without(texts.strange(((_MINUS, _POINT), (_ZERO, _NINE))), sure)


def _well_formed_below(texts: Texts, below: Places) -> Flags:
    """The same for the numbers below zero, after their sign."""
    data, lengths = texts.data, texts.lengths[below]
    first = data[_after(texts, below)]
    naked = (first != _ZERO) | (lengths == 2) | (data[_after(texts, below, 2)] == _POINT)
    last = data[texts.starts[below] + lengths - 1]
    sure: Flags = naked & (first >= _ZERO) & (last >= _ZERO) & (lengths <= _MAX_PLAIN + 1)
    return sure


def _digits_alone(texts: Texts, sure: Flags) -> Flags:
    """Nothing but digits after the sign."""
    strange = texts.strange(_DIGITS)
    rows = texts.rows(strange)
    sign = (texts.data[strange] == _MINUS) & (texts.starts[rows] == strange)
    sure[rows[~sign]] = False
    sure &= (texts.lengths > 1) | (texts.data[texts.starts] != _MINUS)
    return sure


def _digits_and_point(texts: Texts, sure: Flags) -> Flags:
    """Nothing but digits after the sign, with one point or none."""
    strange = texts.strange(_DIGITS)
    rows = texts.rows(strange)
    point = texts.data[strange] == _POINT
    sign = (texts.data[strange] == _MINUS) & (texts.starts[rows] == strange)
    sure[rows[~sign & ~point]] = False
    points = rows[point]
    sure[points[1:][points[1:] == points[:-1]]] = False
    sure &= (texts.lengths > 1) | (texts.data[texts.starts] != _MINUS)
    return sure
