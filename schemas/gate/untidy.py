"""Rejected rows that are no records at all: a header repeated on each printed page, a row of totals, blanks.

Their cells break many rules at once; what helps is the one sentence that says what the row is.
"""

import re
from typing import Any

from schemas.gate.blocks import Finding

_TOTAL = re.compile(
    r"(?:grand|sub)?[ -]?(?:total|jumlah)(?: (?:keseluruhan|seluruhnya|umum|akhir))?\s*[:.]?",
    re.IGNORECASE,
)
_ABOUT_EMPTINESS = frozenset({"required", "kunci-kosong", "type"})


def plainly(received: Any, found: list[Finding]) -> list[Finding]:
    """What is wrong with a rejected row, in one finding where one says it all.

    A verdict is never changed: only rows that are refused already come here.
    """
    if not isinstance(received, dict) or len(received) < 2:
        return found
    filled = {name: cell for name, cell in received.items() if cell not in (None, "")}
    if not filled:
        return [_finding("baris-kosong", None)]
    texts = {name: cell.strip() for name, cell in filled.items() if isinstance(cell, str)}
    if len(filled) > 1 and all(texts.get(name) == name for name in filled):
        return [_finding("baris-judul-berulang", next(iter(filled)))]
    total = next(filter(_TOTAL.fullmatch, texts.values()), None)
    if total and any(_says_empty(finding) for finding in found):
        return [_finding("baris-jumlah", total)]
    return found


def _says_empty(finding: Finding) -> bool:
    return finding.rule in _ABOUT_EMPTINESS and finding.value in (None, "")


def _finding(rule: str, value: Any) -> Finding:
    return Finding("", "", rule, value)
