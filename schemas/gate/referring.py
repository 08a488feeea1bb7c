"""References and codes: does the value lead to a record that is there?

The keys that may be named lie in Parquet files, one column per part of the key. In memory a key is 64 bits of
a hash with a secret of the process, sorted: a million take 8 MB, and a block is looked up in milliseconds. A
value that is not there passes for one that is with a chance of one in 10^19 per key, and nobody can bring it
about.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.checking import Findings
from schemas.gate.sentences import SENTENCES, Sentence
from schemas.references import BLANKS, LEVEL, SEPARATOR, Reference

_SECRET = secrets.randbits(63)
_FIRST = "k0"
_AT_ONCE = 200_000


class KnownKeys:
    """Keys that are there. `levels` are the numbers of levels that their first parts have."""

    def __init__(self, hashes: pl.Series, levels: frozenset[int]) -> None:
        self._hashes, self.levels = hashes.unique().sort(), levels
        self._secret = _SECRET  # kept, because another process that is handed this one has its own

    @classmethod
    def read(cls, files: Iterable[Path], columns: Sequence[str] | None = None) -> "KnownKeys":
        """The rows of Parquet files without an empty column: all columns in their order, or these."""
        return cls.of(
            texts([batch.column(name) for name in columns] if columns else batch.columns)
            for path in files
            for batch in pq.ParquetFile(path).iter_batches(_AT_ONCE, columns=columns)
        )

    @classmethod
    def of(cls, frames: Iterable[pl.DataFrame]) -> "KnownKeys":
        hashes, levels = [pl.Series([], dtype=pl.UInt64)], set[int]()
        for frame in frames:
            whole = frame.drop_nulls().filter(pl.col(_FIRST) != "")
            hashes.append(whole.hash_rows(_SECRET))
            counted = whole[_FIRST].str.count_matches(LEVEL, literal=True).unique()
            levels.update(counted.to_list())
        return cls(pl.concat(hashes), frozenset(level + 1 for level in levels))

    def __or__(self, others: "KnownKeys") -> "KnownKeys":
        return KnownKeys(pl.concat([self._hashes, others._hashes]), self.levels | others.levels)

    def __len__(self) -> int:
        return len(self._hashes)

    def hold(self, keys: pl.DataFrame) -> pl.Series:
        """Whether each row is a key that is there."""
        if not len(self._hashes):
            return pl.repeat(False, keys.height, dtype=pl.Boolean, eager=True)
        wanted = keys.hash_rows(self._secret)
        places = self._hashes.search_sorted(wanted).clip(0, len(self._hashes) - 1)
        return self._hashes.gather(places) == wanted


class ReferenceCheck:
    """One reference of a schema against the keys that are there: rule `rujukan`."""

    def __init__(
        self, document: SchemaDocument, reference: Reference, known: KnownKeys, severity: str
    ) -> None:
        self._reference, self._known, self._severity = reference, known, severity
        personal = [name for name in reference.mine if name in document.personal]
        self._column = (personal or list(reference.mine))[0]
        self._array = document.by_name[reference.mine[0]].types <= {"array", "null"}
        self._sentence = _sentence(reference)

    def findings(self, columns: Mapping[str, pa.Array]) -> Findings:
        """A finding for each row of which one piece leads nowhere, with that piece."""
        mine = self._reference.mine
        if not all(name in columns for name in mine):
            return {}
        lost = self._lost(texts([columns[name] for name in mine]))
        shown = lost.select("row", pl.concat_str(lost.columns[1:], separator=", "))
        return {row: [self._finding(value)] for row, value in shown.iter_rows()}

    def _lost(self, keys: pl.DataFrame) -> pl.DataFrame:
        """The first key of each row that is not there, with the row's number."""
        keys = keys.with_row_index("row").drop_nulls()
        if self._reference.cut:
            keys = _pieces(keys, array=self._array)
        keys = keys.filter(pl.col(_FIRST) != "")
        if self._reference.match == "prefix":
            there = _begins(keys, self._known)
        else:
            there = self._known.hold(keys.drop("row"))
        return keys.filter(~there).unique("row", keep="first", maintain_order=True)

    def _finding(self, value: str) -> Finding:
        return Finding(
            self._column,
            f"/{self._column}",
            "rujukan",
            value,
            self._reference.schema,
            f"/x-rujukan/{self._reference.place}",
            severity=self._severity,
            sentence=self._sentence,
        )


