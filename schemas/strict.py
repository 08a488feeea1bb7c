"""Strict JSON: no NaN or Infinity, no repeated names, exact whole numbers, bounded nesting, never a crash."""

import json
import re
from decimal import Decimal
from math import isinf
from typing import Any

import msgspec

from schemas.numbers import number_of

MAX_DEPTH = 64
_KEY = re.compile(rb'"[ \t\r\n]*:')
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class StrictError(ValueError):
    """Why a text is not strict JSON; `rule` is the rule's name in reports."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


def _number(text: str) -> int | float | Decimal:
    """A float that came out whole may have lost what it was not: 1e-9000, 1.00000000000000000001."""
    value = float(text)
    if not (value.is_integer() or isinf(value)):
        return value
    exact = number_of(text)
    return value if exact is None else exact


_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_number)


def strict(text: bytes) -> Any:
    """Decode one JSON value; raises StrictError."""
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        _refuse_depth(text)
    try:
        value = _DECODER.decode(text)
    except msgspec.ValidationError:
        return _slow(text)
    except msgspec.DecodeError as error:
        raise StrictError("json-rusak", str(error)) from error
    except (RecursionError, UnicodeDecodeError) as error:
        raise StrictError("json-rusak", str(error)) from error
    # msgspec keeps the last of two equal names in silence. Every name is followed by a colon, and an
    # escaped quote inside a text can only add to this count, so an equal count proves there is no repeat.
    if len(_KEY.findall(text)) != _names(value):
        return _slow(text)
    return value


def strict_lines(text: bytes, count: int) -> list[Any] | None:
    """All of `count` flat records at once; None if that does not prove them strict, so ask one by one."""
    if text.count(b"{") != count or b"[" in text:
        return None
    try:
        records = _DECODER.decode_lines(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    # One brace per record and every record an object: none holds another, so their names are all names.
    if len(records) != count or set(map(type, records)) != {dict}:
        return None
    return records if len(_KEY.findall(text)) == sum(map(len, records)) else None


def _names(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_names(v) for v in value.values() if type(v) in (dict, list))
    if isinstance(value, list):
        return sum(_names(v) for v in value if type(v) in (dict, list))
    return 0


def _refuse_depth(text: bytes) -> None:
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise StrictError("json-terlalu-dalam", f"deeper than {MAX_DEPTH} levels")
        elif first in b"]}":
            depth -= 1


def _slow(text: bytes) -> Any:
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_exact,
            parse_int=_whole,
        )
    except StrictError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrictError("json-rusak", str(error)) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise StrictError("json-nama-ganda", repeated)
    return record


def _no_constant(name: str) -> Any:
    raise StrictError("json-rusak", f"{name} is not JSON")


def _exact(text: str) -> int | float | Decimal:
    value = number_of(text)
    return float(text) if value is None else value


def _whole(text: str) -> int:
    value = number_of(text)
    if not isinstance(value, int):
        raise StrictError("json-rusak", "number too long")
    return value
