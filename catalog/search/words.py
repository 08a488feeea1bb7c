"""Text to tokens: the only place that decides what a word is, for entries as for questions."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import snowballstemmer

from catalog.terms import CONCEPTS, SHORT_FORMS, SMALL_WORDS

STEM = "_"
"""Starts every stem, so that a stem never meets a surface word of the same letters."""
LONGEST = 60
"""Characters of a token that count; nobody types more of a word."""

_WORD = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("indonesian")


def surfaces(text: str) -> list[str]:
    """Words in order, case and diacritics folded: `"Pagu Séktoral 2.16"` → pagu sektoral 2 16."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return [word[:LONGEST] for word in _WORD.findall(bare)]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The family a word belongs to, marked; our own list first, then Snowball's Indonesian."""
    families = _families()
    root = _stemmer.stemWord(word)
    return STEM + (families.get(word) or families.get(root) or root)


def analysed(text: str) -> str:
    """Tokens of an entry: its words in order, then long or short forms, then the stems, unrepeated."""
    words = surfaces(text)
    also = [word for word in _other_forms(words) if word not in words]
    stems = dict.fromkeys(stem(word) for word in (*words, *also))
    return " ".join((*words, *dict.fromkeys(also), *stems))


def asked(text: str) -> list[str]:
    """Words of a question, each once, without small words unless there is nothing else."""
    words = list(dict.fromkeys(surfaces(text)))
    return [word for word in words if word not in SMALL_WORDS] or words


def _other_forms(words: Sequence[str]) -> Iterator[str]:
    """What a short form stands for, and the short form of a phrase that stands there."""
    content = [word for word in words if word not in SMALL_WORDS]
    for at, word in enumerate(content):
        for long_form in SHORT_FORMS.get(word, ()):
            yield from long_form.split()
        for phrase, short in _phrases().get(word, ()):
            if tuple(content[at : at + len(phrase)]) == phrase:
                yield short


@lru_cache(maxsize=1)
def _families() -> dict[str, str]:
    """Word to the name of its family; a word may stand in one family only."""
    return {word: line.split()[0] for line in CONCEPTS for word in line.split()}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """First word of a phrase to the phrases that start with it and their short forms."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for short, long_forms in SHORT_FORMS.items():
        for form in long_forms:
            phrase = tuple(word for word in form.split() if word not in SMALL_WORDS)
            found.setdefault(phrase[0], []).append((phrase, short))
    return found
