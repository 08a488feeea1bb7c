"""What was seen, in plain words, and the cells that show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schemas.gate.cells import shown

_LONGEST = 40


@dataclass(frozen=True)
class Remark:
    """One sentence in Indonesian and English; `samples` are cells as typed, kept apart because they are data.

    `warns` marks what somebody should look at before going on, `choices` what is said of the values allowed.
    """

    id: str
    en: str
    samples: tuple[str, ...] = ()
    warns: bool = False
    choices: bool = False


def samples_of(cells: Iterable[Any], most: int = 3) -> tuple[str, ...]:
    """The first different cells, shortened, as a person would read them."""
    found: dict[str, None] = {}
    for cell in cells:
        text = str(shown(cell))
        found.setdefault(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
        if len(found) == most:
            break
    return tuple(found)
