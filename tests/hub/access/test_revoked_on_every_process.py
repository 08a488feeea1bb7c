"""Two processes serve one PostgreSQL: what is revoked through one is refused by the other within a second."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlmodel import select

from hub.calendar import real_now
from hub.db import reading
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import ROWS

SIMPUL = str(Path(sys.executable).with_name("simpul"))
READY = 90
LONG = "catatan panjang (sintetis) " * 12
ROOM = 64 * 1024
"""What the slow reader takes at once, and what its socket holds."""


def many_rows(count):
    for number in range(count):
        yield {**ROWS[number % 10], "kode": f"{number:07}", "catatan": LONG}


@pytest.fixture
def processes(hub):
    """The addresses of two `simpul serve` over the database, the home and the keys of `hub`."""
    settings = hub.app.state.settings
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    env = kept | {
        "HOME": str(settings.home),
        "SIMPUL_HOME": str(settings.home),
        "SIMPUL_DATABASE_URL": settings.database_url,
        "SIMPUL_PUBLIC_URL": settings.public_url,
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    ports, started = [], []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports.append(free.getsockname()[1])
        with (settings.home / f"serve-{ports[-1]}.log").open("wb") as log:
            command = [SIMPUL, "serve", "--port", str(ports[-1])]
            started.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
    try:
        for port in ports:
            wait_until_ready(port)
        yield ports
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)


def wait_until_ready(port):
    until = time.monotonic() + READY
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the served hub did not become ready")


def call(port, who, method, path):
    """Status and time of one call, as the program `who`."""
    headers = {"Authorization": who.headers["Authorization"]}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", None, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


class SlowReader:
    """Somebody who takes a file bit by bit, so that most of it waits at the hub."""

    def __init__(self, port, who, path):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
            f"Authorization: {who.headers['Authorization']}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(ROOM)
        head, _, rest = head.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        assert lines[0].split()[1] == "200", lines[0]
        self.length = next(int(line[15:]) for line in lines if line.startswith("content-length:"))
        self.got = len(rest)

    def until_the_end(self):
        while piece := self.socket.recv(ROOM):
            self.got += len(piece)
            time.sleep(0.02)
        self.socket.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_revocation_ends_reading_on_every_process_within_a_second(
    hub, penerima, publish_rows, make_client, give, processes
):
    here, there = processes
    dataset, analyst, head = (
        penerima(),
        make_client("analyst", "bappeda"),
        make_client("head", "bpbj"),
    )
    publish_rows(dataset, list(many_rows(60_000)))
    path = f"/api/v1/datasets/{dataset}/rows"
    for _ in range(4):
        grant = give(analyst, dataset)
        assert call(there, analyst, "GET", f"{path}?limit=1") == 200
        assert call(here, head, "DELETE", f"/api/v1/grants/{grant}") == 200
        assert call(there, analyst, "GET", f"{path}?limit=1") == 403

    grant = give(analyst, dataset)
    reader = SlowReader(there, analyst, f"{path}?format=csv")
    assert call(here, head, "DELETE", f"/api/v1/grants/{grant}") == 200
    acknowledged = real_now()
    assert call(there, analyst, "GET", f"{path}?limit=1") == 403
    reader.until_the_end()
    assert 0 < reader.got < reader.length

    with reading(hub.app.state.engine) as session:
        entries = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "export.read")).all()
    (cut,) = [entry for entry in entries if json.loads(entry.body)["outcome"] == "aborted"]
    assert (cut.at - acknowledged).total_seconds() < 1
