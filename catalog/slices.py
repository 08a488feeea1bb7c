"""Slices: the permitted rows of a release as Parquet, written once per release and policy.

Analyst SQL and Delta Sharing see nothing but slices, so whatever they manage to read is theirs.
"""

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from catalog.duck import literal, open_tool
from catalog.policy import Policy
from catalog.question import Question, ask
from catalog.storage.manifest import Manifest, digest, paths
from catalog.storage.writing import GROUP_ROWS, full_disks_told

FILE = "slice.parquet"
CAP_BYTES = 2 * 1024**3
YOUNG_SECONDS = 600.0
"""A slice used so recently may be in the hands of a query and is not evicted."""


def slice_files(
    cache: Path,
    table: Path,
    manifest: Manifest,
    policy: Policy,
    release: str,
    *,
    schema: pa.Schema,
    cap_bytes: int = CAP_BYTES,
    stored: Collection[str] | None = None,
) -> list[Path]:
    """The Parquet files that hold just what the policy permits, in the order of the release.

    `release` identifies the release across the hub ("bkad/program/3"). An unrestricted policy
    gets the files of the release, unless they hold only the `stored` columns of an earlier schema. Safe to call from many threads and processes at once; a slice
    appears whole or not at all. A release without rows gives a file without rows.
    Raises StorageFull.
    """
    if policy.unrestricted and manifest and stored is None:
        return paths(table, manifest)
    told = f"{release}\0{digest(manifest)}\0{policy.digest()}"
    if stored is not None:
        told += f"\0{schema}"
    name = hashlib.sha256(told.encode()).hexdigest()
    place = cache / name
    try:
        # The use is noted, for the least recently used is evicted first.
        os.utime(place)
    except FileNotFoundError:
        _write(cache, place, ask(table, manifest, schema, policy, key=(), stored=stored))
        _evict(cache, cap_bytes)
    return [place / FILE]


def _write(cache: Path, place: Path, question: Question) -> None:
    query, bound = question.answer()
    room = cache / f".{uuid.uuid4().hex}"
    with full_disks_told():
        try:
            room.mkdir(parents=True)
            with open_tool(room / "spill") as connection:
                connection.execute(
                    f"COPY ({query}) TO {literal(str(room / FILE))}"
                    f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP_ROWS})",
                    bound,
                )
            shutil.rmtree(room / "spill", ignore_errors=True)
            room.rename(place)
        except OSError:
            # Somebody else wrote the same slice first; theirs is as good.
            if not place.is_dir():
                raise
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _evict(cache: Path, cap_bytes: int) -> None:
    """Remove the slices used longest ago until the rest fits; leave the young ones alone."""
    found = []
    for place in cache.iterdir():
        try:
            size = sum(file.stat().st_size for file in place.iterdir())
            found.append((place.stat().st_mtime, size, place))
        except OSError:
            continue  # Another process is evicting or publishing it just now.
    total = sum(size for _, size, _ in found)
    before = time.time() - YOUNG_SECONDS
    for used, size, place in sorted(found, key=lambda item: item[0]):
        if total <= cap_bytes or used >= before:
            return
        shutil.rmtree(place, ignore_errors=True)
        total -= size
