"""A full disk: the answer says so, nothing was changed, and the next push after room is made works."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.intake import waiting
from hub.settings import Settings
from hub.standards import service as standards

Rows = list[dict[str, Any]]
URL = "/api/v1/datasets/bpbj/paket-nontender/batches?mode=upsert"
NDJSON = {"Content-Type": "application/x-ndjson"}
ROOM = 6_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "simpul-test", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, small_disk: Path) -> Settings:
    """Bodies and releases go to the small disk, the control plane does not."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "work").symlink_to(small_disk, target_is_directory=True)
    return Settings(
        home=home,
        database_url=database_url,
        storage_url=str(small_disk / "releases"),
        public_url="http://testserver",
    )


def test_an_acknowledged_batch_waits_for_room_and_is_published_then(
    hub: TestClient,
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
    small_disk: Path,
) -> None:
    make_dataset()
    assert isinstance(hub.app, FastAPI)
    intake = hub.app.state.intake
    answer = steward.post(URL, content=ndjson(rows), headers={**NDJSON, "Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * (ROOM - 40_000))
    assert waiting.work_off(intake, find_document=standards.find) >= 1
    job = steward.get(answer.headers["Location"]).json()
    assert (job["state"], job["phase"], job["problem"]) == ("received", "waiting", None)
    ballast.unlink()
    ends = time.monotonic() + 20
    while not waiting.work_off(intake, find_document=standards.find):  # its pause is not over
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert steward.get(answer.headers["Location"]).json()["result"]["accepted"] == len(rows)


def test_a_full_disk_is_said_changes_nothing_and_heals(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
    small_disk: Path,
) -> None:
    make_dataset()
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * (ROOM - 1_500_000))
    body = ndjson(rows)
    assert len(body) > 2_000_000
    answer = steward.post(URL, content=body, headers=NDJSON)
    assert answer.status_code == 507, answer.text
    assert answer.json()["type"] == "/problems/storage-full"
    assert list(small_disk.glob("*.body")) == []
    ballast.unlink()
    assert steward.post(URL, content=body, headers=NDJSON).status_code == 201
