"""Commands of those who run the hub: serve it, work for it, make and move its database."""

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Annotated

import typer

from hub.cli.companion import Companion, ending_well
from hub.cli.configuration import configured
from hub.cli.output import USAGE, AsJson, note, refuse, show

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Web processes; SQLite allows one.")] = 1,
) -> None:
    """Serve the hub. On SQLite this is all there is to start: it supervises its worker."""
    settings = configured()
    embedded = settings.database.startswith("sqlite")
    if embedded and workers > 1:
        raise refuse(
            "SQLite melayani satu proses web; pakai PostgreSQL untuk --workers.\n"
            "SQLite serves one web process; use PostgreSQL for --workers.",
            USAGE,
        )
    must_be_free(host, port)

    import uvicorn

    from hub.db import open_engine
    from hub.migrations import pending, upgrade
    from hub.settings import make_home

    make_home(settings.home)
    engine = open_engine(settings.database)
    if embedded:
        upgrade(engine)
    elif pending(engine):
        raise refuse("Basis data belum mutakhir / database is old: `simpul db upgrade`")
    engine.dispose()
    note(f"Simpul melayani / serves http://{host}:{port}")
    with ending_well(), Companion([sys.executable, "-m", "hub.cli", "worker"]):
        uvicorn.run(
            "hub.app:create_default_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            proxy_headers=False,  # SIMPUL_TRUSTED_PROXIES says whom to believe
            server_header=False,
            timeout_graceful_shutdown=30,
        )


def worker() -> None:
    """Do what runs by the clock: sign the ledger, deliver events, pull due sources, tidy."""
    from hub.jobs import Worker

    over = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parent = os.getppid()
    running = Worker(configured())
    running.start()
    # A worker whose supervisor was killed must not stay behind.
    while not over.wait(1.0) and os.getppid() == parent:
        pass
    running.stop()


def db_upgrade() -> None:
    """Bring the control plane's database to the newest revision."""
    from hub.db import open_engine
    from hub.migrations import upgrade
    from hub.settings import make_home

    settings = configured()
    make_home(settings.home)
    engine = open_engine(settings.database)
    upgrade(engine)
    engine.dispose()
    note("Basis data mutakhir / database up to date")


def doctor(as_json: AsJson = False) -> None:
    """Look at what the hub needs and say what is missing."""
    from hub.cli.doctor import examine

    findings = examine(configured())
    rows = [{"ok": "✓" if one.ok else "✗", "what": one.what, "seen": one.said} for one in findings]
    show([vars(one) for one in findings] if as_json else rows, as_json=as_json)
    if not all(one.ok for one in findings):
        raise typer.Exit(1)


def must_be_free(host: str, port: int) -> None:
    """Refuse a port that something else listens on, before anything is begun."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise refuse(
            f"{host}:{port} tidak dapat dipakai; pilih --port lain / cannot be listened on: {error}",
            USAGE,
        ) from error
