"""Where a request comes from: its address, which a stranger's header cannot change, and its browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from fastapi import Request

from hub.settings import Settings

Address = IPv4Address | IPv6Address

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Parts of a User-Agent, the telling ones first: most claim to be Chrome and Safari as well."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Caller:
    """`address` is None when the server does not know it; `browser` is a family, or empty."""

    address: Address | None = None
    browser: str = ""

    @property
    def network(self) -> str:
        """Enough to recognise one's own network by, not enough to find a house."""
        return self._around(24, 48)

    @property
    def counted(self) -> str:
        """What tries are counted under: one IPv6 customer has a whole /64."""
        return self._around(32, 64)

    def _around(self, four: int, six: int) -> str:
        if self.address is None:
            return ""
        length = four if self.address.version == 4 else six
        return str(ip_network((self.address, length), strict=False))


UNKNOWN = Caller()


def caller_of(request: Request, settings: Settings) -> Caller:
    """The nearest hop that is none of our own proxies, and what its browser calls itself."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    address = _nearest((*forwarded, peer), settings)
    return Caller(address, _family(request.headers.get("user-agent", "")))


def _nearest(hops: Iterable[str], settings: Settings) -> Address | None:
    """From the right: whatever stands left of the first stranger, the stranger may have written."""
    nearest = None
    for hop in reversed(tuple(hops)):
        address = _address(hop)
        if address is None:
            break
        nearest = address
        if not any(address in network for network in settings.trusted_proxies):
            break
    return nearest


def _address(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, or in brackets."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _family(agent: str) -> str:
    browser = next((name for part, name in BROWSERS if part in agent), "")
    system = next((name for part, name in SYSTEMS if part in agent), "")
    return ", ".join(name for name in (browser, system) if name)
