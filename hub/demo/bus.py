"""A small local server that plays LKPP's service bus, so that the demonstration can pull.

It serves what the real one served: one JSON array a service, under a path that holds a credential.
"""

import gzip
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any

CREDENTIAL = "00000000-0000-4000-8000-000000000000/json/000000000"
"""In LKPP's addresses a code and a number of the region; whoever knows them may read."""


def address(port: int) -> str:
    """URL of a service, with `{secret}` where the credential belongs; add the service's name."""
    return f"http://127.0.0.1:{port}/isb-2/api/{{secret}}/"


class Bus:
    """Serves `services` (name → NDJSON, gzip) on 127.0.0.1 until it is closed."""

    def __init__(self, services: Mapping[str, bytes], port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(services))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="lkpp-bus", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> "Bus":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(services: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            prefix, _, service = self.path.rpartition("/")
            if prefix != f"/isb-2/api/{CREDENTIAL}" or service not in services:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = b"[" + gzip.decompress(services[service]).strip().replace(b"\n", b",") + b"]"
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: the hub's own run history says what was pulled."""

    return Handler
