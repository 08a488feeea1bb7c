"""Removing files that no kept release names: left by crashes, refused batches, moved bases."""

import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from catalog.storage.manifest import Manifest


def janitor(table: Path, keep: Iterable[Manifest], *, older_than: timedelta) -> list[str]:
    """Remove orphan data files and abandoned work older than `older_than`; return their names.

    `keep` are the manifests of every release that must stay readable. Young files are left alone,
    for they may belong to a batch that is being judged. Takes the `*.parquet#n` pieces too, which
    Delta's own vacuum never removes.
    """
    named = {file.path for manifest in keep for file in manifest}
    before = time.time() - older_than.total_seconds()
    removed = []
    for path in _candidates(table):
        if path.name in named or path.stat().st_mtime >= before:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        removed.append(str(path.relative_to(table)))
    return sorted(removed)


def _candidates(table: Path) -> list[Path]:
    if not table.is_dir():
        return []
    data = [path for path in table.iterdir() if path.is_file() and ".parquet" in path.name]
    work = table / ".work"
    return data + (list(work.iterdir()) if work.is_dir() else [])
