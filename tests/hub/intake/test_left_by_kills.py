"""What a kill leaves in the folders of batches goes, and what broke a lane breaks no other."""

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.intake import keeping, tidying
from hub.intake.judges import Judges
from hub.settings import Settings

Rows = list[dict[str, Any]]


def test_folders_of_batches_that_were_killed_are_cleared_and_reports_stay(
    pushed: Callable[[Rows], str], steward: TestClient, settings: Settings, rows: Rows
) -> None:
    names = (pushed(rows[:3]), "f" * 32, "e" * 32)
    there, gone, young = (keeping.folder(settings, name) for name in names)
    for folder in (there, gone, young):
        (keeping.bench(folder) / "accepted.parquet").write_bytes(b"rows")
    day_before = time.time() - tidying.ORPHAN_AGE.total_seconds() - 60
    for folder in (there, gone):
        os.utime(folder, (day_before, day_before))
    assert isinstance(steward.app, FastAPI)
    tidying.sweep(steward.app.state.engine, settings)
    assert {item.name for item in there.iterdir()} == set(keeping.KEPT)
    assert not gone.exists()
    assert len(list(young.iterdir())) == 1


def test_a_lane_is_taken_away_only_by_those_it_broke_under() -> None:
    judges = Judges(large=1, small_bytes=10)
    broken = judges._lane(True)
    judges._drop(True, broken)
    whole = judges._lane(True)
    judges._drop(True, broken)
    assert judges._lane(True) is whole
    judges.close()


def test_a_lane_closed_by_another_caller_counts_as_broken() -> None:
    from hub.intake.judges import _begun

    judges = Judges(large=1, small_bytes=10)
    lane: Executor = judges._lane(True)
    judges.close()
    with pytest.raises(BrokenProcessPool):
        _begun(lane, int)
