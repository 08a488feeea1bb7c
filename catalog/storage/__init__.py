"""Releases on disk: immutable Parquet files, a manifest per release, a Delta log for outsiders."""

from catalog.storage.delta import commit
from catalog.storage.janitor import janitor
from catalog.storage.manifest import (
    DataFile,
    Manifest,
    Staged,
    digest,
    from_json,
    paths,
    row_count,
    to_json,
)
from catalog.storage.staging import Mode, stage
from catalog.storage.writing import FILE_ROWS, GROUP_ROWS

__all__ = [
    "FILE_ROWS",
    "GROUP_ROWS",
    "DataFile",
    "Manifest",
    "Mode",
    "Staged",
    "commit",
    "digest",
    "from_json",
    "janitor",
    "paths",
    "row_count",
    "stage",
    "to_json",
]
