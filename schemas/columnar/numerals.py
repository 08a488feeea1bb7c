"""Numbers in text cells: only the plain forms are read, everything else is left to the row path.

Arrow reads the numbers; what it takes beside the forms of JSON is found by looking at a few bytes.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from schemas.columnar.buffers import Numbers
from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.texts import Texts

_MINUS, _POINT, _ZERO, _NINE = b"-.09"
_SIGNED = ((_MINUS, _MINUS), (_ZERO, _NINE))
_POINTED = ((_MINUS, _POINT), (_ZERO, _NINE))
_MAX_WHOLE = 18
_MAX_PLAIN = 16
_LIMIT = 10**15


def whole(texts: Texts) -> tuple[Numbers, Mask]:
    """Whole numbers that fit 64 bits."""
    sure = texts.without(texts.strange(_SIGNED), _without_leading_zeros(texts))
    numbers = texts.cast(pa.int64(), sure)
    if numbers is None:
        sure = _signed_in_front(texts, sure & (texts.lengths <= _MAX_WHOLE))
        numbers = texts.cast(pa.int64(), sure)
    return _or_nothing(texts, numbers, sure)


def plain(texts: Texts) -> tuple[Numbers, Mask]:
    """Numbers of at most 15 digits without exponent, which a float holds as they are written."""
    sure = texts.without(texts.strange(_POINTED), _well_formed(texts))
    numbers = texts.cast(pa.float64(), sure)
    if numbers is None:
        sure = _one_point(texts, _signed_in_front(texts, sure))
        numbers = texts.cast(pa.float64(), sure)
    if numbers is not None and len(numbers) and max(numbers.max(), -numbers.min()) >= _LIMIT:
        sure &= np.abs(numbers) < _LIMIT
    return _or_nothing(texts, numbers, sure)


def _or_nothing(texts: Texts, numbers: Numbers | None, sure: Flags) -> tuple[Numbers, Mask]:
    return (np.zeros(len(texts), np.int64), False) if numbers is None else (numbers, settled(sure))


def compared(
    numbers: Numbers,
    holds: Callable[..., Flags],
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
    sure: Flags = (lengths <= _MAX_PLAIN) & (data[starts + lengths - 1] >= _ZERO) & (first >= _ZERO)
    (zero,) = np.nonzero(first == _ZERO)
    sure[zero] &= (lengths[zero] == 1) | (data[_after(texts, zero)] == _POINT)
    if texts.range[0] < _ZERO:
        (below,) = np.nonzero(first == _MINUS)
        if len(below):
            sure[below] = _well_formed_below(texts, below)
    return sure


def _well_formed_below(texts: Texts, below: Places) -> Flags:
    """The same for the numbers below zero, after their sign."""
    data, lengths = texts.data, texts.lengths[below]
    first = data[_after(texts, below)]
    sure: Flags = (first != _ZERO) | (lengths == 2) | (data[_after(texts, below, 2)] == _POINT)
    last = data[texts.starts[below] + lengths - 1]
    sure &= (first >= _ZERO) & (last >= _ZERO) & (lengths <= _MAX_PLAIN + 1)
    return sure


def _signed_in_front(texts: Texts, sure: Flags) -> Flags:
    """No minus but in front of something."""
    minus = texts.strange(((_POINT, _NINE),))
    rows = texts.rows(minus)
    sure[rows[texts.starts[rows] != minus]] = False
    sure &= (texts.lengths > 1) | (texts.data[texts.starts] != _MINUS)
    return sure


def _one_point(texts: Texts, sure: Flags) -> Flags:
    points = texts.rows(np.flatnonzero(texts.data == _POINT))
    sure[points[1:][points[1:] == points[:-1]]] = False
    return sure
