"""Which mask fits which column, and which of two masks shows less. How they work: `catalog`."""

import re
from collections.abc import Mapping, Sequence

from hub.errors import InvalidInput
from schemas.columns import Column
from schemas.document import SchemaDocument

REGIONS = ("region:district", "region:regency", "region:province")
"""From the closest to the widest."""
KINDS = ("hide", "hash", "last_four", "year", *REGIONS)
SCALARS = frozenset({"string", "integer", "number", "boolean", "date", "date-time"})
REGION_LIST = "referensi/wilayah"
REGION_CODES = ("32.04.05.2001", "32.04.05", "32.04", "3204050001", "3204050")
"""Regions of Kemendagri and of BPS: a column whose pattern takes one of them holds regions …"""
OTHER_CODES = ("abc", "1", "1.2.3")
"""… unless its pattern takes one of these as well."""

_WHY = {
    "hash": ("nilainya bukan nilai tunggal", "its values are not single ones"),
    "last_four": ("isinya bukan teks atau bilangan bulat", "it holds no text or whole numbers"),
    "year": ("isinya bukan tanggal", "it holds no dates"),
    "region": (
        "isinya bukan kode wilayah (x-kode-referensi referensi/wilayah atau pola kode wilayah)",
        "it holds no region codes (x-kode-referensi referensi/wilayah, or a pattern of such codes)",
    ),
}


def fits(column: Column, kind: str) -> bool:
    """Whether the mask leaves something to show of such a column; False for an unknown kind."""
    match kind:
        case "hide":
            return True
        case "hash":
            return column.kind in SCALARS
        case "last_four":
            return column.kind in ("string", "integer")
        case "year":
            return column.kind in ("date", "date-time")
        case _:
            return kind in REGIONS and _holds_regions(column)


def choices(column: Column) -> list[str]:
    """The kinds that fit, in the order of KINDS."""
    return [kind for kind in KINDS if fits(column, kind)]


def shows_no_more(kind: str | None, than: str | None) -> bool:
    """Whether what `kind` shows could be told from what `than` shows; None shows everything."""
    if than is None or kind in (than, "hide"):
        return True
    return kind in REGIONS and than in REGIONS and REGIONS.index(kind) >= REGIONS.index(than)


def check(
    document: SchemaDocument, masks: Mapping[str, str], columns: Sequence[str] | None
) -> None:
    """Raise InvalidInput for a mask that is none, does not fit, or is on a column not asked for."""
    for name, kind in masks.items():
        if kind not in KINDS:
            raise InvalidInput(
                f"Samaran “{kind[:40]}” tidak dikenal. Yang ada: {', '.join(KINDS)}.",
                f"There is no mask “{kind[:40]}”. There are: {', '.join(KINDS)}.",
                member=f"masks.{name}",
                masks=list(KINDS),
            )
        column = document.by_name.get(name)
        if column is None or (columns is not None and name not in columns):
            raise InvalidInput(
                f"Kolom {name[:80]} disamarkan tetapi tidak diminta.",
                f"Column {name[:80]} is masked but not asked for.",
                member=f"masks.{name}",
            )
        if not fits(column, kind):
            why_id, why_en = _WHY[kind.partition(":")[0]]
            raise InvalidInput(
                f"Samaran {kind} tidak cocok untuk kolom {name}: {why_id}.",
                f"The mask {kind} does not fit column {name}: {why_en}.",
                member=f"masks.{name}",
                masks=choices(column),
            )


def _holds_regions(column: Column) -> bool:
    if column.kind not in ("string", "integer"):
        return False
    if column.schema.get("x-kode-referensi") == REGION_LIST:
        return True
    pattern = column.schema.get("pattern")
    return isinstance(pattern, str) and _takes_a_region(pattern)


def _takes_a_region(pattern: str) -> bool:
    """Anchored and not for any text, so that a pattern that merely lets a code pass does not count."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return False
    try:
        taken = re.compile(pattern)
    except re.error:
        return False
    return any(map(taken.search, REGION_CODES)) and not any(map(taken.search, OTHER_CODES))
