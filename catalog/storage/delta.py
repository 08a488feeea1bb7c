"""One Delta commit per release, for outside engines that open the table by themselves.

Our own readers follow the file list of the release row. A commit makes the Delta state equal that
list whatever the state was before, so an orphan commit left by a crash is repaired by the next.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from catalog.errors import CatalogError
from catalog.storage.manifest import DataFile, Staged
from catalog.storage.writing import full_disks_told, sync_directory

_LOG = "_delta_log"
_ATTEMPTS = 50
# Every release stays readable by its version, so the log of old ones must not expire.
_CONFIGURATION: dict[str, str | None] = {"delta.enableExpiredLogCleanup": "false"}


def commit(table: Path, staged: Staged, *, release: int, batch: str) -> int:
    """Make the Delta table equal the staged file list; return the new Delta version.

    Durable on return. The commit's own metadata names release and batch. Raises StorageFull.
    """
    properties = CommitProperties(
        custom_metadata={"release": release, "batch": batch},
        # A commit rebased on somebody else's would hold the union of both: try again instead.
        max_commit_retries=0,
    )
    with full_disks_told():
        for _ in range(_ATTEMPTS):
            _drop_torn_commit(table)
            version = _try_commit(table, staged, properties)
            if version is not None:
                _make_durable(table, version)
                return version
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - spreads writers, hides nothing
    raise CatalogError("Other writers kept committing to the same table.")


def _try_commit(table: Path, staged: Staged, properties: CommitProperties) -> int | None:
    """One attempt; None when another writer was faster."""
    schema = Schema.from_arrow(staged.schema)
    try:
        delta = DeltaTable(table)
    except TableNotFoundError:
        return _create(table, staged, schema, properties)
    wanted = {file.path: file for file in staged.files}
    try:
        if delta.schema() == schema:
            active = set(_active(delta))
            actions: list[AddAction | RemoveAction] = [
                *(_add(wanted[path]) for path in wanted if path not in active),
                *(_remove(path) for path in sorted(active - wanted.keys())),
            ]
            delta.create_write_transaction(actions, "append", schema, commit_properties=properties)
        else:
            # Only an overwrite carries a new schema; a new schema rewrites every file anyway.
            adds: list[AddAction | RemoveAction] = [_add(file) for file in staged.files]
            delta.create_write_transaction(adds, "overwrite", schema, commit_properties=properties)
    except CommitFailedError:
        return None
    return delta.version() + 1


def _create(
    table: Path, staged: Staged, schema: Schema, properties: CommitProperties
) -> int | None:
    try:
        create_table_with_add_actions(
            str(table),
            schema,
            [_add(file) for file in staged.files],
            configuration=_CONFIGURATION,
            commit_properties=properties,
        )
    except CommitFailedError:
        return None
    return 0


def _active(delta: DeltaTable) -> list[str]:
    return [str(path) for path in pa.table(delta.get_add_actions())["path"].to_pylist()]


def _add(file: DataFile) -> AddAction:
    return AddAction(
        path=file.path,
        size=file.bytes,
        partition_values={},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


def _remove(path: str) -> RemoveAction:
    return RemoveAction(path, data_change=True, deletion_timestamp=int(time.time() * 1000))


def _commits(table: Path) -> Iterator[Path]:
    log = table / _LOG
    if log.is_dir():
        yield from (
            path for path in log.iterdir() if path.name[:-5].isdigit() and path.suffix == ".json"
        )


def _drop_torn_commit(table: Path) -> None:
    """Remove a last commit that a power cut left incomplete: nothing can have been published on it,
    because publishing waits for `_make_durable`."""
    last = max(_commits(table), default=None)
    if last is None:
        return
    lines = last.read_bytes().splitlines()
    try:
        whole = bool(lines) and all(isinstance(json.loads(line), dict) for line in lines if line)
    except ValueError:
        whole = False
    if not whole:
        last.unlink(missing_ok=True)


def _make_durable(table: Path, version: int) -> None:
    log = table / _LOG
    handle = os.open(log / f"{version:020}.json", os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(log)
    sync_directory(table)
