"""Formats of which a yes is certain; a no may be a maybe."""

import numpy as np
from numpy.typing import NDArray

from schemas.columnar.days import dates, moments
from schemas.columnar.masks import Flags, Mask, Places, settled
from schemas.columnar.patterns import Ranges
from schemas.columnar.spans import outside
from schemas.columnar.texts import Texts

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = rf"^[A-Za-z0-9](?:[._+-]?[A-Za-z0-9])*@{_LABEL}(?:\.{_LABEL})+$"
_FORMS = {
    "time": (
        r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
        r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
    ),
    "uri": rf"^https?://{_LABEL}(?:\.{_LABEL})+(?:/[A-Za-z0-9._~-]*)*(?:\?[A-Za-z0-9._~=&/-]*)?$",
}
_HEX: Ranges = ((48, 57), (65, 70), (97, 102))
_HYPHEN: Ranges = ((45, 45),)
_UUID = tuple(_HYPHEN if place in (8, 13, 18, 23) else _HEX for place in range(36))
_ALPHANUMERIC: Ranges = ((97, 122), (48, 57), (65, 90))
_AT, _DOT = b"@."
_SHORT = 64


def has_format(texts: Texts, name: str) -> Mask:
    match name:
        case "date":
            return dates(texts)[1]
        case "date-time":
            return moments(texts)[1]
        case "uuid":
            return texts.of_width(36, _UUID)
        case "email":
            return _email(texts)
        case _:
            return settled(texts.found(_FORMS[name]))


def _email(texts: Texts) -> Mask:
    """By the marks between letters and digits; where they are unusual, by a pattern."""
    if not len(texts):
        return True
    marks = texts.strange(_ALPHANUMERIC)
    if _all_usual(texts, marks):
        return True
    sure = _usual(texts, marks)
    rest = ~sure & (texts.lengths <= _SHORT)
    sure[np.flatnonzero(rest)] = texts.where(rest).found(_EMAIL)
    return settled(sure)


def _all_usual(texts: Texts, marks: Places) -> bool:
    """`_usual` of every text, without finding out which mark is whose."""
    data, starts, ends = texts.data, texts.starts, texts.starts + texts.lengths
    kinds = data[marks]
    (ats,) = np.nonzero(kinds == _AT)
    if len(ats) != len(texts) or ats[-1] + 1 == len(marks) or texts.lengths.max() > _SHORT:
        return False
    at, after = marks[ats], marks[ats + 1]
    return bool(
        (at > starts).all()
        and (after < ends).all()
        and ((kinds == _AT) | (kinds == _DOT)).all()
        and (marks[1:] - marks[:-1] > 1).all()
        and not len(outside(data[starts], _ALPHANUMERIC))
        and not len(outside(data[ends - 1], _ALPHANUMERIC))
    )


def _usual(texts: Texts, marks: Places) -> Flags:
    """At most 64 bytes of letters and digits with single dots between, one @, and a dot after it."""
    data, lengths = texts.data, texts.lengths
    sure: Flags = lengths <= _SHORT
    kinds, rows = data[marks], texts.rows(marks)
    first, last = texts.starts[rows], (texts.starts + lengths - 1)[rows]
    wrong = ((kinds != _AT) & (kinds != _DOT)) | (marks == first) | (marks == last)
    wrong[1:] |= marks[1:] == marks[:-1] + 1
    sure[rows[wrong]] = False
    sure &= _one_at_with_dot(kinds, rows, len(texts))
    return sure


def _one_at_with_dot(kinds: NDArray[np.uint8], rows: Places, count: int) -> Flags:
    """Texts that have one @ among their marks, and of whose marks the last is a dot."""
    ats = np.bincount(rows[kinds == _AT], minlength=count) == 1
    ends = np.zeros(count, np.bool_)
    last = np.ones(len(rows), np.bool_)
    last[:-1] = rows[1:] != rows[:-1]
    ends[rows[last]] = kinds[last] == _DOT
    ends &= ats
    return ends
