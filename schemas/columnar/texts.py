"""Filled text cells, and what the kernels ask about them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columnar.masks import Flags, Mask, settled
from schemas.columnar.patterns import Pattern


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


@dataclass(frozen=True)
class Texts:
    """Texts without nulls and without empty ones."""

    array: pa.Array

    @cached_property
    def series(self) -> pl.Series:
        return pl.Series(self.array)

    @cached_property
    def characters(self) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
        """Code points of each text."""
        return np.asarray(pc.utf8_length(self.array).cast(pa.int32()))

    def found(self, rust: str) -> Flags:
        """Where the pattern is found."""
        return self.series.str.contains(rust).to_numpy()

    def match(self, pattern: Pattern) -> Mask:
        return settled(self.found(pattern.rust))

    def among(self, values: tuple[str, ...]) -> Mask:
        wanted = pa.array(values, self.array.type)
        return settled(np.asarray(pc.is_in(self.array, value_set=wanted)))
