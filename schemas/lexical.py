"""From text cells to JSON values, by the lexical forms of JSON and nothing else."""

from collections.abc import Callable
from typing import Any

from schemas.columns import Column
from schemas.numbers import number_of
from schemas.strict import StrictError, strict


class Memo(dict[str, Any]):
    """A function of text that remembers its answers; made anew for each block, so that it stays small."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._function(text)
        return value


def cell_reader(column: Column) -> Callable[[str], Any]:
    """How a text cell of the column is read; what does not fit stays text, for the schema to judge."""
    if column.textual:
        return _as_text
    readers: list[Callable[[str], Any]] = []
    if column.types & {"integer", "number"}:
        readers.append(number_of)
    if "boolean" in column.types:
        readers.append({"true": True, "false": False}.get)
    if column.types & {"array", "object"}:
        readers.append(_nested)

    def read(text: str) -> Any:
        for reader in readers:
            value = reader(text)
            if value is not None:
                return value
        return text

    return read


def _as_text(text: str) -> str:
    return text


def _nested(text: str) -> Any:
    try:
        return strict(text.encode("utf-8")) if text[:1] in ("[", "{") else None
    except StrictError:
        return None
