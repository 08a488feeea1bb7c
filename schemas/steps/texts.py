"""What single steps do to one text. Each function gives back what it cannot read, for the schema to judge."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas.numbers import number_of

_NUMBERS = {
    "id": re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+|-))?", re.ASCII),
    "en": re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII),
    "iso": re.compile(r"([+-]?)(\d+)(?:\.(\d+))?", re.ASCII),
}
_GROUPS = str.maketrans("", "", ".,")


def splitter(separators: Sequence[str], trim: str) -> Callable[[str], str]:
    """Parts between any of the separators, trimmed, empties dropped, order kept, joined by `;`."""
    pattern = re.compile("|".join(re.escape(s) for s in sorted(separators, key=len, reverse=True)))
    edges = trim + " \t\r\n\u00a0"

    def split(text: str) -> str:
        parts = (part.strip(edges) for part in pattern.split(text))
        return ";".join(part for part in parts if part)

    return split


_LIKE = {"id": "1.234,56", "en": "1,234.56", "iso": "1234.56"}


def number_writer(locale: str, *, strict: bool = False) -> Callable[[str], str]:
    """Text in a locale to a JSON number: in `id` 1.234,56 and Rp1.000,-; in `en` 1,234.56.

    With `strict` a number that is JSON's but not the locale's is marked, so that the schema refuses
    it: 12.5 among numbers like 1.234,5 may be a slip for 12.500, and is never read both ways.
    """
    pattern = _NUMBERS[locale]

    def write(text: str) -> str:
        bare = text.strip()
        if bare[:2] in ("Rp", "RP", "rp"):
            bare = bare[2:].lstrip(". ")
        match = pattern.fullmatch(bare)
        if match is None:
            foreign = strict and number_of(bare) is not None
            return f"{text} ≠ {_LIKE[locale]}" if foreign else text
        sign, whole, fraction = match.groups()
        digits = whole.translate(_GROUPS).lstrip("0") or "0"
        tail = f".{fraction}" if fraction and fraction != "-" else ""
        return f"{'-' if sign == '-' else ''}{digits}{tail}"

    return write


def boolean_writer(true: Sequence[str], false: Sequence[str]) -> Callable[[str], str]:
    """The declared words to `true` and `false`; case does not matter."""
    words = {w.casefold(): "true" for w in true} | {w.casefold(): "false" for w in false}
    return lambda text: words.get(text.strip().casefold(), text)


def translator(words: Mapping[str, str]) -> Callable[[str], str]:
    """Exact values to exact values."""
    return lambda text: words.get(text, text)


def text_of(value: Any) -> Any:
    """A number or truth value as text: 152339 and 152339.0 become "152339"; anything else unchanged."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return repr(value)
        case Decimal():
            return format(value, "f")
        case _:
            return value
