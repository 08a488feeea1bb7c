"""How well an entry answers a question; in Python, so that both databases order alike."""

from collections.abc import Sequence

from catalog.search.words import STEM, stem

TITLE, KEYWORDS, BODY = 8.0, 4.0, 1.0
"""What a word is worth by where it stands."""
AS_TYPED, FAMILY, BEGINNING = 1.0, 0.7, 0.5
"""What it is worth by how it meets: the very word, one of its family, one that begins with it."""
PHRASE, WHOLE = 6.0, 6.0
"""More for the words side by side in the title, and for a title that begins and ends with them."""


def score(words: Sequence[str], title: str, keywords: str) -> float:
    """Points of one entry that is known to match; `title` and `keywords` are analysed text."""
    fields = ((TITLE, f" {title} "), (KEYWORDS, f" {keywords} "))
    points = sum(_best(word, fields) for word in words)
    phrase = " ".join(words)
    if f" {phrase} " in fields[0][1]:
        points += PHRASE
        if title.startswith(f"{phrase} {STEM}"):
            points += WHOLE
    return round(points, 3)


def _best(word: str, fields: Sequence[tuple[float, str]]) -> float:
    """Stems carry their mark, so a blank before the bare letters is the start of a surface word."""
    for worth, tokens in fields:
        if f" {word} " in tokens:
            return worth * AS_TYPED
        if f" {stem(word)} " in tokens:
            return worth * FAMILY
        if f" {word}" in tokens:
            return worth * BEGINNING
    return BODY
