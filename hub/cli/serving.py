"""Commands of those who run the hub: serve it, work for it, make and move its database."""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Annotated

import typer

from hub.cli.output import USAGE, note, refuse

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Web processes; SQLite allows one.")] = 1,
) -> None:
    """Serve the hub. On SQLite this is all there is to start: it supervises its worker."""
    import uvicorn

    from hub.db import open_engine
    from hub.migrations import pending, upgrade
    from hub.settings import load_settings

    settings = load_settings()
    embedded = settings.database.startswith("sqlite")
    if embedded and workers > 1:
        raise refuse("SQLite melayani satu proses web; pakai PostgreSQL untuk --workers.", USAGE)
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    if embedded:
        upgrade(engine)
    elif pending(engine):
        raise refuse("Basis data belum mutakhir; jalankan `simpul db upgrade`.")
    engine.dispose()
    with Companion([sys.executable, "-m", "hub.cli", "worker"]):
        uvicorn.run(
            "hub.app:create_default_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=30,
        )


class Companion:
    """A child process that lives as long as we do, and is started again when it dies."""

    PAUSE = 2.0

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._over = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep, name="companion", daemon=True)

    def __enter__(self) -> "Companion":
        self._watch.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        self._watch.join(60)

    def _keep(self) -> None:
        while not self._over.is_set():
            self._child = subprocess.Popen(self._command)  # noqa: S603 - our own interpreter
            self._child.wait()
            self._over.wait(self.PAUSE)


def worker() -> None:
    """Do what runs by the clock: sign the ledger, deliver events, pull due sources, tidy."""
    from hub.jobs import Worker
    from hub.settings import load_settings

    over = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parent = os.getppid()
    running = Worker(load_settings())
    running.start()
    # A worker whose supervisor was killed must not stay behind.
    while not over.wait(1.0) and os.getppid() == parent:
        pass
    running.stop()


def db_upgrade() -> None:
    """Bring the control plane's database to the newest revision."""
    from hub.db import open_engine
    from hub.migrations import upgrade
    from hub.settings import load_settings

    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    upgrade(engine)
    engine.dispose()
    note("Basis data mutakhir / database up to date")


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only load it.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Load the demonstration regency and serve it."""
    from hub.demo.loading import load, prepared_settings, sign_ins

    settings = prepared_settings(port=port)
    db_upgrade()
    load(settings, say=note)
    note(sign_ins(settings))
    if not no_serve:
        serve(host=host, port=port, workers=1)


def doctor() -> None:
    """Look at what the hub needs and say what is missing."""
    from hub.cli.doctor import examine
    from hub.settings import load_settings

    findings = examine(load_settings())
    for finding in findings:
        note(f"{'✓' if finding.ok else '✗'} {finding.what}: {finding.said}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
