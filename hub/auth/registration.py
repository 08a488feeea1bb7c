"""What a program may be registered as (RFC 7591's words): its flows, its proof, the ways back to it.

A way back is compared letter for letter. One exception: a program on the person's own machine
listens on whichever port is free, so the port of a loopback address does not count (RFC 8252 §7.3).
"""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from hub.errors import InvalidInput

CODE = "authorization_code"
REFRESH = "refresh_token"
CREDENTIALS = "client_credentials"
FLOWS = (CODE, REFRESH, CREDENTIALS)

SECRET = "client_secret_basic"  # noqa: S105 - the name of a method
KEYS = "private_key_jwt"
NONE = "none"
METHODS = (SECRET, KEYS, NONE)

MOST_ADDRESSES = 20
LONGEST_ADDRESS = 1000
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[::1\]")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)")
_ON_THIS_MACHINE = ("127.0.0.1", "[::1]", "localhost")


def method_of(*, public: bool, jwks: object) -> str:
    """How a client proves itself, on every endpoint."""
    if public:
        return NONE
    return KEYS if jwks else SECRET


def checked_method(method: str | None, *, jwks: object) -> str:
    """The method that was asked for, else the one that fits; InvalidInput when keys contradict it."""
    method = method or method_of(public=False, jwks=jwks)
    if (method == KEYS) != (jwks is not None):
        raise InvalidInput(
            "jwks diisi untuk private_key_jwt, dan hanya untuk itu.",
            "jwks comes with private_key_jwt, and with nothing else.",
            field="jwks",
        )
    return method


def checked_flows(
    flows: Sequence[str] | None, addresses: Sequence[str], *, public: bool
) -> list[str]:
    """The flows of a client in a fixed order; with none named, those that its addresses call for."""
    if flows is None:
        flows = (CODE, REFRESH) if addresses else (CREDENTIALS,)
    unknown = sorted(set(flows) - set(FLOWS))
    if unknown or not flows:
        raise InvalidInput(
            f"grant_types berisi satu atau lebih dari {', '.join(FLOWS)}.",
            f"grant_types holds one or more of {', '.join(FLOWS)}.",
            field="grant_types",
            unknown=unknown,
        )
    if public and CREDENTIALS in flows:
        raise InvalidInput(
            "Program publik tidak punya rahasia, jadi tidak dapat memakai client_credentials.",
            "A public client has no secret, so client_credentials is not for it.",
            field="grant_types",
        )
    if (CODE in flows) != bool(addresses):
        raise InvalidInput(
            "authorization_code memerlukan redirect_uris, dan redirect_uris memerlukan authorization_code.",
            "authorization_code needs redirect_uris, and redirect_uris need authorization_code.",
            field="redirect_uris",
        )
    if REFRESH in flows and CODE not in flows:
        raise InvalidInput(
            "refresh_token hanya menyertai authorization_code.",
            "refresh_token only comes with authorization_code.",
            field="grant_types",
        )
    return [flow for flow in FLOWS if flow in flows]


def checked_addresses(addresses: Sequence[str], *, public: bool) -> list[str]:
    """The redirect URIs as they are compared: exactly as written, each once."""
    if len(addresses) > MOST_ADDRESSES:
        raise _bad_address(addresses[MOST_ADDRESSES])
    for address in addresses:
        if not _is_address(address, public=public):
            raise _bad_address(address)
    return list(dict.fromkeys(addresses))


def leads_back(address: str, registered: Sequence[str]) -> bool:
    """Whether a redirect URI of a request is one of the registered ones."""
    if address in registered:
        return True
    loose = _without_port(address)
    return loose is not None and any(loose == _without_port(known) for known in registered)


def is_assured(address: str) -> bool:
    """False where another program on the person's machine could be the one that listens.

    Such a program is asked for each time, whatever was allowed before (RFC 8252 §8.6).
    """
    return address.startswith("https://")


def source_of(address: str) -> str:
    """The address as a source of a Content-Security-Policy, which knows no IPv6."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or "[" in parts.netloc:
        return f"{parts.scheme}:"
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def host_of(address: str) -> str:
    """Where the address leads, as a person would say it."""
    parts = urlsplit(address)
    return parts.hostname or f"{parts.scheme}:"


def _is_address(address: str, *, public: bool) -> bool:
    if not address.isascii() or not address.isprintable() or len(address) > LONGEST_ADDRESS:
        return False
    if any(c in address for c in '#\\" <>'):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return public and not parts.netloc and _PRIVATE_SCHEME.fullmatch(parts.scheme) is not None
    host = _host(parts)
    if _HOST.fullmatch(host) is None or port == 0:
        return False
    return parts.scheme == "https" or host in _ON_THIS_MACHINE


def _host(parts: SplitResult) -> str:
    """Host as written; with a user name before it, it is no host we know."""
    return parts.netloc if parts.port is None else parts.netloc.removesuffix(f":{parts.port}")


def _without_port(address: str) -> str | None:
    """A loopback address without its port; None for any other."""
    found = _LOOPBACK.match(address)
    return None if found is None else f"http://{found[1]}{address[found.end() :]}"


def _bad_address(address: str) -> InvalidInput:
    return InvalidInput(
        f"redirect_uris berisi paling banyak {MOST_ADDRESSES} alamat: https, http pada 127.0.0.1, "
        "[::1] atau localhost, atau skema sendiri seperti id.contoh.aplikasi:/masuk untuk program "
        "publik; tanpa # dan tanpa nama pengguna.",
        f"redirect_uris holds at most {MOST_ADDRESSES} addresses: https, http on 127.0.0.1, [::1] or "
        "localhost, or a scheme of its own such as id.example.app:/signed-in for a public client; "
        "without # and without a user name.",
        field="redirect_uris",
        address=address[:200],
    )
