"""Codes of a list: is the value of a column one of them?"""

from collections.abc import Mapping
from pathlib import Path

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.rows import Rows


class Codes:
    """The lists that were given, for the columns that name them; other lists are not checked."""

    def __init__(self, document: SchemaDocument, files: Mapping[str, Path]) -> None:
        loaded = {name: _codes(files[name]) for name in set(document.codes.values()) & set(files)}
        self._lists = {
            column: (name, loaded[name])
            for column, name in document.codes.items()
            if name in loaded
        }

    def findings(self, rows: Rows) -> dict[int, list[Finding]]:
        """A finding for each value that is not on its list, by index of the row; empty is not looked up."""
        found: dict[int, list[Finding]] = {}
        for column, (name, codes) in self._lists.items():
            for index, value in enumerate(rows.column(column)):
                if value is not None and str(value) not in codes:
                    finding = Finding(column, f"/{column}", "kode-referensi", value, name)
                    found.setdefault(index, []).append(finding)
        return found


def _codes(path: Path) -> frozenset[str]:
    """The first column of a Parquet file, or the lines of a text file."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        file = pq.ParquetFile(path)
        first = file.schema_arrow.names[0]
        batches = file.iter_batches(columns=[first])
        return frozenset(str(v) for batch in batches for v in batch.column(0).to_pylist())
    with path.open(encoding="utf-8-sig") as lines:
        return frozenset(line.rstrip("\r\n") for line in lines)
