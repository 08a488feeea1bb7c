"""Yes or no for each row, with `True` and `False` standing for all rows and for none."""

from collections.abc import Iterable
from typing import Any as AnyBits
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Places: TypeAlias = NDArray[np.signedinteger[AnyBits]]
"""Positions and lengths, of 32 or 64 bits."""
Flags: TypeAlias = NDArray[np.bool_]
Mask: TypeAlias = bool | Flags


def settled(flags: Flags) -> Mask:
    """The flags, or True where every one of them is set."""
    return True if flags.all() else flags


def inverse(mask: Mask) -> Mask:
    return not mask if isinstance(mask, bool) else ~mask


def both(masks: Iterable[Mask]) -> Mask:
    """All masks hold; stops at the first that holds nowhere."""
    result: Mask = True
    for mask in masks:
        if mask is False:
            return False
        if mask is not True:
            result = mask if result is True else result & mask
    return result


def either(masks: Iterable[Mask]) -> Mask:
    """Some mask holds; stops at the first that holds everywhere."""
    result: Mask = False
    for mask in masks:
        if mask is True:
            return True
        if mask is not False:
            result = mask if result is False else result | mask
    return result
