"""What was acknowledged comes to its end once, whatever is killed between the 202 and the release."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlmodel import col, select
from starlette.testclient import TestClient

from catalog.models import Release
from hub.db import reading
from hub.intake import inbox
from hub.settings import Settings

Rows = list[dict[str, Any]]
URL = "/api/v1/datasets/bpbj/paket-nontender/batches"
LATER = {"Content-Type": "application/x-ndjson", "Prefer": "respond-async"}
PATIENCE = 60.0
EACH = 400
"""Rows of one batch, all of them new."""


def ready(condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, f"{what} took too long"
        time.sleep(0.05)


@contextmanager
def running(settings: Settings, *command: str) -> Iterator[int]:
    """`simpul COMMAND` in a process group of its own, its id; all of it is killed at the end."""
    env = {
        **os.environ,
        "SIMPUL_HOME": str(settings.home),
        "SIMPUL_DATABASE_URL": settings.database,
        "SIMPUL_PUBLIC_URL": settings.public_url,
    }
    whole = [sys.executable, "-m", "hub.cli", *command]
    process = subprocess.Popen(whole, env=env, start_new_session=True)
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        ready(lambda: not members(process.pid), "dying")  # no judge outlives its hub


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.TransportError:
        return False


def members(group: int) -> list[str]:
    """Living processes of a process group, judges included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except FileNotFoundError:
            continue
        if int(pgrp) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def test_every_acknowledged_batch_is_published_once(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> None:
    make_dataset()
    token = {"Authorization": steward.headers["Authorization"]}

    def send(url: str, number: int) -> str:
        part = [
            {**row, "kd_nontender": number * 10**9 + n, "lls_id": number * 10**9 + n}
            for n, row in enumerate(rows[:EACH])
        ]
        headers = {**LATER, **token, "Idempotency-Key": f"batch-{number}"}
        for _ in range(2):  # the second time as after a lost answer
            answer = httpx2.post(url + URL, content=ndjson(part), headers=headers, timeout=30)
            assert answer.status_code == 202, answer.text
        return str(answer.headers["Location"])

    def state(job: str) -> tuple[str, str]:
        found = steward.get(job).json()
        return found["state"], found["phase"]

    port = str(free_port())
    with running(settings, "serve", "--port", port):  # round 1: web, worker and judges die
        ready(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "serving")
        jobs = [send(f"http://127.0.0.1:{port}", number) for number in (1, 2, 3)]
        ready(lambda: state(jobs[0]) != ("received", "waiting"), "the first judging")
    assert state(jobs[-1])[0] in ("received", "published")  # it depends on the machine
    if settings.database.startswith("sqlite"):  # once more, which costs seconds: on one database
        with running(settings, "worker"):  # round 2: killed in the middle of the second
            ready(lambda: state(jobs[1]) != ("received", "waiting"), "the second judging")
    with running(settings, "worker"):
        steps = stepped(steward.get(jobs[-1] + "/events").text)
    assert steps[-1]["state"] == "published", steps
    assert [state(job) for job in jobs] == [("published", "done")] * 3
    assert isinstance(steward.app, FastAPI)
    with reading(steward.app.state.engine) as session:
        releases = session.exec(select(Release).order_by(col(Release.number))).all()
    assert [release.batch for release in releases] == [job.rpartition("/")[2] for job in jobs]
    assert [release.rows for release in releases] == [EACH, 2 * EACH, 3 * EACH]
    ready(lambda: not list(inbox.folder(settings).iterdir()), "clearing the inbox")


def stepped(stream: str) -> list[dict[str, Any]]:
    """The documents of a stream of events, in order."""
    lines = [line for line in stream.splitlines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]
