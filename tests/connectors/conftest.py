"""Agencies played by small real servers and folders; each shows the same face to the contract."""

import contextlib
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import Batch, Source
from connectors.registry import open_source
from connectors.transport import NetworkPolicy

SECRET = "6f1c0000-uuid/json/736987654"
TOKEN = "token-sintetis"
Reply = Callable[[BaseHTTPRequestHandler], None]


def row(number: int) -> dict[str, Any]:
    return {"kd_rup": f"{number:08d}", "pagu": number * 1000, "tgl_update": "2025-10-03", "x": None}


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> None:
    handler.send_response(status)
    fields = {"content-type": "application/json", "content-length": str(len(body))}
    for name, value in {**fields, **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@dataclass
class Bus:
    """A JSON feed over HTTP; `replies` are used up first, one a request."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    always: Reply | None = None
    token: str | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append((handler.path, {k.lower(): v for k, v in handler.headers.items()}))
        if self.replies:
            self.replies.pop(0)(handler)
        elif self.always is not None:
            self.always(handler)
        elif self.token and handler.headers.get("authorization") != f"Bearer {self.token}":
            send(handler, b'{"detail":"no"}', 401)
        else:
            self.serve(handler)

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if asked.path.startswith("/halaman"):
            first = (int(query["page"]) - 1) * 10
            body: object = {"data": {"items": self.rows[first : first + 10]}}
        elif asked.path.startswith("/kursor"):
            first = int(query.get("cursor", 0))
            more = first + 10 if first + 10 < len(self.rows) else None
            body = {"next": more, "data": {"items": self.rows[first : first + 10]}}
        elif asked.path.startswith("/tautan"):
            first = int(query.get("mulai", 0))
            more = f"{asked.path}?mulai={first + 10}" if first + 10 < len(self.rows) else None
            body = {"data": {"items": self.rows[first : first + 10]}, "next": more}
        else:
            body = self.rows
        send(handler, json.dumps(body).encode())


class Quiet(ThreadingHTTPServer):
    """Says nothing when a client hangs up on it."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(bus: Bus, pem: Path | None = None) -> Iterator[Bus]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            # A client that hangs up on an endless body is what some tests are about.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                bus.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if pem is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    bus.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bus
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def bus() -> Iterator[Bus]:
    with serving(Bus()) as running:
        yield running


@pytest.fixture
def https() -> Callable[[Path], contextlib.AbstractContextManager[Bus]]:
    """A feed behind TLS with the key and certificate of a file."""
    return lambda pem: serving(Bus(), pem)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


QUICK = {"attempts": 3, "first_wait": 0.01, "longest_wait": 2}


@dataclass
class HttpAgency:
    """An agency behind `http-json`, with LKPP's credential in its path and a token."""

    work: Path
    bus: Bus
    options: dict[str, Any]
    kind: ClassVar[str] = "http-json"
    stream: ClassVar[str] = "rows"
    key: ClassVar[str] = "kd_rup"

    def open(self, **changes: Any) -> Source:
        secrets = {"url_secret": SECRET, "token": TOKEN, **changes.pop("secrets", {})}
        return open_source(
            self.kind,
            {**QUICK, **self.options, **changes},
            secrets,
            work=self.work,
            network=NetworkPolicy.allowing(f"127.0.0.1:{self.bus.port}"),
        )

    def offer(self, first: int, last: int) -> None:
        """The rows first … last are now there as well."""
        self.bus.rows.extend(row(number) for number in range(first, last + 1))

    def offer_huge(self, megabytes: int) -> None:
        line = json.dumps({**row(1), "uraian": "x" * 400}).encode()
        block = (line + b",") * ((1 << 20) // (len(line) + 1))

        def huge(handler: BaseHTTPRequestHandler) -> None:
            size = len(block) * megabytes + len(line) + 2
            handler.send_response(200)
            handler.send_header("content-length", str(size))
            handler.end_headers()
            handler.wfile.write(b"[")
            for _ in range(megabytes):
                handler.wfile.write(block)
            handler.wfile.write(line + b"]")

        self.bus.always = huge
        self.options = {"url": f"{self.bus.origin}/{{secret}}/besar"}

    def faults(self) -> Iterator[tuple[str, Source]]:
        """Broken ones, with the layer that a check must name."""
        yield "auth", self.open(secrets={"token": "salah"})
        yield "tcp", self._elsewhere()
        yield "dns", self._nowhere()
        self.bus.always = lambda handler: send(handler, b"<html>maaf</html>")
        yield "query", self.open()
        self.bus.always = lambda handler: send(handler, b"", 500)
        yield "query", self.open()
        self.bus.always = None

    def _elsewhere(self) -> Source:
        """A port that nobody listens on."""
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return self._with(NetworkPolicy.allowing(f"127.0.0.1:{port}"), f"http://127.0.0.1:{port}/")

    def _nowhere(self) -> Source:
        def resolver(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        return self._with(NetworkPolicy(resolver=resolver), "http://tidak-ada.invalid/x")

    def _with(self, network: NetworkPolicy, url: str) -> Source:
        return open_source(self.kind, {**QUICK, "url": url}, {}, work=self.work, network=network)

    def wrong_secret(self) -> Source | None:
        return self.open(secrets={"token": "salah"})


@dataclass
class FolderAgency:
    """An agency that drops NDJSON files of ten rows."""

    work: Path
    folder: Path
    kind: ClassVar[str] = "folder"
    stream: ClassVar[str] = "files"
    key: ClassVar[str] = "kd_rup"

    def open(self, **changes: Any) -> Source:
        options = {"path": str(self.folder), "settle_seconds": 0.05, **changes}
        return open_source(
            self.kind,
            options,
            {},
            work=self.work,
            network=NetworkPolicy(),
            roots=[self.folder.parent],
        )

    def offer(self, first: int, last: int) -> None:
        for start in range(first, last + 1, 10):
            lines = [json.dumps(row(n)) for n in range(start, min(start + 10, last + 1))]
            (self.folder / f"rows-{start:05d}.ndjson").write_text("\n".join(lines) + "\n")
        time.sleep(0.08)

    def offer_huge(self, megabytes: int) -> None:
        line = json.dumps({**row(1), "uraian": "x" * 400}).encode() + b"\n"
        with (self.folder / "besar.ndjson").open("wb") as file:
            for _ in range(megabytes):
                file.write(line * ((1 << 20) // len(line)))
        time.sleep(0.08)

    def faults(self) -> Iterator[tuple[str, Source]]:
        yield "exists", self.open(path=str(self.folder / "tidak-ada"))
        yield "exists", self.open(path="/")

    def wrong_secret(self) -> Source | None:
        return None


Agency = HttpAgency | FolderAgency

WAYS: dict[str, dict[str, Any]] = {
    "whole": {"url": "/{secret}/RUP-ProgramMaster/parameter/2025:D107"},
    "pages": {
        "url": "/halaman/{secret}",
        "paging": "page",
        "records_path": "data.items",
        "batch_rows": 20,
    },
    "cursor": {
        "url": "/kursor/{secret}",
        "paging": "cursor",
        "records_path": "data.items",
        "batch_rows": 20,
    },
    "links": {
        "url": "/tautan/{secret}",
        "paging": "link",
        "records_path": "data.items",
        "batch_rows": 20,
    },
}


@pytest.fixture(params=[*WAYS, "folder"])
def agency(request: pytest.FixtureRequest, bus: Bus, work: Path, tmp_path: Path) -> Agency:
    """Every kind, in every way it can be read; a new kind adds itself here."""
    return agency_of(request.param, bus, work, tmp_path)


@pytest.fixture(params=["whole", "folder"])
def generous(request: pytest.FixtureRequest, bus: Bus, work: Path, tmp_path: Path) -> Agency:
    """Each kind once, to be asked for a huge body."""
    return agency_of(request.param, bus, work, tmp_path)


def agency_of(way: str, bus: Bus, work: Path, tmp_path: Path) -> Agency:
    if way == "folder":
        folder = tmp_path / "kiriman"
        folder.mkdir()
        return FolderAgency(work, folder)
    bus.token = TOKEN
    options = WAYS[way]
    return HttpAgency(work, bus, {**options, "url": bus.origin + options["url"]})


def rows_of(batch: Batch) -> list[dict[str, Any]]:
    return [json.loads(line) for line in batch.file.read_bytes().splitlines()]


@pytest.fixture
def rows_in() -> Callable[[Batch], list[dict[str, Any]]]:
    return rows_of


@pytest.fixture
def reply() -> Callable[..., Reply]:
    """A canned answer: `reply(b"…", status, {header: value})`."""

    def canned(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
        return lambda handler: send(handler, body, status, headers)

    return canned
