"""One fault of a row against a rule."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas.gate.across.cells import Cells
from schemas.rules.language import Place


@dataclass(frozen=True)
class Fault:
    """Where it shows, what is there and what should be."""

    place: Place
    value: Any
    expected: Any


def everywhere(cells: Cells) -> pl.Series:
    """Every row is a suspect."""
    return pl.repeat(True, len(cells), dtype=pl.Boolean, eager=True)
