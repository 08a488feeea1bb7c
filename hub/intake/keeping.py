"""What stays of a batch on disk: its report and its quarantined rows, in a folder of its own."""

import secrets
import shutil
import time
from datetime import timedelta
from pathlib import Path

from hub.settings import Settings

REPORT = "report.json"
QUARANTINE = "quarantine.ndjson"
KEPT = (REPORT, QUARANTINE)


def folder(settings: Settings, batch: str) -> Path:
    """The batch's folder, made if need be."""
    path = settings.home.absolute() / "batches" / batch[-2:] / batch
    path.mkdir(parents=True, exist_ok=True)
    return path


def bench(folder: Path) -> Path:
    """A fresh place for one judging: what a killed one left behind, or still does, is elsewhere."""
    path = folder / f"bench-{secrets.token_hex(4)}"
    path.mkdir()
    return path


def keep(bench: Path, folder: Path) -> None:
    """Take from the bench into the batch's folder what stays."""
    for name in KEPT:
        made = bench / name
        if made.exists():
            made.replace(folder / name)


def tidy(path: Path) -> None:
    """Drop the working files of the judge; report and quarantine stay."""
    if not path.exists():
        return
    for item in path.iterdir():
        if item.name in KEPT:
            continue
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        else:
            item.unlink()


def remove(path: Path) -> None:
    """Forget a batch that came to nothing."""
    shutil.rmtree(path, ignore_errors=True)


def lying(settings: Settings, *, older_than: timedelta) -> list[Path]:
    """Folders of batches in which nothing was made or removed for that long."""
    limit = time.time() - older_than.total_seconds()
    folders = (settings.home.absolute() / "batches").glob("*/*")
    return [path for path in folders if path.stat().st_mtime < limit]


def scratch(settings: Settings) -> Path:
    """Folder for files that live as long as one answer."""
    path = settings.work / "answers"
    path.mkdir(parents=True, exist_ok=True)
    return path
