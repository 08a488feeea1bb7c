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