class CodeCheck:
    """The codes of one column against a list: rule `kode-referensi`."""

    def __init__(self, column: str, name: str, known: KnownKeys, severity: str) -> None:
        self._column, self._name, self._known = column, name, known
        self._severity = severity

    def findings(self, columns: Mapping[str, pa.Array]) -> Findings:
        """A finding for each value that is not on the list; an empty cell is not looked up."""
        if self._column not in columns:
            return {}
        values = texts([columns[self._column]]).with_row_index("row").drop_nulls()
        off = values.filter(~self._known.hold(values.drop("row")))["row"]
        return {row: [self._finding(columns[self._column][row].as_py())] for row in off}

    def _finding(self, value: object) -> Finding:
        return Finding(
            self._column,
            f"/{self._column}",
            "kode-referensi",
            value,
            self._name,
            severity=self._severity,
        )


def codes_of(path: Path) -> KnownKeys:
    """The first column of a Parquet file, or the lines of a text file."""
    if path.suffix != ".parquet":
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        return KnownKeys.of([pl.DataFrame({_FIRST: pl.Series(lines, dtype=pl.String)})])
    file = pq.ParquetFile(path)
    first = file.schema_arrow.names[:1]
    return KnownKeys.of(texts(batch.columns) for batch in file.iter_batches(columns=first))


def _pieces(keys: pl.DataFrame, *, array: bool) -> pl.DataFrame:
    """One row per value of the first part: cut at `;`, or the elements of an array kept as JSON."""
    first = keys[_FIRST]
    cut = _elements(first) if array else first.str.split(SEPARATOR)
    keys = keys.with_columns(cut.alias(_FIRST)).explode(_FIRST).drop_nulls()
    return keys.with_columns(pl.col(_FIRST).str.strip_chars(BLANKS))


def _elements(arrays: pl.Series) -> pl.Series:
    try:
        return arrays.str.json_decode(pl.List(pl.String))
    except pl.exceptions.ComputeError:  # an array in an array: nothing that could be a key
        read = [[_scalar(value) for value in json.loads(text)] for text in arrays]
        return pl.Series(read, dtype=pl.List(pl.String))


def _scalar(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _begins(keys: pl.DataFrame, known: KnownKeys) -> pl.Series:
    """Whether a piece up to some dot, or the whole of it, is a key that is there."""
    levels = keys[_FIRST].str.split(LEVEL)
    deep = levels.list.len()
    there = pl.repeat(False, keys.height, dtype=pl.Boolean, eager=True)
    for level in sorted(known.levels):
        head = levels.list.head(level).list.join(LEVEL)
        found = known.hold(keys.drop("row").with_columns(head.alias(_FIRST)))
        there = there | (found & (deep >= level))
    return there


def texts(columns: Sequence[pa.Array]) -> pl.DataFrame:
    """Columns as text under the names k0, k1, …; equal values look equal whatever their type."""
    return pl.DataFrame([_text(column).alias(f"k{i}") for i, column in enumerate(columns)])


def _text(column: pa.Array) -> pl.Series:
    series = pl.from_arrow(column)
    assert isinstance(series, pl.Series)  # noqa: S101 - an array gives a series
    if series.dtype == pl.String:
        return series
    if series.dtype.is_float():
        plain = pl.when(pl.col("v") == pl.col("v").cast(pl.Int64, strict=False))
        shown = plain.then(pl.col("v").cast(pl.Int64, strict=False).cast(pl.String))
        return series.to_frame("v").select(shown.otherwise(pl.col("v").cast(pl.String)))["v"]
    if isinstance(series.dtype, pl.Datetime):
        series = series.cast(pl.Datetime("us")).to_physical()
    return series.cast(pl.String)


def _sentence(reference: Reference) -> Sentence:
    """The rule's own, naming the schema also where all rows are spoken of."""
    schema, words = reference.schema, SENTENCES["rujukan"]
    return replace(
        words,
        all_id=f"Rekaman yang dirujuk ({reference.said}) tidak ada pada {schema}.",
        all_en=f"The record referred to ({reference.said}) is not in {schema}.",
    )
