"""The record's key inside one batch: complete and not there twice."""

from array import array
from collections.abc import Container, Iterable, Sequence
from itertools import compress
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.keeping import moment_of
from schemas.gate.rows import Rows


class Keys:
    """Remembers 16 bytes per row, so that tens of millions fit.

    A key is known by 64 bits of SipHash with the process's own secret: two different keys of ten million
    meet with a chance of about one in 400,000, and nobody can bring it about.
    """

    def __init__(self, document: SchemaDocument) -> None:
        self._names = document.key
        self._moments = {n for n in self._names if document.by_name[n].kind == "date-time"}
        self._hashes = array("q")
        self._rows = array("q")

    def missing(self, rows: Rows) -> dict[int, list[Finding]]:
        """A finding for each key column without a value, by index of the row."""
        found: dict[int, list[Finding]] = {}
        for name in self._names:
            values = rows.column(name)
            if None not in values and "" not in values:
                continue
            for index, value in enumerate(values):
                if (value is None or value == "") and isinstance(rows.records[index], dict):
                    finding = Finding(name, f"/{name}", "kunci-kosong", value)
                    found.setdefault(index, []).append(finding)
        return found

    def add(self, numbers: Sequence[int], rows: Rows, missing: Container[int]) -> None:
        """Take note of the complete keys of some rows."""
        if not self._names:
            return
        columns = (self._comparable(name, rows) for name in self._names)
        keys: Iterable[str] = map(repr, zip(*columns, strict=True))
        if missing or rows.columns is None:
            whole = [
                index not in missing and isinstance(record, dict)
                for index, record in enumerate(rows.records)
            ]
            keys, numbers = compress(keys, whole), list(compress(numbers, whole))
        self._hashes.extend(map(hash, keys))
        self._rows.extend(numbers)

    def repeated(self) -> dict[int, int]:
        """Each row that shares its key, with the number of another row that has it too."""
        if not self._names or len(self._hashes) < 2:
            return {}
        import polars as pl

        frame = pl.DataFrame(
            {
                "key": pl.Series(self._hashes, dtype=pl.Int64),
                "row": pl.Series(self._rows, dtype=pl.Int64),
            }
        )
        shared = frame.filter(pl.col("key").is_duplicated()).with_columns(
            first=pl.col("row").min().over("key"), last=pl.col("row").max().over("key")
        )
        return {
            row: first if row != first else last
            for row, first, last in shared.select("row", "first", "last").iter_rows()
        }

    def _comparable(self, name: str, rows: Rows) -> list[Any]:
        """The column's values so that equal keys look equal: 1.0 is 1, a moment is one in any zone."""
        values = rows.column(name)
        if name in self._moments:
            return [(moment_of(v) or v) if isinstance(v, str) else v for v in values]
        return [int(v) if type(v) is float and v.is_integer() else v for v in values]
