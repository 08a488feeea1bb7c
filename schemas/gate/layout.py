"""Rejected rows under the columns of the file that they came in, every cell as text that reads the same."""

import json
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.limits import Limits

_MOST = Limits.columns - len(REPORT_COLUMNS)
_STRAY = frozenset({"additionalProperties", "unevaluatedProperties"})


class Layout:
    """The columns of rejected rows as they were received, and what is wrong in them."""

    def __init__(
        self, document: SchemaDocument, report: dict[str, Any], quarantine: Path, lang: str
    ) -> None:
        self._document, self._quarantine, self._lang = document, quarantine, known_language(lang)
        self._renamed: dict[str, str] = report.get("renamed", {})
        self._commas = frozenset(report.get("decimal_commas", ()))
        self.names = self._received_names()

    def cells(self, row: dict[str, Any]) -> list[str]:
        """The row's cells as text that would be read as they were."""
        record = row["record"] if isinstance(row["record"], dict) else {}
        return [self._text(name, record.get(name)) for name in self.names]

    def said(self, row: dict[str, Any]) -> str:
        """All that is wrong with the row; of one that could not be read, what was there too."""
        messages = [error[f"message_{self._lang}"] for error in row["errors"]]
        if not isinstance(row["record"], dict):
            messages.append(text_of(row["record"]))
        return " ".join(messages)

    def wrong(self, row: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What is wrong by the received name of the column."""
        received = {new: old for old, new in self._renamed.items()}
        found: dict[str, list[dict[str, Any]]] = {}
        for error in row["errors"]:
            column = error["column"]
            name = column if column in self.names else received.get(column, column)
            found.setdefault(name, []).append(error)
        return found

    def _received_names(self) -> list[str]:
        """Columns in the order of their first appearance, then those that are missing and known.

        A property that the schema does not allow has no column: the header would be refused for it.
        What it held is said beside its row.
        """
        names: dict[str, None] = {}
        blamed: dict[str, None] = {}
        strays: set[str] = set()
        for row in _raw(self._quarantine):
            if isinstance(row["record"], dict):
                names.update(dict.fromkeys(self._with_room(row["record"], names)))
            for error in row["errors"]:
                blamed[error["column"]] = None
                if error["rule"] in _STRAY:
                    strays.add(error["column"])
        received = {new: old for old, new in self._renamed.items()}
        for column in blamed if names else self._document.columns:
            if column in self._document.by_name and column not in names:
                names[received.get(column, column)] = None
        known = self._document.by_name
        gone = {received.get(name, name) for name in strays if name not in known}
        return [name for name in names if name not in gone]

    def _with_room(self, record: Iterable[str], names: Collection[str]) -> list[str]:
        """The record's names that get a column: no more than a file may have, but all that the schema knows."""
        new = [name for name in record if name not in names]
        room = _MOST - len(names)
        return [n for place, n in enumerate(new) if place < room or n in self._document.by_name]

    def _text(self, name: str, value: Any) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number:
            return text_of(value)
        plain = format(Decimal(repr(value)), "f")
        comma = name in self._commas or "*" in self._commas
        return plain.replace(".", ",") if comma else plain


def origin_of(row: dict[str, Any]) -> str:
    """The number under which the row was first rejected; "" where a correction brought it in."""
    return str(row.get("origin", row["row"]) or "")


def text_of(value: Any) -> str:
    """A value as the text of a cell."""
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def known_language(lang: str) -> str:
    return "en" if lang == "en" else "id"


def _raw(quarantine: Path) -> Iterator[dict[str, Any]]:
    with quarantine.open("rb") as lines:
        for line in lines:
            yield json.loads(line)
