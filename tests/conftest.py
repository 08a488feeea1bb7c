"""Real databases for every test that touches SQL: SQLite always, PostgreSQL when there is one."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import NullPool, create_engine, text

PG_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _running_postgres() -> str | None:
    """A PostgreSQL on its usual loopback port that lets this user create databases."""
    for user in ("postgres", os.environ.get("USER", "root")):
        url = f"postgresql+psycopg://{user}@127.0.0.1:5432/postgres"
        engine = create_engine(url, connect_args={"connect_timeout": 2})
        try:
            with engine.connect() as connection:
                allowed = connection.execute(
                    text(
                        "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                    )
                ).scalar_one()
        except Exception:  # noqa: BLE001 - whatever the driver says, this server is not for us
            continue
        finally:
            engine.dispose()
        if allowed:
            return url
    return None


def _start_postgres(folder: Path) -> tuple[str, subprocess.Popen[bytes]] | None:
    """A server of our own from Debian's binaries, when they are installed and we may run them."""
    if not PG_BINARIES:
        return None
    as_user = (
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        if os.getuid() == 0
        else []
    )
    if as_user:
        shutil.chown(folder, "nobody", "nogroup")
    data, binaries = folder / "pg", PG_BINARIES[0]
    made = subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"],
        capture_output=True,
        cwd=folder,
        check=False,
    )
    if made.returncode:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    server = subprocess.Popen(
        [*as_user, binaries / "postgres", "-D", data, *options.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    ready = [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "20"]
    for _ in range(40):
        if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
            return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", server
        if server.poll() is not None:
            return None
    server.terminate()
    return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str | None]:
    """URL of a server on which databases may be created, or None when there is none."""
    running = _running_postgres()
    if running:
        yield running
        return
    folder = Path(tempfile.mkdtemp(prefix="simpul-pg-"))
    started = _start_postgres(folder)
    if started is None:
        yield None
    else:
        url, server = started
        yield url
        server.terminate()
        server.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


def _migrate(url: str) -> None:
    from hub.db import open_engine
    from hub.migrations import upgrade

    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "control.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str | None) -> Iterator[str | None]:
    """A migrated database of this test process, emptied after each test (making one takes 1 s)."""
    if postgres_server is None:
        yield None
        return
    name = f"simpul_test_{uuid.uuid4().hex[:12]}"
    _admin(postgres_server, f'CREATE DATABASE "{name}"')
    url = _database(postgres_server, name)
    _migrate(url)
    yield url
    _admin(postgres_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_shape(postgres_database: str | None) -> str:
    """The names of all columns and the number of triggers, as the migrations make them."""
    if postgres_database is None:
        return ""
    engine = create_engine(postgres_database, poolclass=NullPool)
    with engine.connect() as connection:
        shape = str(connection.execute(text(SHAPE)).scalar_one())
    engine.dispose()
    return shape


SHAPE = """SELECT
    (SELECT string_agg(table_name || '.' || column_name, ',' ORDER BY table_name, column_name)
        FROM information_schema.columns WHERE table_schema = 'public')
    || (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"""


def _empty(url: str, shape: str) -> None:
    """Every table without rows again, every sequence at its start; stray connections are ended.

    A test that broke the tables themselves (the shape is another) gets them made anew.
    """
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        if connection.execute(text(SHAPE)).scalar_one() != shape:
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
            _migrate(url)
        tables = (
            connection.execute(
                text(
                    "SELECT quote_ident(tablename) FROM pg_tables"
                    " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
                )
            )
            .scalars()
            .all()
        )
        filled = [
            table
            for table in tables
            if connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {table})")).scalar_one()
        ]
        if filled:
            connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE"))
    engine.dispose()


def _database(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + "/" + name


def _admin(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sqlite_template: Path,
    postgres_database: str | None,
    postgres_shape: str,
) -> Iterator[str]:
    """A fresh, migrated control plane; every test that asks for it runs on both databases."""
    if request.param == "sqlite":
        path = tmp_path / "control.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    if postgres_database is None:
        pytest.skip("no PostgreSQL: none runs on 127.0.0.1:5432 and Debian's is not installed")
    yield postgres_database
    _empty(postgres_database, postgres_shape)


@pytest.fixture(scope="session")
def untidy() -> ModuleType:
    """Makers of workbooks as agencies keep them (tests/untidy.py)."""
    spec = importlib.util.spec_from_file_location("untidy", Path(__file__).with_name("untidy.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
