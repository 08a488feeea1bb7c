"""Bodies of acknowledged batches on their way to the gate: `inbox/{batch}` in the hub's home.

A body is durable here before its batch is acknowledged, and stays until the batch has its end.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from hub.intake.spool import NO_ROOM, Spooled, storage_full
from hub.settings import Settings


def folder(settings: Settings) -> Path:
    return settings.home.absolute() / "inbox"


def place(settings: Settings, batch: str) -> Path:
    return folder(settings) / batch


def take_in(settings: Settings, batch: str, body: Spooled) -> Path:
    """Move the body to its place, where no power cut takes it away. Raises StorageFull."""
    path = place(settings, batch)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(body.path, path)  # a rename, unless the two are on different disks
        for durable in (path, path.parent, path.parent.parent):
            _flush(durable)
    except OSError as error:
        remove(settings, batch)
        if error.errno in NO_ROOM:
            raise storage_full() from error
        raise
    return path


def remove(settings: Settings, batch: str) -> None:
    place(settings, batch).unlink(missing_ok=True)


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """True while the body is ours alone; False when another holds it, or has just finished with it.

    The kernel frees it when its holder dies, so a batch whose worker was killed can be taken up at
    once, and one that is slow is never taken away.
    """
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            yield False
            return
        yield True


def lying(settings: Settings, *, older_than: timedelta) -> list[str]:
    """The batches whose bodies have lain here that long; the caller knows which still wait."""
    limit = time.time() - older_than.total_seconds()
    bodies = folder(settings).iterdir() if folder(settings).exists() else ()
    return [body.name for body in bodies if body.stat().st_mtime < limit]


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that knows no fsync of folders
            raise
    finally:
        os.close(descriptor)
