"""How well an entry answers a question; in Python, so that both databases order alike."""

from collections.abc import Sequence

from catalog.search.words import stem

TITLE, KEYWORDS, BODY = 8.0, 4.0, 1.0
"""What a word is worth by where it stands."""
AS_TYPED, FAMILY, BEGINNING = 1.0, 0.7, 0.5
"""What it is worth by how it meets: the very word, one of its family, one that begins with it."""
PHRASE, WHOLE = 6.0, 6.0
"""More for the words side by side in the title, and for a title that is nothing else."""


def score(words: Sequence[str], title: str, keywords: str) -> float:
    """Points of one entry that is known to match; `title` and `keywords` are analysed text."""
    fields = ((TITLE, title.split()), (KEYWORDS, keywords.split()))
    points = sum(_best(word, fields) for word in words)
    phrase = " ".join(words)
    if f" {phrase} " in f" {title} ":
        points += PHRASE
    if title.startswith(f"{phrase} _"):
        points += WHOLE
    return round(points, 3)


def _best(word: str, fields: Sequence[tuple[float, list[str]]]) -> float:
    family = stem(word)
    for worth, tokens in fields:
        if word in tokens:
            return worth * AS_TYPED
        if family in tokens:
            return worth * FAMILY
        if any(token.startswith(word) for token in tokens):
            return worth * BEGINNING
    return BODY
