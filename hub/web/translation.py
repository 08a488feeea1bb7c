"""Indonesian is the source language of every page; English comes from a gettext catalogue.

The `.po` file is read as it is, so that there is no compiled copy to forget.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Language = Literal["id", "en"]

KEYWORDS = {"_": None, "N_": None, "say": None, "counted": None}
"""Functions whose first argument is a text of the catalogue."""


def N_(text: str) -> str:
    """Marks a text for the catalogue where it is written; it is translated where it is shown."""
    return text


@cache
def catalogue() -> Catalog:
    """The English catalogue with its fuzzy and empty entries, as translators left it."""
    text = (files("hub.web") / "translations" / "en.po").read_bytes()
    return read_po(BytesIO(text), locale="en")


@cache
def _english() -> dict[str, str]:
    ready = (message for message in catalogue() if message.id and not message.fuzzy)
    return {
        str(message.id if isinstance(message.id, str) else message.id[0]): str(
            message.string if isinstance(message.string, str) else message.string[0]
        )
        for message in ready
        if message.string
    }


def translated(text: str, language: Language) -> str:
    """`text` in `language`; the Indonesian itself where a translation is missing (a test forbids it)."""
    return _english().get(text, text) if language == "en" else text


def counted(text: str, amount: int, shown: str, language: Language) -> str:
    """A text with `{n}` in it; its English may be `one|many`, which Indonesian does not tell apart."""
    one, _, many = translated(text, language).partition("|")
    return (one if amount == 1 or not many else many).format(n=shown)
