"""What the hub needs, looked at one by one."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from hub.db import is_reachable, open_engine
from hub.migrations import pending
from hub.settings import Settings

ROOM = 1_000_000_000
"""Bytes of free disk below which staging a batch is likely to fail."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen."""

    what: str
    ok: bool
    said: str


def examine(settings: Settings) -> list[Finding]:
    return [*_database(settings), *_disk(settings), *_keys(settings)]


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not settings.home.exists():
        yield Finding("database", False, "run `simpul init`")
        return
    engine = open_engine(settings.database)
    try:
        is_reachable(engine)
        behind = pending(engine)
    except SQLAlchemyError as error:
        yield Finding("database", False, str(error).splitlines()[0])
        return
    finally:
        engine.dispose()
    said = "run `simpul db upgrade`" if behind else engine.dialect.name
    yield Finding("database", not behind, said)


def _disk(settings: Settings) -> Iterator[Finding]:
    for name, folder in (("home", settings.home), ("storage", settings.storage)):
        if not folder.exists():
            made = folder.parent.exists()
            said = "made on first use" if made else f"{folder.parent} does not exist"
            yield Finding(name, made, said)
            continue
        free = shutil.disk_usage(folder).free
        yield Finding(name, free > ROOM, f"{free / 1e9:.1f} GB free in {folder}")


def _keys(settings: Settings) -> Iterator[Finding]:
    if not settings.keys.exists():
        yield Finding("keys", True, "made on first use")
        return
    open_to_others = settings.keys.stat().st_mode & 0o077
    said = "readable by others: chmod 700" if open_to_others else "private"
    yield Finding("keys", not open_to_others, f"{settings.keys} {said}")
