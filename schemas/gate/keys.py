"""The record's key inside one batch: complete and not there twice."""

from array import array
from collections.abc import Iterable
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.keeping import moment_of


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

    def missing(self, record: Any) -> list[Finding]:
        """A finding for each key column without a value."""
        if not isinstance(record, dict):
            return []
        return [
            Finding(name, f"/{name}", "kunci-kosong", record.get(name))
            for name in self._names
            if record.get(name) in (None, "")
        ]

    def add(self, numbers: Iterable[int], records: Iterable[Any]) -> None:
        """Take note of the complete keys of some rows."""
        if not self._names:
            return
        for number, record in zip(numbers, records, strict=True):
            key = self._key(record)
            if key is not None:
                self._hashes.append(hash(key))
                self._rows.append(number)

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

    def _key(self, record: Any) -> str | None:
        if not isinstance(record, dict):
            return None
        parts = []
        for name in self._names:
            value = record.get(name)
            if value is None or value == "":
                return None
            if name in self._moments and isinstance(value, str):
                value = moment_of(value) or value
            elif isinstance(value, float) and value.is_integer():
                value = int(value)
            parts.append(value)
        return repr(parts)
