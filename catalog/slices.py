"""Slices: the permitted rows of a release as Parquet, written once per release and policy.

Analyst SQL and Delta Sharing see nothing but slices, so whatever they manage to read is theirs. Pages
and files come from slices where the order of the release, or the work of hashing, asks for it.
"""

import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.duck import literal, names, open_tool
from catalog.policy import UNRESTRICTED, Policy
from catalog.question import Question, ask
from catalog.storage.manifest import DataFile, Manifest, digest, paths
from catalog.storage.writing import GROUP_ROWS, full_disks_told

SUFFIX = ".slice.parquet"
"""A file has a name of its own, also when it is written anew: readers keep what they saw under a name."""

_WRITERS = tuple(threading.Lock() for _ in range(16))
CAP_BYTES = 2 * 1024**3
YOUNG_SECONDS = 600.0
"""A slice used so recently may be in the hands of a query and is not evicted."""


@dataclass(frozen=True)
class Slices:
    """Where the slices of one release are kept; `release` names it across the hub."""

    cache: Path
    release: str
    cap_bytes: int = CAP_BYTES


def slice_files(
    cache: Path,
    table: Path,
    manifest: Manifest,
    policy: Policy,
    release: str,
    *,
    schema: pa.Schema,
    key: Sequence[str] = (),
    cap_bytes: int = CAP_BYTES,
    stored: Collection[str] | None = None,
) -> list[Path]:
    """The Parquet files that hold just what the policy permits.

    `release` identifies the release across the hub ("bkad/program/3"). An unrestricted policy gets
    the files of the release, unless they hold only the `stored` columns of an earlier schema. Rows
    whose `key` may not be seen come in the order of what may be seen: the order of the release
    would tell which key is the larger one. Safe to call from many threads and processes at once; a
    slice appears whole or not at all. A release without rows gives a file without rows.
    Raises StorageFull.
    """
    if policy.unrestricted and manifest and stored is None:
        return paths(table, manifest)
    question = ask(table, manifest, schema, policy, key=key, stored=stored)
    return [_slice(question, Slices(cache, release, cap_bytes))]


def through_slice(
    question: Question, slices: Slices, *, over: Collection[str] | None = None
) -> Question:
    """The same question, asked of a slice where the release would not do.

    That is where the key may not be seen, for the order of the rows and the ties of a sort are then
    those of the slice; and where columns would be hashed all `over` the release for every answer
    (those that the caller compares by, if nothing else is said).
    """
    policy = question.policy
    in_order = not question.key or question.key_is_clear
    if in_order and not policy.hashes(question.compared if over is None else over):
        return question
    everything = tuple(policy.visible(question.types))
    path = _slice(replace(question, columns=everything, filter=None, sort=()), slices)
    rows, schema = _shape(path)
    return replace(
        question,
        table=path.parent,
        manifest=(DataFile(path.name, rows, 0, path.parent.name, None, None),),
        schema=schema,
        policy=UNRESTRICTED,
        key=question.key if policy.tells_apart(question.types, question.key) else (),
        stored=None,
    )


@lru_cache(maxsize=1024)
def _shape(path: Path) -> tuple[int, pa.Schema]:
    """Rows and columns of a slice; its name says all that is in it, so it never changes."""
    with pq.ParquetFile(path) as file:
        return file.metadata.num_rows, file.schema_arrow


def _slice(question: Question, slices: Slices) -> Path:
    """The slice for a question that asks for everything; written now if there is none."""
    name = _name(question, slices.release)
    place = slices.cache / name
    if found := _kept(place):
        return found
    # Those who want the same slice of this process wait for the first of them.
    with _WRITERS[int(name[:8], 16) % len(_WRITERS)]:
        while (found := _kept(place)) is None:
            _write(slices.cache, place, question)
            _evict(slices.cache, slices.cap_bytes)
    return found


def _kept(place: Path) -> Path | None:
    """The file of a slice, whose use is noted: the least recently used is evicted first."""
    try:
        os.utime(place)
        return next(place.glob(f"*{SUFFIX}"))
    except (FileNotFoundError, StopIteration):
        return None


def _name(question: Question, release: str) -> str:
    told = f"{release}\0{digest(question.manifest)}\0{question.policy.digest()}"
    if question.stored is not None:
        told += f"\0{question.schema}"
    return hashlib.sha256(f"{told}\0{_order(question)}".encode()).hexdigest()


def _order(question: Question) -> str:
    """By what may be seen, the key first, unless the order of the release may be known."""
    if not question.key or question.key_is_clear:
        return ""
    shown = question.policy.askable(question.types)
    lead = [column for column in question.key if column in shown]
    if not question.policy.tells_apart(question.types, question.key):
        lead += [column for column in shown if column not in lead]
    return f" ORDER BY {names(lead)}" if lead else ""


def _write(cache: Path, place: Path, question: Question) -> None:
    query, bound = question.answer(_order(question))
    room = cache / f".{uuid.uuid4().hex}"
    with full_disks_told():
        try:
            room.mkdir(parents=True)
            with open_tool(room / "spill") as connection:
                # Snappy: a cache is read often, and half the work is worth more than two thirds
                # of the room.
                connection.execute(
                    f"COPY ({query}) TO {literal(str(room / (uuid.uuid4().hex + SUFFIX)))}"
                    f" (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {GROUP_ROWS})",
                    bound,
                )
            shutil.rmtree(room / "spill", ignore_errors=True)
            if _kept(place) is None:
                # A sorted export may have left its folder where the slice was evicted.
                shutil.rmtree(place / ".work", ignore_errors=True)
            room.rename(place)
        except OSError:
            # Somebody else wrote the same slice first; theirs is as good.
            if not place.is_dir():
                raise
        finally:
            shutil.rmtree(room, ignore_errors=True)


def drop_unused(cache: Path, *, since: float) -> int:
    """Remove the slices that nobody used since then (epoch seconds); returns how many are left of them.

    Young ones stay, for a query may hold them.
    """
    if not cache.is_dir():
        return 0
    young, left = time.time() - YOUNG_SECONDS, 0
    for place in cache.iterdir():
        try:
            used = place.stat().st_mtime
        except FileNotFoundError:
            continue
        if used < min(since, young):
            shutil.rmtree(place, ignore_errors=True)
        left += used < since and place.exists()
    return left


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
