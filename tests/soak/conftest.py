"""A hub that is served by the real command, and whose processes may be killed one by one or all at once."""

import contextlib
import faulthandler
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine

from hub.agencies import accounts
from hub.agencies import service as agencies
from hub.agencies.models import HolderKind
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.authenticate import access_tokens
from hub.calendar import real_now
from hub.db import open_engine, unit_of_work
from hub.ledger.entry import HUB
from hub.ledger.service import Ledger
from hub.settings import Settings

PATIENCE = 120.0
"""Seconds for the hub to come up, to die, or to end well, on a machine that others use too."""
AGENCY = "bkad"


@dataclass(frozen=True)
class Member:
    """One living process of the hub: `part` is web, worker or other (judges, their parents, queries)."""

    pid: int
    part: str


@dataclass
class Hosted:
    """The hub of a soak: `serve` it, `kill` parts of it, `serve` it again."""

    settings: Settings
    engine: Engine
    log: Path
    programs: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return self.settings.public_url

    @property
    def ledger(self) -> Ledger:
        return Ledger.of(self.settings)

    def authority(self, role: str) -> dict[str, str]:
        """The header of the program in this role, with a token made now."""
        issuer = access_tokens(self.settings)
        token = issuer.issue(self.programs[role], scopes.join(scopes.ALL), now=real_now())
        return {"Authorization": f"Bearer {token}"}

    def serve(self) -> None:
        """Returns once it answers."""
        env = {
            **os.environ,
            "SIMPUL_HOME": str(self.settings.home),
            "SIMPUL_DATABASE_URL": self.settings.database,
            "SIMPUL_PUBLIC_URL": self.url,
        }
        port = self.url.rpartition(":")[2]
        command = [sys.executable, "-m", "hub.cli", "serve", "--port", port]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=env, stdout=log, stderr=log, start_new_session=True
            )
        self._wait(self._answers, "serving")

    def members(self) -> list[Member]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended while we looked
                state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
                if int(group) == self._group and state != "Z":
                    words = (stat.parent / "cmdline").read_bytes().split(b"\0")
                    found.append(Member(int(stat.parent.name), self._part(words)))
        return found

    def kill(self) -> None:
        """All of it, at once, without a warning."""
        assert self.process is not None
        os.killpg(self._group, signal.SIGKILL)
        self.process.wait()
        self._wait(lambda: not self.members(), "dying")

    def stop(self) -> None:
        """As an operator ends it: everything in hand is finished."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.log.read_text()[-2000:]
        self._wait(lambda: not self.members(), "ending")

    @property
    def _group(self) -> int:
        return self.process.pid if self.process else -1

    def _part(self, words: list[bytes]) -> str:
        if b"serve" in words:
            return "web"
        return "worker" if b"worker" in words else "other"

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return httpx2.get(self.url + "/healthz", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends, f"{what} took too long"
            time.sleep(0.05)


@pytest.fixture(autouse=True)
def _no_alarm() -> None:
    """A soak takes longer than any test that hangs."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def hosted(database_url: str, tmp_path: Path) -> Iterator[Hosted]:
    """Not served yet; with an agency and two programs in it, `steward` and `analyst`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = Settings(
        home=tmp_path / "home",
        database_url=database_url,
        public_url=f"http://127.0.0.1:{port}",
    )
    settings.home.mkdir()
    engine = open_engine(settings.database)
    hub = Hosted(settings, engine, tmp_path / "hub.log")
    _people(hub)
    yield hub
    if hub.process is not None and hub.process.poll() is None:
        hub.kill()
    engine.dispose()


def _people(hub: Hosted) -> None:
    now = real_now()
    with unit_of_work(hub.engine) as session:
        agencies.create_agency(session, hub.ledger, HUB, code=AGENCY, name="BKAD (sintetis)", now=now)  # fmt: skip
        for name, role in (("steward", Role.STEWARD), ("analyst", Role.ANALYST)):
            post = agencies.create_post(
                session, hub.ledger, HUB, agency=AGENCY, title=name, role=role
            )
            client = accounts.create_client(
                session, hub.ledger, HUB, name=name, scope=scopes.join(scopes.ALL), now=now
            )
            agencies.begin_holding(
                session,
                hub.ledger,
                HUB,
                post=post.id,
                holder_kind=HolderKind.CLIENT,
                holder=client.client_id,
                since=now,
            )
            hub.programs[name] = client.client_id
