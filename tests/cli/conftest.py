"""A real hub in a process of its own, and `simpul` in another: what a person at a shell has."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app

SIMPUL = str(Path(sys.executable).with_name("simpul"))
PATIENCE = 90

Ran = subprocess.CompletedProcess[str]
Simpul = Callable[..., Ran]
Serve = Callable[..., AbstractContextManager["Served"]]


def clean(**more: str) -> dict[str, str]:
    """An environment without anything of Simpul, of this machine's proxies or of its terminal."""
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | more


def run(arguments: Sequence[str], env: Mapping[str, str], *, input: str = "", cwd: Path) -> Ran:
    return subprocess.run(
        [SIMPUL, *arguments],
        env=clean(HOME=str(cwd), **env),
        input=input,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def simpul(tmp_path: Path) -> Simpul:
    """`simpul("sql", "SELECT 1", SIMPUL_URL=…)` in an empty folder that is also the user's home."""

    def call(*arguments: str, input: str = "", **env: str) -> Ran:
        return run(arguments, env, input=input, cwd=tmp_path)

    return call


@pytest.fixture
def here(tmp_path: Path) -> Callable[..., Result]:
    """The same command in this process, for those that load a server and need no other process."""

    def call(*arguments: str, **env: str) -> Result:
        ran = CliRunner().invoke(app, arguments, env={"HOME": str(tmp_path), **env})
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran

    return call


@dataclass(frozen=True)
class Served:
    """A hub that answers at `url`; its process, and the home that it works in."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def told(self) -> dict[str, Any]:
        """What the demonstration says about itself."""
        found: dict[str, Any] = json.loads((self.home / "demo.json").read_bytes())
        return found

    def as_client(self, name: str) -> dict[str, str]:
        """Environment in which `simpul` is one of the demonstration's programs."""
        client = self.told["clients"][name]
        return {
            "SIMPUL_URL": self.url,
            "SIMPUL_CLIENT_ID": client["client_id"],
            "SIMPUL_CLIENT_SECRET": client["client_secret"],
        }

    def begun(self) -> set[int]:
        """Processes that the hub has begun, and those that they have."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True)
        pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        found = {self.process.pid}
        while more := {pid for pid, parent in pairs if parent in found} - found:
            found |= more
        return found - {self.process.pid}


def free_port() -> int:
    """A free port whose successor is free too (for the bus of the demonstration)."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except (OSError, OverflowError):
                continue
        return port


@contextmanager
def serving(command: str, home: Path, **env: str) -> Iterator[Served]:
    """Start `simpul serve` or `simpul demo`, wait until it is ready, and end it if it still runs."""
    port = free_port()
    with (home.parent / f"{home.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [SIMPUL, command, "--port", str(port)],
            env=clean(HOME=str(home), SIMPUL_HOME=str(home), **env),
            stdout=log,
            stderr=log,
            cwd=home.parent,
        )
    hub = Served(f"http://127.0.0.1:{port}", home, process)
    try:
        _wait_until_ready(hub)
        yield hub
    finally:
        begun = hub.begun()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
    assert code == 0
    assert _still_there(begun) == set()


def _still_there(processes: set[int]) -> set[int]:
    """Those that have not ended a few seconds after the hub: the last ones notice its death."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, check=True)
        left = processes & set(map(int, listed.stdout.split()))
        if not left:
            return left
        time.sleep(0.1)
    return left


@pytest.fixture(scope="session")
def serve() -> Serve:
    """`with serve("demo", home) as hub:`"""
    return serving


def _wait_until_ready(hub: Served) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert hub.process.poll() is None, Path(f"{hub.home}.log").read_text()
        try:
            with urllib.request.urlopen(f"{hub.url}/readyz"):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(Path(f"{hub.home}.log").read_text())


@pytest.fixture(scope="session")
def loaded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, loaded once, also when several test processes want it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "peragaan"
    with (shared / "peragaan.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "demo.json").exists():
            command = ["demo", "--no-serve", "--port", str(free_port())]
            loaded = run(command, {"SIMPUL_HOME": str(home)}, cwd=shared)
            assert loaded.returncode == 0, loaded.stderr
    return home


@pytest.fixture(scope="session")
def demo(loaded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demonstration as `simpul demo` serves it, on a copy of its own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(loaded_home, home)
    with serving("demo", home) as hub:
        yield hub
