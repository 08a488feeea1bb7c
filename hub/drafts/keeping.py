"""The file of a draft, in the home of the hub; nobody but the hub reads the folder."""

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from catalog.storage.writing import sync_directory
from hub.intake.spool import NO_ROOM, storage_full
from hub.settings import Settings

KEPT = timedelta(days=30)
"""From the last change; after that a draft is asked for its file again."""


def put(settings: Settings, draft: str, form: str, source: Path) -> None:
    """A copy that no power cut takes away, before the draft is there.

    Raises StorageFull; nothing is left behind then.
    """
    path = file_of(settings, draft, form)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with source.open("rb") as given, path.open("wb") as kept:
            shutil.copyfileobj(given, kept)
            kept.flush()
            os.fsync(kept.fileno())
        for folder in (path.parent, path.parent.parent, settings.home.absolute()):
            sync_directory(folder)  # the names on the way to it
    except OSError as error:
        shutil.rmtree(path.parent, ignore_errors=True)
        if error.errno in NO_ROOM:
            raise storage_full() from error
        raise


def file_of(settings: Settings, draft: str, form: str) -> Path:
    return _folder(settings) / draft / f"asal.{form}"


def touch(settings: Settings, draft: str, form: str) -> None:
    """Somebody works on the draft: its file stays for another while."""
    path = file_of(settings, draft, form)
    if path.exists():
        path.touch()


def sweep(settings: Settings) -> int:
    """Remove the files of drafts that nobody has touched for long; how many."""
    limit = time.time() - KEPT.total_seconds()
    folder = _folder(settings)
    old = (
        [p for p in folder.glob("*/asal.*") if p.stat().st_mtime < limit] if folder.exists() else []
    )
    for path in old:
        shutil.rmtree(path.parent, ignore_errors=True)
    return len(old)


def _folder(settings: Settings) -> Path:
    return settings.home.absolute() / "drafts"
