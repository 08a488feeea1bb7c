"""Calls to the provider: through the one guarded way out, small answers only, and not for long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error

from connectors.addresses import parse, parse_allowed
from connectors.errors import ConnectorError
from connectors.transport import DEFAULT_PORTS, GuardedTransport, NetworkPolicy
from hub.auth.errors import OutsideRefused, ProviderSilent

LARGEST = 256 * 1024
LONGEST_SECONDS = 10.0
HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "Simpul"}


class ShortAnswers(httpx2.BaseTransport):
    """A transport whose answers are whole, small and soon here, or an error."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        over = time.monotonic() + LONGEST_SECONDS
        answer = self._inner.handle_request(request)
        try:
            body = bytearray()
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > LARGEST or time.monotonic() > over:
                    raise httpx2.ReadError("the answer is too long, or took too long")
        finally:
            answer.close()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=bytes(body))

    def close(self) -> None:
        self._inner.close()


def policy_for(issuer: str) -> NetworkPolicy:
    """The provider may stand in the local network, for an operator has named it; nothing else may."""
    parts = urlsplit(issuer)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    entry = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return NetworkPolicy(
        allow=(parse_allowed(entry),),
        ports=DEFAULT_PORTS | {port},
        schemes=frozenset({parts.scheme}),
        connect_timeout=3.0,
        read_timeout=5.0,
    )


def is_safe_issuer(issuer: str) -> bool:
    """Https, or this very machine by its address: nobody listens there in between."""
    parts = urlsplit(issuer)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        return False
    address = parse(parts.hostname)
    loopback = address is not None and address.is_loopback
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)


def fetched(policy: NetworkPolicy, address: str, **headers: str) -> Any:
    """The JSON at an address; raise ProviderSilent."""
    with _told(), httpx2.Client(**_ways(policy)) as client:
        answer = client.get(address, headers=headers)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def errand(policy: NetworkPolicy, client_id: str, **how: Any) -> Iterator[OAuth2Client]:
    """An Authlib client for one errand; every failure is ProviderSilent or OutsideRefused."""
    with _told(), OAuth2Client(client_id, **_ways(policy), **how) as client:
        yield client


def _ways(policy: NetworkPolicy) -> dict[str, Any]:
    return {
        "transport": ShortAnswers(GuardedTransport(policy)),
        "trust_env": False,
        "follow_redirects": False,
        "headers": HEADERS,
        "timeout": httpx2.Timeout(policy.read_timeout, connect=policy.connect_timeout),
    }


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OAuthError, OAuth2Error) as error:
        raise OutsideRefused(f"token: {error.error}") from error
    except (ConnectorError, httpx2.HTTPError, ValueError, RecursionError) as error:
        raise ProviderSilent(type(error).__name__) from error
