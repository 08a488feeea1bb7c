"""What a few rows tell about a stream: columns, likely keys, likely cursors."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.base import Column, Stream

_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_KEY_NAME = re.compile(r"^(id|kd|kode|no|nomor|uuid|nik|nip)(_|$)|_id$", re.IGNORECASE)
_CURSOR_NAME = re.compile(
    r"updated|modified|diubah|^_?event_date$|^(tgl|tanggal|waktu)", re.IGNORECASE
)


def describe(name: str, rows: Sequence[bytes]) -> Stream:
    """A stream from a sample of JSON objects; rows that cannot be decoded are passed over."""
    seen: dict[str, list[Any]] = {}
    decoded = 0
    for raw in rows:
        try:
            row = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            continue
        if isinstance(row, dict):
            decoded += 1
            for column, value in row.items():
                seen.setdefault(column, []).append(value)
    return Stream(
        name=name,
        columns=tuple(Column(column, _types(values)) for column, values in seen.items()),
        keys=tuple(
            sorted(
                (column for column, values in seen.items() if _may_be_key(values, decoded)),
                key=lambda column: _KEY_NAME.search(column) is None,
            )
        ),
        cursors=tuple(column for column in seen if _CURSOR_NAME.search(column)),
    )


def _types(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(sorted({_type(value) for value in values}))


def _type(value: object) -> str:
    if value is None:
        return "null"
    return next(name for kind, name in _JSON_TYPES if isinstance(value, kind))


def _may_be_key(values: Sequence[Any], rows: int) -> bool:
    """In every row, never null, a number or text, and no value twice."""
    simple = all(isinstance(value, int | str) and not isinstance(value, bool) for value in values)
    return simple and len(values) == rows and len(set(values)) == rows
