"""What stays of a batch on disk: its report and its quarantined rows, in a folder of its own."""

import shutil
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


def tidy(path: Path) -> None:
    """Drop the working files of the judge; report and quarantine stay."""
    if not path.exists():
        return
    for item in path.iterdir():
        if item.name in KEPT:
            continue
        if item.is_dir():
            shutil.rmtree(item)
        else:
            item.unlink()


def remove(path: Path) -> None:
    """Forget a batch that came to nothing."""
    shutil.rmtree(path, ignore_errors=True)


def scratch(settings: Settings) -> Path:
    """Folder for files that live as long as one answer."""
    path = settings.work / "answers"
    path.mkdir(parents=True, exist_ok=True)
    return path
