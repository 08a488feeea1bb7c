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
    if len(filled) > 1 and all(_is_text(cell, name) for name, cell in filled.items()):
        return [_finding("baris-judul-berulang", next(iter(filled)))]
    if any(_says_empty(finding) for finding in found):
        texts = (cell.strip() for cell in filled.values() if isinstance(cell, str))
        total = next(filter(_TOTAL.fullmatch, texts), None)
        if total:
            return [_finding("baris-jumlah", total)]
    return found


def _is_text(cell: Any, text: str) -> bool:
    return isinstance(cell, str) and cell.strip() == text


def _says_empty(finding: Finding) -> bool:
    return finding.rule in _ABOUT_EMPTINESS and finding.value in (None, "")


def _finding(rule: str, value: Any) -> Finding:
    return Finding("", "", rule, value)
