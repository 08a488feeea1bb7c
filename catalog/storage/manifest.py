"""The file list of a release, which is its identity: our own row keeps it, not the Delta log."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class DataFile:
    """One immutable Parquet file; `path` is relative to the table's directory.

    The keys are JSON values (dates and times in ISO form, decimals as text), None for a
    dataset without a key.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    first_key: list[Any] | None
    last_key: list[Any] | None


Manifest = tuple[DataFile, ...]


@dataclass(frozen=True)
class Staged:
    """A release that lies on disk but is not published: the whole list of its files, and counts.

    `absent` counts keys of a delete that the base does not hold, `unchanged` the rows of an
    upsert or replace that say what the base says already. `written` are the new files; `schema` is
    the one they are stored in.
    """

    files: Manifest
    added: int
    changed: int
    removed: int
    rows: int
    base: int | None
    written: tuple[str, ...]
    sha256: str
    schema: pa.Schema
    unchanged: int = 0
    absent: int = 0


def to_json(manifest: Manifest) -> list[dict[str, Any]]:
    """The manifest as JSON values, files in key order."""
    return [asdict(file) for file in manifest]


def from_json(value: str | Iterable[Mapping[str, Any]]) -> Manifest:
    """The inverse of `to_json`; also takes the JSON text."""
    listed = json.loads(value) if isinstance(value, str) else value
    return tuple(DataFile(**file) for file in listed)


def digest(manifest: Manifest) -> str:
    """SHA-256 over the canonical list of file digests and sizes, hexadecimal."""
    told = [[file.path, file.rows, file.bytes, file.sha256] for file in manifest]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def row_count(manifest: Manifest) -> int:
    """Rows in the release."""
    return sum(file.rows for file in manifest)


def paths(table: Path, manifest: Iterable[DataFile]) -> list[Path]:
    """Where the files of a manifest lie."""
    return [table / file.path for file in manifest]


def key_value(value: object) -> Any:
    """A key value as JSON keeps it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise TypeError(f"{type(value).__name__} cannot be part of a key")
    return str(isoformat())


def comparable(key: Iterable[Any] | None, types: Iterable[pa.DataType]) -> tuple[Any, ...]:
    """A stored key in a form whose order is the order of the files."""
    return tuple(
        Decimal(value) if pa.types.is_decimal(type_) else value
        for value, type_ in zip(key or (), types, strict=False)
    )
