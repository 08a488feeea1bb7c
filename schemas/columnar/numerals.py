"""Numbers in text cells: only the plain forms are read, everything else is left to the row path."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.columnar.masks import Mask, settled
from schemas.columnar.texts import Texts

_WHOLE = r"^-?(?:0|[1-9][0-9]{0,17})$"
_PLAIN = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?$"


def whole(texts: Texts) -> tuple[NDArray[np.int64], Mask]:
    """Whole numbers of at most 18 digits."""
    read = settled(texts.found(_WHOLE))
    numbers = texts.series.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    return numbers, read


def plain(texts: Texts) -> tuple[NDArray[np.float64], Mask]:
    """Numbers of at most 15 digits without exponent, which a float holds as they are written."""
    read = settled(texts.found(_PLAIN) & (texts.series.str.len_bytes() <= 16).to_numpy())
    numbers = texts.series.cast(pl.Float64, strict=False).fill_null(0).to_numpy()
    return numbers, read


def compared(
    numbers: NDArray[np.int64] | NDArray[np.float64],
    holds: Callable[..., NDArray[np.bool_]],
    bound: int | float,
) -> Mask:
    """Each number against a bound; whole numbers meet whole bounds only, of any size."""
    if not len(numbers):
        return True
    if numbers.dtype == np.int64 and not -(2**63) <= bound < 2**63:
        return bool(holds(0, bound))
    return settled(holds(numbers, bound))
