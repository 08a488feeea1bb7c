"""Which IP addresses the hub may call: public ones, and the few that the operator names."""

import ipaddress
import re
from dataclasses import dataclass

from connectors.errors import OptionFault, OptionsInvalid, Sentence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA special-purpose registries, kept here because `is_global` moves between Python releases.
_CLOSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
# Teredo and 6to4 carry an IPv4 address of anybody's choosing; both are long out of use.
_CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16")))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9.])?")
# A name on the allow-list opens a LAN, never this machine and never a cloud's metadata service.
_LAN = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
)


def parse(text: str) -> Address | None:
    """The address in `text` with an IPv4 one taken out of its IPv6 wrapping, or None."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if address.scope_id is not None:
        return False
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


@dataclass(frozen=True)
class Allowed:
    """One entry of the operator's list; `port` None opens every port of one address."""

    host: str
    port: int | None

    def opens(self, host: str, port: int, address: Address) -> bool:
        if self.port not in (None, port):
            return False
        literal = parse(self.host)
        if literal is not None:
            return literal == address
        return self.host == host.lower().rstrip(".") and any(
            address in network for network in _LAN if network.version == address.version
        )


def parse_allowed(text: str) -> Allowed:
    """Read `ADDRESS:PORT`, `[V6]:PORT`, `ADDRESS/32`, `V6/128` or `NAME:PORT`; raise OptionsInvalid.

    Wider networks are refused on purpose: an opening is for one host that somebody can name.
    """
    entry = text.strip().lower()
    address, slash, length = entry.partition("/")
    single = parse(address)
    if slash and single is not None and length == ("128" if ":" in address else "32"):
        return Allowed(address, None)
    host, colon, port = entry.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]") and ":" in host
    host = host[1:-1] if bracketed else host
    named = parse(host) is not None if bracketed else _HOST.fullmatch(host) is not None
    numbered = bool(colon) and port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if slash or not named or not numbered:
        raise OptionsInvalid(
            [
                OptionFault(
                    "allow",
                    Sentence(
                        id=f"'{text}' bukan ALAMAT:PORT, ALAMAT/32 atau NAMA:PORT.",
                        en=f"'{text}' is not ADDRESS:PORT, ADDRESS/32 or NAME:PORT.",
                    ),
                )
            ]
        )
    return Allowed(host.rstrip("."), int(port))
