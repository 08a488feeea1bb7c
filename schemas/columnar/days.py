"""Dates and moments in text cells, counted from 1970."""

import numpy as np
from numpy.typing import NDArray

from schemas.columnar.masks import Mask, settled
from schemas.columnar.texts import Texts

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
_FIRST = -719_162
_LAST = 2_932_896
_DAY = 86_400_000_000


def within_years(numbers: NDArray[np.int32] | NDArray[np.int64], unit: int) -> Mask:
    """In the years 1 to 9999; `unit` is how many of the numbers make a day."""
    return settled((numbers >= _FIRST * unit) & (numbers < (_LAST + 1) * unit))


def dates(texts: Texts) -> tuple[NDArray[np.int32], Mask]:
    """Days since 1970 of dates of the calendar."""
    formed = texts.found(_DATE)
    found = texts.series.str.to_date("%Y-%m-%d", strict=False)
    numbers = found.to_physical().fill_null(0).to_numpy()
    read = settled(formed & found.is_not_null().to_numpy())
    return numbers, read if within_years(numbers, 1) is True else settled(
        np.asarray(read) & np.asarray(within_years(numbers, 1))
    )


def moments(texts: Texts) -> tuple[NDArray[np.int64], Mask]:
    """Microseconds since 1970 of RFC 3339 date-times; leap seconds are not read."""
    formed = texts.found(_MOMENT)
    zulu = texts.series.str.replace("Z$", "+00:00")
    found = zulu.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False)
    numbers = found.to_physical().fill_null(0).to_numpy()
    read = formed & found.is_not_null().to_numpy() & np.asarray(within_years(numbers, _DAY))
    return numbers, settled(read)
