"""How much of a release is filled, told by the footers of its files: no cell is read."""

from collections.abc import Collection
from pathlib import Path

import pyarrow.parquet as pq

from catalog.storage import Manifest, paths


def filled_share(table: Path, manifest: Manifest, columns: Collection[str]) -> float | None:
    """Filled cells of these columns ÷ all their cells, 0 to 1; None without rows or columns.

    A column that a file does not hold is empty in all its rows.
    """
    rows = sum(file.rows for file in manifest)
    if not rows or not columns:
        return None
    filled = sum(_filled(path, columns) for path in paths(table, manifest))
    return filled / (rows * len(columns))


def _filled(path: Path, columns: Collection[str]) -> int:
    footer = pq.read_metadata(path)
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    chunks = (group.column(place) for group in groups for place in range(group.num_columns))
    return sum(
        chunk.num_values - (chunk.statistics.null_count or 0 if chunk.statistics else 0)
        for chunk in chunks
        if chunk.path_in_schema in columns
    )
