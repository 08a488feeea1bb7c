"""A hub of its own for a run: served over real HTTP on a free port, gone at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bench import belanja
from hub.agencies import accounts
from hub.agencies import service as agencies
from hub.agencies.models import HolderKind
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.calendar import real_now
from hub.client import Simpul
from hub.db import open_engine, unit_of_work
from hub.ledger.entry import HUB
from hub.ledger.service import Ledger
from hub.migrations import upgrade
from hub.settings import Settings

PATIENCE = 600.0
"""Seconds for the hub to come up, and for one request."""
PARTIES = (("steward", "bkad", Role.STEWARD), ("analyst", "bappeda", Role.ANALYST))


@dataclass(frozen=True)
class Hub:
    """The served hub with a steward of `bkad` and an analyst of `bappeda`."""

    home: Path
    url: str
    pid: int
    steward: Simpul
    analyst: Simpul

    def register(self, slug: str, **narrowed: Any) -> str:
        """An empty dataset `bkad/{slug}` shared between agencies, which the analyst may read.

        `narrowed` are members of the request that make the grant a narrower one (filter, masks).
        """
        self.steward.call(
            "POST",
            "/api/v1/datasets",
            json={
                "agency": "bkad",
                "slug": slug,
                "title": "Belanja (sintetis)",
                "schema": "bkad/belanja/1.0.0",
                "access_class": "BERBAGI",
                "synthetic": True,
            },
        )
        asked = {"purpose": "Mengukur", "basis": "Pengukuran pada mesin sendiri", **narrowed}
        self.analyst.call("POST", f"/api/v1/datasets/bkad/{slug}/requests", json=asked)
        return f"bkad/{slug}"

    def files(self, dataset: str) -> list[str]:
        """The data files of a dataset with one release."""
        return sorted(str(p) for p in (self.home / "releases" / dataset).glob("*.parquet"))


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    home, port = folder / "home", _free_port()
    url = f"http://127.0.0.1:{port}"
    secrets = _prepare(Settings(home=home, public_url=url))
    command = [sys.executable, "-m", "hub.cli", "serve", "--port", str(port)]
    env = os.environ | {"SIMPUL_HOME": str(home), "SIMPUL_PUBLIC_URL": url}
    with (folder / "hub.log").open("wb") as log:
        served = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        _wait(url, served)
        steward, analyst = (
            Simpul(url, *secrets[name], timeout=PATIENCE) for name in ("steward", "analyst")
        )
        with steward, analyst:
            steward.call("POST", "/api/v1/schemas/bkad/belanja/versions", json=belanja.SCHEMA)
            yield Hub(home, url, served.pid, steward, analyst)
    finally:
        served.terminate()
        served.wait(PATIENCE)


def _prepare(settings: Settings) -> dict[str, tuple[str, str]]:
    """A migrated control plane with agencies, posts and programs; ids and secrets by name."""
    settings.home.mkdir(parents=True)
    engine, ledger, now = open_engine(settings.database), Ledger.of(settings), real_now()
    upgrade(engine)
    made = {}
    with unit_of_work(engine) as session:
        for name, agency, role in PARTIES:
            agencies.create_agency(session, ledger, HUB, code=agency, name=agency, now=now)
            post = agencies.create_post(
                session, ledger, HUB, agency=agency, title=name.capitalize(), role=role
            )
            client = accounts.create_client(
                session, ledger, HUB, name=name, scope=scopes.join(scopes.ALL), now=now
            )
            agencies.begin_holding(
                session,
                ledger,
                HUB,
                post=post.id,
                holder_kind=HolderKind.CLIENT,
                holder=client.client_id,
                since=now,
            )
            made[name] = (client.client_id, str(client.secret))
    engine.dispose()
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, served: "subprocess.Popen[Any]") -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if served.poll() is not None:
            raise RuntimeError(f"the hub ended at once with {served.returncode}; see hub.log")
        try:
            if httpx2.get(f"{url}/readyz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not answer within {PATIENCE:g} s")
