"""Codes of a list: is the value of a column one of them?"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding


class Codes:
    """The lists that were given, for the columns that name them; other lists are not checked."""

    def __init__(self, document: SchemaDocument, files: Mapping[str, Path]) -> None:
        loaded = {name: _codes(files[name]) for name in set(document.codes.values()) & set(files)}
        self._lists = {
            column: (name, loaded[name])
            for column, name in document.codes.items()
            if name in loaded
        }

    def findings(self, columns: Mapping[str, pa.Array]) -> dict[int, list[Finding]]:
        """A finding for each value that is not on its list, by index of the row; empty is not looked up."""
        found: dict[int, list[Finding]] = {}
        for column, (name, codes) in self._lists.items():
            if column not in columns:
                continue
            values = columns[column]
            known = pc.is_in(values.cast(pa.string()), value_set=codes)
            for index in pc.indices_nonzero(
                pc.and_(pc.invert(known), values.is_valid())
            ).to_pylist():
                finding = Finding(
                    column, f"/{column}", "kode-referensi", values[index].as_py(), name
                )
                found.setdefault(index, []).append(finding)
        return found


def _codes(path: Path) -> pa.Array:
    """The first column of a Parquet file, or the lines of a text file."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        file = pq.ParquetFile(path)
        first = file.schema_arrow.names[0]
        batches = file.iter_batches(columns=[first])
        return pa.array([str(v) for batch in batches for v in batch.column(0).to_pylist()])
    with path.open(encoding="utf-8-sig") as lines:
        return pa.array([line.rstrip("\r\n") for line in lines], pa.string())
