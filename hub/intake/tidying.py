"""What a kill leaves behind, and what nobody reads any more, is removed after a while."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from catalog.models import Dataset, Release
from catalog.storage import from_json, janitor
from hub.db import reading
from hub.intake import inbox, keeping, referenced
from hub.intake.models import Batch, BatchState
from hub.settings import Settings

ORPHAN_AGE = timedelta(hours=24)
"""Longer than any batch is on its way in or any download on its way out."""
KEYS_AGE = timedelta(days=7)
"""How long a file of keys stays that no batch was compared with."""
LOOKED_UP = 500
"""Folders of batches whose rows are asked for at once."""


def sweep(engine: Engine, settings: Settings) -> int:
    """Remove files of releases nobody published and bodies nobody finished; returns how many.

    Every release is kept: retention is a decision of people, not of the janitor.
    """
    bodies = _stale(settings.work, older_than=ORPHAN_AGE) + _settled(engine, settings)
    forgotten = _stale(referenced.folder(settings), older_than=KEYS_AGE)
    return _orphans(engine, settings) + bodies + _abandoned(engine, settings) + forgotten


def _orphans(engine: Engine, settings: Settings) -> int:
    removed = 0
    with reading(engine) as session:
        datasets = session.exec(select(Dataset.agency, Dataset.slug)).all()
    for agency, slug in datasets:
        table = settings.storage / agency / slug
        if not table.exists():
            continue
        with reading(engine) as session:
            wanted = select(Release.files).where(col(Release.dataset) == f"{agency}/{slug}")
            kept = [from_json(files) for files in session.exec(wanted)]
        removed += len(janitor(table, kept, older_than=ORPHAN_AGE))
    return removed


def _settled(engine: Engine, settings: Settings) -> int:
    """Bodies of batches that have had their end, or were never acknowledged."""
    lying = inbox.lying(settings, older_than=ORPHAN_AGE)
    with reading(engine) as session:
        waiting = {batch for batch in lying if _waits(session, batch)}
    for batch in set(lying) - waiting:
        inbox.remove(settings, batch)
    return len(lying) - len(waiting)


def _waits(session: Session, batch: str) -> bool:
    row = session.get(Batch, batch)
    return row is not None and row.state in (BatchState.RECEIVED, BatchState.HELD)


def _abandoned(engine: Engine, settings: Settings) -> int:
    """Folders of batches killed before they had a row; of the others, the benches of killed judges."""
    lying, removed = keeping.lying(settings, older_than=ORPHAN_AGE), 0
    for start in range(0, len(lying), LOOKED_UP):
        folders = {path.name: path for path in lying[start : start + LOOKED_UP]}
        with reading(engine) as session:
            known = set(session.exec(select(Batch.id).where(col(Batch.id).in_(folders))))
        for batch, path in folders.items():
            if batch in known:
                keeping.tidy(path)
            else:
                keeping.remove(path)
                removed += 1
    return removed


def _stale(folder: Path, *, older_than: timedelta) -> int:
    if not folder.exists():
        return 0
    limit = time.time() - older_than.total_seconds()
    old = [item for item in folder.iterdir() if item.stat().st_mtime < limit]
    for item in old:
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        else:
            item.unlink(missing_ok=True)
    return len(old)
