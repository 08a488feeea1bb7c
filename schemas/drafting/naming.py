"""Names of columns from the headings that people type."""

import re
import unicodedata
from collections.abc import Sequence

_LONGEST = 60
_YEAR = re.compile(r"(19|20)\d{2}")
_UNITS = re.compile(
    r"(rp|rupiah|%|persen|orang|jiwa|unit|buah|ha|hektar|m|km|m2|km2|m3|ton|kg|kw|kk|hari|tahun)",
    re.IGNORECASE,
)
_UNIT_BEHIND = re.compile(r"(.+?)\s*\(([^()]+)\)")
_WRITTEN_OUT = {"rp": "rupiah", "%": "persen"}
_PLACES = frozenset({"kabupaten", "kab", "kota", "provinsi"})
_EMPTY_WORDS = _PLACES | frozenset(
    {
        "daftar",
        "data",
        "rekap",
        "rekapitulasi",
        "laporan",
        "tabel",
        "lampiran",
        "tahun",
        "per",
        "di",
        "dan",
        "yang",
    }
)
_LONGEST_SLUG = 40
_SIGNS = {"%": " persen ", "&": " dan ", "+": " plus ", "/": " "}


def squeezed(text: str) -> str:
    """One line, single spaces."""
    return " ".join(text.split())


def name_of(heading: str) -> str:
    """`Nama Sekolah (resmi)` becomes `nama_sekolah_resmi`; begins with a letter, never empty."""
    for sign, word in _SIGNS.items():
        heading = heading.replace(sign, word)
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST].strip("_")
    if not name:
        return "kolom"
    if name[0].isdigit():
        return f"tahun_{name}" if _YEAR.fullmatch(name) else f"kolom_{name}"
    return name


def unique(names: Sequence[str]) -> list[str]:
    """The same names, later repeats with a number behind them."""
    taken: set[str] = set()
    found = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        found.append(candidate)
    return found


def slug_of(title: str) -> str:
    """A name for an address, from the words that will still be true next year; may be empty."""
    words = name_of(title).split("_") if squeezed(title) else []
    places = {i + 1 for i, word in enumerate(words) if word in _PLACES}
    kept = [
        word
        for i, word in enumerate(words)
        if i not in places and word not in _EMPTY_WORDS and not _YEAR.fullmatch(word)
    ]
    slug = ""
    for word in kept or words:
        if len(slug) + len(word) >= _LONGEST_SLUG:
            break
        slug = f"{slug}-{word}".strip("-")
    return slug


def calm(title: str) -> str:
    """A title in capitals, as titles of sheets are, with capitals at the words' beginnings only."""
    return title.title() if title.isupper() else title


def words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading, in small letters."""
    return tuple(re.findall(r"[a-z0-9]+", heading.lower()))


def unit_of(text: str) -> str:
    """A unit as schemas write it (`Rp` is rupiah); "" if the text is none."""
    bare = text.strip().removeprefix("(").removesuffix(")").strip()
    return _WRITTEN_OUT.get(bare.lower(), bare) if _UNITS.fullmatch(bare) else ""


def without_unit(heading: str) -> tuple[str, str]:
    """`Dana (Rp)` is Dana in rupiah; a heading without a unit comes back as it is."""
    match = _UNIT_BEHIND.fullmatch(heading)
    unit = unit_of(match[2]) if match else ""
    return (match[1], unit) if match and unit else (heading, "")
