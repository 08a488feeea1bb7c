"""Why a pattern may not be published: patterns run in linear time on every row, and some constructs cannot."""

import re
from dataclasses import dataclass
from typing import Any

from schemas.errors import Fault

_LONGEST = 60
# An escape is taken whole: an escaped parenthesis begins no lookahead.
_TOKEN = re.compile(r"\\(?:k<[^>]*>|[1-9][0-9]?|.)|\(\?<?[=!]", re.DOTALL)


@dataclass(frozen=True)
class _Construct:
    """Its name, and what to write instead."""

    name_id: str
    name_en: str
    do_id: str
    do_en: str


_LOOK = (
    "Tulis syarat itu sebagai pola tersendiri di allOf atau not, atau pakai minLength dan maxLength.",
    "State that condition as a pattern of its own under allOf or not, or use minLength and maxLength.",
)
_LOOKAHEAD = _Construct("lookahead (melihat ke depan)", "a lookahead", *_LOOK)
_LOOKBEHIND = _Construct("lookbehind (melihat ke belakang)", "a lookbehind", *_LOOK)
_BACKREFERENCE = _Construct(
    "backreference (merujuk bagian sebelumnya)",
    "a backreference",
    "Sebutkan pilihannya satu per satu (a|b), atau nyatakan aturan antarkolom di x-aturan.",
    "List the alternatives (a|b), or state a rule across columns in x-aturan.",
)


def pattern_fault(pointer: str, pattern: Any, detail: str) -> Fault:
    """What in the pattern cannot be run, where in it, and what to write instead."""
    text = pattern if isinstance(pattern, str) else ""
    found = _construct(text)
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if found is None:
        return Fault(
            pointer,
            f"Pola {shown} bukan ekspresi reguler ECMA-262 yang dapat dijalankan: ada tanda yang tidak "
            "berpasangan, yang tidak dikenal (\\A, \\Z), atau pengulangan yang terlalu besar. Betulkan polanya.",
            f"The pattern {shown} is no ECMA-262 regular expression that can be run: a mark without its pair, an "
            "unknown one (\\A, \\Z), or too large a repetition. Correct the pattern.",
            detail,
        )
    what, mark, place = found
    return Fault(
        pointer,
        f"Pola {shown} memakai {what.name_id}: {mark} pada karakter ke-{place}. Pola diperiksa dalam waktu linear "
        f"dan tidak mengenal itu. {what.do_id}",
        f"The pattern {shown} uses {what.name_en}: {mark} at character {place}. Patterns are run in linear time, "
        f"which does not know it. {what.do_en}",
        detail,
    )


def _construct(pattern: str) -> tuple[_Construct, str, int] | None:
    for token in _TOKEN.finditer(pattern):
        mark = token[0]
        if mark in ("(?=", "(?!"):
            return _LOOKAHEAD, mark, token.start() + 1
        if mark in ("(?<=", "(?<!"):
            return _LOOKBEHIND, mark, token.start() + 1
        if mark.startswith("\\k<") or mark[1:].isdecimal():
            return _BACKREFERENCE, mark, token.start() + 1
    return None
