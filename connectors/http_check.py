"""The layers of an HTTP source: name, connection, TLS, credentials, answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpcore2
import httpx2

from connectors.base import Report
from connectors.checking import climb
from connectors.errors import ConnectorError, Sentence
from connectors.transport import GuardedBackend, NetworkPolicy


def check_http(policy: NetworkPolicy, url: httpx2.URL, look: Callable[[], int]) -> Report:
    """`look` reads a sample and returns its number of rows, or raises ConnectorError."""
    probe = _Probe(policy, url, look)
    return climb(
        [
            ("dns", probe.dns),
            ("tcp", probe.tcp),
            ("tls", probe.tls),
            ("auth", probe.auth),
            ("query", probe.query),
        ]
    )


@dataclass
class _Probe:
    policy: NetworkPolicy
    url: httpx2.URL
    look: Callable[[], int]
    seen: int = 0
    failure: ConnectorError | None = field(default=None)

    def dns(self) -> Sentence:
        host, port = self.policy.check_url(self.url)
        found = len(self.policy.vet(host, port))
        return Sentence(
            id=f"'{host}' ditemukan ({found} alamat).", en=f"'{host}' resolves ({found} addresses)."
        )

    def tcp(self) -> Sentence:
        host, port = self.policy.check_url(self.url)
        self._connect().close()
        return Sentence(id=f"'{host}:{port}' menjawab.", en=f"'{host}:{port}' answers.")

    def tls(self) -> Sentence | None:
        if self.url.scheme != "https":
            return None
        stream = self._connect()
        try:
            stream.start_tls(
                self.policy.tls_context(),
                self.url.raw_host.decode("ascii"),
                self.policy.connect_timeout,
            ).close()
        finally:
            stream.close()
        return Sentence(id="Sertifikat tepercaya.", en="The certificate is trusted.")

    def auth(self) -> Sentence | None:
        """One request serves this layer and the next: only a refusal is told here."""
        try:
            self.seen = self.look()
        except ConnectorError as error:
            if error.layer == "auth":
                raise
            self.failure = error
            return None
        return Sentence(id="Kredensial diterima.", en="The credentials are accepted.")

    def query(self) -> Sentence:
        if self.failure is not None:
            raise self.failure
        return Sentence(
            id=f"Data terbaca; contoh memuat {self.seen} baris.",
            en=f"Data can be read; the sample holds {self.seen} rows.",
        )

    def _connect(self) -> httpcore2.NetworkStream:
        host, port = self.policy.check_url(self.url)
        return GuardedBackend(self.policy).connect_tcp(host, port, self.policy.connect_timeout)
