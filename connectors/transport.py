"""The one guarded way out: every URL the hub calls for somebody else goes through here.

A name is resolved once, every address it gives is vetted, and the connection is made to the
vetted literal, so that a second look-up cannot lead elsewhere. No proxy, `.netrc` or certificate
setting is taken from the environment, and no redirect is followed.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2

from connectors.addresses import Allowed, is_public, parse, parse_allowed
from connectors.errors import (
    AddressForbidden,
    LayerName,
    Sentence,
    SourceUnavailable,
    UrlForbidden,
)

Resolver = Callable[[str, int], list[str]]
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)

DEFAULT_PORTS = frozenset({80, 443, 8080, 8443})


def system_resolver(host: str, port: int) -> list[str]:
    """Every address of `host`, in the system's order; raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


@dataclass(frozen=True)
class NetworkPolicy:
    """Where the hub may connect. `allow` opens private hosts one by one, with any port they name.

    `tls` None means the system's certificate authorities. Times in seconds.
    """

    allow: tuple[Allowed, ...] = ()
    ports: frozenset[int] = DEFAULT_PORTS
    schemes: frozenset[str] = frozenset({"http", "https"})
    resolver: Resolver = system_resolver
    tls: ssl.SSLContext | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 30.0

    @classmethod
    def allowing(cls, *entries: str, **rest: Any) -> "NetworkPolicy":
        """A policy with the entries of an operator's list; raises OptionsInvalid."""
        return cls(allow=tuple(map(parse_allowed, entries)), **rest)

    def check_url(self, url: httpx2.URL) -> tuple[str, int]:
        """Host and port of a URL whose form is allowed; raises UrlForbidden."""
        if url.scheme not in self.schemes:
            raise UrlForbidden(
                Sentence(
                    id=f"Skema '{url.scheme}' tidak dipanggil; pakai http atau https.",
                    en=f"Scheme '{url.scheme}' is never called; use http or https.",
                )
            )
        if url.userinfo:
            raise UrlForbidden(
                Sentence(
                    id="Alamat tidak boleh memuat nama pengguna; pakai isian rahasia.",
                    en="The URL must not carry a user name; use the secret fields.",
                )
            )
        if not url.host:
            raise UrlForbidden(
                Sentence(id="Alamat tidak memuat nama host.", en="The URL names no host.")
            )
        return url.host, url.port or (443 if url.scheme == "https" else 80)

    def vet(self, host: str, port: int) -> list[str]:
        """Addresses of `host` to connect to, when every one of them may be called.

        Raises SourceUnavailable (dns), AddressForbidden, UrlForbidden (port).
        """
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise _no_address(host) from error
        if not found:
            raise _no_address(host)
        vetted = []
        opened = True
        for text in found:
            address = parse(text)
            named = address is not None and any(a.opens(host, port, address) for a in self.allow)
            if address is None or not (named or is_public(address)):
                raise AddressForbidden(host, port, text)
            opened = opened and named
            vetted.append(str(address))
        if not opened and port not in self.ports:
            raise UrlForbidden(
                Sentence(
                    id=f"Port {port} tidak diizinkan untuk '{host}'.",
                    en=f"Port {port} is not allowed for '{host}'.",
                )
            )
        return vetted

    def tls_context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()


def _no_address(host: str) -> SourceUnavailable:
    return SourceUnavailable(
        "dns",
        Sentence(
            id=f"Nama '{host}' tidak ditemukan di DNS.", en=f"The name '{host}' does not resolve."
        ),
    )


class _Stream(httpcore2.NetworkStream):
    """A TCP stream that says when it is TLS that failed."""

    def __init__(self, inner: httpcore2.NetworkStream, host: str) -> None:
        self._inner, self._host = inner, host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            return self._inner.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            untrusted = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            why = "certificate" if untrusted else "handshake"
            raise SourceUnavailable(
                "tls",
                Sentence(
                    id=f"Sambungan TLS ke '{self._host}' gagal: "
                    + ("sertifikat tidak tepercaya." if untrusted else "jabat tangan gagal."),
                    en=f"TLS to '{self._host}' failed ({why}).",
                ),
                transient=not untrusted,
            ) from error


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to vetted literals only."""

    def __init__(self, policy: NetworkPolicy) -> None:
        self._policy, self._tcp = policy, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception | None = None
        for address in self._policy.vet(host, port):
            try:
                inner = self._tcp.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(inner, host)
        raise SourceUnavailable(
            "tcp",
            Sentence(
                id=f"'{host}:{port}' tidak dapat dihubungi.",
                en=f"'{host}:{port}' cannot be reached.",
            ),
        ) from failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        raise UrlForbidden(
            Sentence(id="Soket lokal tidak dipanggil.", en="Unix sockets are never called.")
        )


@contextlib.contextmanager
def _translated(host: str, layer: LayerName = "query") -> Iterator[None]:
    """httpcore's failures after a connection stands, as ours."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise SourceUnavailable(
            layer,
            Sentence(
                id=f"'{host}' terlalu lama menjawab.", en=f"'{host}' took too long to answer."
            ),
        ) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise SourceUnavailable(
            layer,
            Sentence(
                id=f"Sambungan ke '{host}' terputus sebelum jawaban lengkap.",
                en=f"The connection to '{host}' broke before the answer was complete.",
            ),
        ) from error


@dataclass
class _Body(httpx2.SyncByteStream):
    answer: httpcore2.Response
    host: str

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self.host):
            yield from self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


@dataclass
class GuardedTransport(httpx2.BaseTransport):
    """An httpx2 transport that keeps a NetworkPolicy and raises ConnectorError."""

    policy: NetworkPolicy
    _pool: httpcore2.ConnectionPool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=self.policy.tls_context(),
            max_connections=10,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(self.policy),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host, _ = self.policy.check_url(request.url)
        if not isinstance(request.stream, httpx2.SyncByteStream):
            raise TypeError("only synchronous request bodies are sent here")
        outgoing = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translated(host):
            answer = self._pool.handle_request(outgoing)
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, host),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


def client(policy: NetworkPolicy) -> httpx2.Client:
    """A client that can only go where `policy` lets it; it raises ConnectorError."""
    return httpx2.Client(
        transport=GuardedTransport(policy),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(policy.read_timeout, connect=policy.connect_timeout),
        headers={"accept-encoding": "identity", "user-agent": "Simpul"},
    )
