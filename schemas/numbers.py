"""Numbers as JSON writes them, read exactly."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_MAX_DIGITS = 400
_EXACT_DIGITS = 15


def number_of(text: str) -> int | float | Decimal | None:
    """The number a JSON text states, exactly; None if it is not a JSON number.

    Whole numbers, also written 1.0 or 1e3, become int: JSON Schema calls them integers. What has more
    digits than a float keeps becomes Decimal.
    """
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("-").isdigit():
        return int(text)
    exact = Decimal(text)
    if exact == 0:
        return 0
    if exact.adjusted() < _MAX_DIGITS and exact == exact.to_integral_value():
        return int(exact)
    small = len(exact.as_tuple().digits) <= _EXACT_DIGITS and abs(exact.adjusted()) < 300
    return float(exact) if small else exact
