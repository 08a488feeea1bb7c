"""How much of a table a query scans, from the footers of its files alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Size:
    """`bytes` is the stored (compressed) size."""

    rows: int
    bytes: int


def size_of(files: Sequence[Path], columns: Collection[str] | None) -> Size:
    """Rows of the files, and the size of these columns (lower case; None is all) in them."""
    rows = size = 0
    for file in files:
        footer = pq.read_metadata(file)
        rows += footer.num_rows
        for group in range(footer.num_row_groups):
            size += _of_group(footer.row_group(group), columns)
    return Size(rows, size)


def _of_group(group: pq.RowGroupMetaData, columns: Collection[str] | None) -> int:
    parts = (group.column(place) for place in range(group.num_columns))
    return sum(
        part.total_compressed_size
        for part in parts
        # Of a list or a structure the path goes on after the column's name.
        if columns is None or part.path_in_schema.partition(".")[0].lower() in columns
    )
