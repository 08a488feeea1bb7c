"""Where the hub must never be led: forms of URL, names that move, redirects (threats T1 to T4).

A canary listens on 127.0.0.1; nothing here may reach it, and no name is looked up outside.
"""

import datetime as dt
import ipaddress
import itertools
import socket
import ssl
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.addresses import is_public, parse
from connectors.errors import (
    AddressForbidden,
    ConnectorError,
    OptionsInvalid,
    SourceUnavailable,
    UrlForbidden,
)
from connectors.transport import NetworkPolicy, client

FORMS = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://100.64.0.1:{port}/",
    "http://169.254.169.254:{port}/latest/meta-data/",
    "http://10.0.0.1:{port}/",
    "http://１２７.０.０.１:{port}/",
    "http://user:pw@127.0.0.1:{port}/",
    "http://contoh.invalid@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1:{port}/",
    "http:///x",
]


def local_only(host: str, port: int) -> list[str]:
    """The system's own reading of literals; a name that would be asked outside does not exist."""
    if host.rstrip(".").lower() == "localhost":
        return ["127.0.0.1", "::1"]
    flags = socket.AI_NUMERICHOST
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [str(each[4][0]) for each in found]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_url_reaches_this_machine(form: str, bus):
    policy = NetworkPolicy(ports=frozenset({bus.port}), resolver=local_only)
    with client(policy) as http, pytest.raises((ConnectorError, httpx2.InvalidURL)) as refused:
        http.get(form.format(port=bus.port))
    assert not isinstance(refused.value, SourceUnavailable) or refused.value.layer == "dns"
    assert bus.requests == []


def test_the_canary_would_have_been_heard(bus):
    """The tests above could not fail if nothing listened."""
    with client(NetworkPolicy.allowing(f"127.0.0.1:{bus.port}")) as http:
        assert http.get(bus.origin).status_code == 200
    assert len(bus.requests) == 1


def test_a_name_that_moves_after_the_vetting_leads_nowhere(bus):
    """Rebinding: public the first time it is asked, loopback ever after."""
    answers = itertools.chain([["203.0.113.9"]], itertools.repeat(["127.0.0.1"]))
    asked = []

    def moving(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    policy = NetworkPolicy(ports=frozenset({bus.port}), resolver=moving, connect_timeout=0.2)
    with client(policy) as http:
        for _ in range(2):
            with pytest.raises(AddressForbidden):
                http.get(f"http://pindah.invalid:{bus.port}/")
    assert bus.requests == []
    assert len(asked) == 2, "one look-up a connection, so there is nothing to rebind"


@pytest.mark.parametrize("found", [["1.1.1.1", "127.0.0.1"], ["127.0.0.1", "1.1.1.1"], ["nama"]])
def test_one_private_address_among_public_ones_spoils_the_name(found: list[str], bus):
    policy = NetworkPolicy(ports=frozenset({bus.port}), resolver=lambda host, port: found)
    with client(policy) as http, pytest.raises(AddressForbidden):
        http.get(f"http://campur.invalid:{bus.port}/")
    assert bus.requests == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2/", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd"],
)
def test_a_redirect_is_handed_back_not_followed(target: str, bus, reply):
    bus.always = reply(b"", 302, {"location": target})
    with client(NetworkPolicy.allowing(f"127.0.0.1:{bus.port}")) as http:
        assert http.get(bus.origin).status_code == 302
        with pytest.raises((AddressForbidden, UrlForbidden)):
            http.get(bus.origin, follow_redirects=True)
    assert len(bus.requests) == 2


def test_the_environment_does_not_choose_a_proxy(bus, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with client(NetworkPolicy.allowing(f"127.0.0.1:{bus.port}")) as http:
        assert http.get(bus.origin).status_code == 200


def test_an_allowed_host_opens_its_own_port_alone(bus):
    policy = NetworkPolicy.allowing("127.0.0.1:1", "10.1.2.3/32", ports=frozenset({bus.port}))
    with client(policy) as http, pytest.raises(AddressForbidden):
        http.get(bus.origin)
    assert policy.vet("10.1.2.3", 5432) == ["10.1.2.3"]
    with pytest.raises(AddressForbidden):
        policy.vet("10.1.2.4", 80)


def test_an_allowed_name_opens_a_lan_never_this_machine_or_the_metadata_service():
    def policy(address: str) -> NetworkPolicy:
        return NetworkPolicy.allowing("skpd.lan:8080", resolver=lambda host, port: [address])

    assert policy("192.168.7.9").vet("SKPD.lan", 8080) == ["192.168.7.9"]
    for address in ("127.0.0.1", "169.254.169.254", "::1", "fe80::1"):
        with pytest.raises(AddressForbidden):
            policy(address).vet("skpd.lan", 8080)
    with pytest.raises(AddressForbidden):
        policy("192.168.7.9").vet("skpd.lan", 80)


def test_a_public_host_is_called_on_web_ports_only():
    policy = NetworkPolicy(resolver=lambda host, port: ["1.1.1.1"])
    assert policy.vet("contoh.invalid", 443) == ["1.1.1.1"]
    with pytest.raises(UrlForbidden):
        policy.vet("contoh.invalid", 22)


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/8", "127.0.0.1", "*:80", "host:", ":80", "host:99999", "::1:80", "a/b:80"]
)
def test_the_allow_list_takes_single_hosts_only(entry: str):
    with pytest.raises(OptionsInvalid) as wrong:
        NetworkPolicy.allowing(entry)
    assert wrong.value.faults[0].field == "allow"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("64:ff9b::101:101", True),
        ("64:ff9b::a00:1", False),
        ("172.31.255.255", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
    ],
)
def test_public_is_what_iana_does_not_reserve(text: str, public: bool):
    address = parse(text)
    assert address is not None
    assert is_public(address) is public


def certificate(directory: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SKPD (sintetis)")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = directory / "skpd.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_an_untrusted_certificate_is_named_as_tls_and_a_trusted_one_passes(tmp_path: Path, https):
    pem = certificate(tmp_path)
    with https(pem) as bus:
        entry = f"127.0.0.1:{bus.port}"
        with client(NetworkPolicy.allowing(entry)) as http, pytest.raises(SourceUnavailable) as no:
            http.get(f"https://127.0.0.1:{bus.port}/")
        assert no.value.layer == "tls"
        assert not no.value.transient
        trusted = ssl.create_default_context(cafile=str(pem))
        with client(NetworkPolicy.allowing(entry, tls=trusted)) as http:
            assert http.get(f"https://127.0.0.1:{bus.port}/").status_code == 200


def test_a_server_that_speaks_no_tls_is_named_as_tls(bus):
    policy = NetworkPolicy.allowing(f"127.0.0.1:{bus.port}")
    with client(policy) as http, pytest.raises(SourceUnavailable) as no:
        http.get(f"https://127.0.0.1:{bus.port}/")
    assert no.value.layer == "tls"
