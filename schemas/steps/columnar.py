"""Steps on Arrow columns of text: each distinct value is changed once. The result is that of `Pipeline.table`."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columnar.buffers import text_array

Columns = dict[str, pa.Array]
Places = npt.NDArray[np.int64]
_SEEDS = secrets.randbits(63), secrets.randbits(63)
_PAIR = np.dtype([("first", np.uint64), ("second", np.uint64)])
# What str.strip takes off: more than Unicode's White_Space, which is what Polars takes off by itself.
_SPACES = "".join(c for c in map(chr, range(0x3001)) if c.isspace())


def is_text(column: pa.Array) -> bool:
    """Plain text, or a dictionary of it."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def mapped(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """The column after a change of its texts; null stays null."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    before = coded.dictionary.to_pylist()
    after = [text if text is None else change(text) for text in before]
    if after == before:
        return column
    return pa.DictionaryArray.from_arrays(coded.indices, _arrow(pl.Series(after, dtype=pl.String)))


def trimmed(column: pa.Array) -> pa.Array:
    """The column without spaces at both ends of its texts, as `str.strip` cuts them."""
    if pa.types.is_dictionary(column.type):
        return mapped(column, str.strip)
    return _arrow(pl.Series(column).str.strip_chars(_SPACES))


def filled(column: pa.Array) -> pa.Array:
    """The column of texts with "" for null: both are an empty cell."""
    texts = _plain(column)
    return pc.fill_null(texts, text_array(texts.type, ("",))[0])


class Seen:
    """Rows seen before, by 128 bits of a hash with the process's own secret: 16 bytes a row."""

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[Any]] = []

    def fresh(self, columns: Mapping[str, pa.Array]) -> Places:
        """The rows that were not there before, and takes note of them."""
        frame = pl.DataFrame({name: filled(column) for name, column in columns.items()})
        first, second = (frame.hash_rows(seed=seed).to_numpy() for seed in _SEEDS)
        pairs = pl.DataFrame({"first": first, "second": second})
        new = pairs.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
        for run in self._runs:
            place = np.minimum(np.searchsorted(run["first"], first), len(run) - 1)
            new = new & ~((run["first"][place] == first) & (run["second"][place] == second))
        self._remember(first[new], second[new])
        return np.flatnonzero(new)

    def _remember(self, first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> None:
        run = np.empty(len(first), _PAIR)
        run["first"], run["second"] = first, second
        run = run[np.argsort(run["first"])]
        # Runs at least double in size, so that there are few to look through.
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run = run[np.argsort(run["first"], kind="stable")]
        if len(run):
            self._runs.append(run)


def _arrow(texts: pl.Series) -> pa.Array:
    return texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string())


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
