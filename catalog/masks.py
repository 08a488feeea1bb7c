"""Masks: what is shown of a value that a reader may not see whole, as SQL with bound values.

A mask that does not fit the type of its column shows nothing: the column is empty in every row.
"""

import hashlib
from collections.abc import Callable

from catalog.comparing import as_text
from catalog.keyset import Condition

HIDE, HASH, LAST_FOUR, YEAR = "hide", "hash", "last_four", "year"
_REGIONS = {"region:province": (2, 2), "region:regency": (5, 4), "region:district": (8, 7)}
"""How many characters name the area: in Kemendagri's codes with dots, in BPS's without."""

MASKS = frozenset({HIDE, HASH, LAST_FOUR, YEAR, *_REGIONS})
"""Every kind of mask there is."""

SALT_BYTES = 16
"""A shorter salt could be guessed, and with it every hashed value."""

_BLOCK = 64
_HASH_DIGITS = 32
_WORTH_A_TAIL = 8
"""A value with fewer characters than this would be told by its last four."""
_DOTTED = r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?"
_UNDOTTED = r"\d{2}(\d{2}(\d{3}(\d{3})?)?)?"

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")
_WRITTEN = ("VARCHAR", *_WHOLE)
_DATED = ("DATE", "TIMESTAMP")
_SCALAR = (*_WRITTEN, *_DATED, "TIME", "DOUBLE", "FLOAT", "BOOLEAN", "UUID")


def fits(kind: str, type_: str) -> bool:
    """Whether a column of this DuckDB type has anything left to show behind the mask."""
    if type_.endswith("]"):
        return kind == HIDE
    match kind:
        case "hide":
            return True
        case "hash":
            return type_.startswith(_SCALAR)
        case "year":
            return type_.startswith(_DATED)
        case _:
            return type_.startswith(_WRITTEN)


def masked_type(kind: str, type_: str) -> str:
    """DuckDB's type of what is shown: a hidden column keeps its own, a year is a whole number."""
    match kind:
        case "hide":
            return type_
        case "year":
            return "BIGINT"
        case _:
            return "VARCHAR"


def masked(kind: str, value: str, type_: str, salt: bytes) -> Condition:
    """The SQL of what is shown of `value`, and what to bind in it. NULL stays NULL."""
    if kind == HIDE or not fits(kind, type_):
        return f"CAST(NULL AS {masked_type(kind, type_)})", []
    if kind == YEAR:
        return f"year({value})", []
    text = as_text(value, type_)
    if kind == HASH:
        return _keyed_hash(text, salt)
    shown: Callable[[str], str] = _tail if kind == LAST_FOUR else _REGION[kind]
    return shown(text), []


def _keyed_hash(text: str, salt: bytes) -> Condition:
    """HMAC-SHA256 (RFC 2104) spelled out, for DuckDB has none; its first 128 bits in hex."""
    key = (hashlib.sha256(salt).digest() if len(salt) > _BLOCK else salt).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
    digest = f"sha256(? || unhex(sha256(? || encode({text}))))"
    return f"left({digest}, {_HASH_DIGITS})", [outer, inner]


def _tail(text: str) -> str:
    return (
        f"CASE WHEN length({text}) >= {_WORTH_A_TAIL} THEN '••••' || right({text}, 4)"
        f" WHEN {text} IS NOT NULL THEN '••••' END"
    )


def _area(dotted: int, undotted: int) -> Callable[[str], str]:
    def shown(text: str) -> str:
        return (
            f"CASE WHEN regexp_full_match({text}, '{_DOTTED}') THEN left({text}, {dotted})"
            f" WHEN regexp_full_match({text}, '{_UNDOTTED}') THEN left({text}, {undotted}) END"
        )

    return shown


_REGION = {kind: _area(*lengths) for kind, lengths in _REGIONS.items()}
