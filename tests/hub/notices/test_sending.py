"""Each notice reaches each recipient once on each channel, by real servers that are down, slow or lie."""

import base64
import hashlib
import hmac
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine
from sqlmodel import Session, select

from hub.agencies.models import Holding
from hub.auth import sealing
from hub.auth.models import Person
from hub.calendar import real_now
from hub.db import open_engine, reading, unit_of_work
from hub.jobs import Worker
from hub.notices import inbox, sending, ways
from hub.notices.addressing import address_due
from hub.notices.channels import Channels, MailServer, PhoneGateway, Webhooks, channels_of
from hub.notices.models import Channel, Notice, Outgoing, OutgoingState, Webhook
from hub.notices.sending import send_due
from hub.notices.telling import AgencyRecipient, Message, PersonRecipient, PostRecipient, tell
from hub.notices.webhooks import SECRET, seal_name
from hub.settings import Settings
from tests.hub.notices.conftest import MailHouse, Receiver, free_port, seat

KEY = bytes(32)
PHONE = "+6200000000000"
WHSEC = "whsec_" + base64.b64encode(b"rahasia untuk uji saja, 32 byte.").decode()


@pytest.fixture
def tell_them(engine: Engine, message: Callable[..., Message]) -> Callable[..., None]:
    def make(*to: Any, **said: Any) -> None:
        with unit_of_work(engine) as session:
            assert tell(session, to, message(**said)) == len(to)

    return make


def go(engine: Engine, channels: Channels, channel: Channel, after: timedelta = timedelta()) -> int:
    """What the worker does at a moment; returns the attempts."""

    def clock() -> datetime:
        return real_now() + after

    address_due(engine, channels, now=clock())
    return send_due(engine, channels, channel, key=KEY, clock=clock)


def outgoing(engine: Engine) -> list[Outgoing]:
    with reading(engine) as session:
        return list(session.exec(select(Outgoing).order_by(Outgoing.created_at, Outgoing.id)))  # type: ignore[arg-type]


def leave(engine: Engine, post: str) -> None:
    with unit_of_work(engine) as session:
        for holding in session.exec(select(Holding).where(Holding.post == post)):
            holding.until = real_now() - timedelta(seconds=1)
            session.add(holding)


def mail_channels(settings_for: Callable[..., Settings], house: MailHouse) -> Channels:
    return channels_of(settings_for(smtp_host="127.0.0.1", smtp_port=house.port))


def test_a_mail_says_it_in_both_languages_and_once(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post, email="tika@contoh.invalid")
    tell_them(PostRecipient(post))
    channels = mail_channels(settings_for, mail_house)
    assert go(engine, channels, Channel.SMTP) == 1
    assert go(engine, channels, Channel.SMTP, timedelta(hours=1)) == 0
    [letter] = mail_house.letters.taken
    assert mail_house.letters.to == ["tika@contoh.invalid"]
    assert letter["Subject"] == "Permintaan PD-2026-000001 jatuh tempo 27 Maret 2026"
    assert letter["Message-ID"] == f"<{outgoing(engine)[0].id}@simpul.contoh.invalid>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Id"] == "<pemberitahuan.simpul.contoh.invalid>"
    assert letter.get_content_type() == "text/plain"
    body = letter.get_content()
    assert "Putuskan paling lambat pukul 16.00 WITA." in body
    assert "Decide by 16.00 WITA." in body
    assert "https://simpul.contoh.invalid/permintaan/PD-2026-000001" in body
    assert outgoing(engine)[0].state is OutgoingState.SENT


def test_nothing_that_is_said_becomes_a_header(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    good = make_holder(post, email="tika@contoh.invalid")
    for bad in (
        "x@contoh.invalid\r\nBcc: semua@contoh.invalid",
        "x@contoh.invalid, y@contoh.invalid",
        '"x"@contoh.invalid>\nRCPT TO:<y@contoh.invalid',
        "tanpa-alamat",
        "",
    ):
        make_holder(post, email=bad)
    with unit_of_work(engine) as session:
        session.get_one(Person, good).name = 'Tika"\r\nBcc: <semua@contoh.invalid>, "X\\'
    tell_them(PostRecipient(post), subject_id="Data\r\nBcc: semua@contoh.invalid\r\n\r\nisi")
    assert go(engine, mail_channels(settings_for, mail_house), Channel.SMTP) == 1
    [letter] = mail_house.letters.taken
    assert mail_house.letters.to == ["tika@contoh.invalid"]
    assert set(letter.keys()) & {"Bcc", "Cc"} == set()
    assert letter["Subject"] == "Data Bcc: semua@contoh.invalid isi"
    assert [address.addr_spec for address in letter["To"].addresses] == ["tika@contoh.invalid"]
    unsent = [row.last_error for row in outgoing(engine) if row.state is OutgoingState.UNSENT]
    assert unsent == ["no-address"] * 5


def test_racing_senders_send_each_mail_once(
    engine: Engine,
    database_url: str,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    for _ in range(30):
        post = make_post()
        make_holder(post)
        tell_them(PostRecipient(post))
    channels = mail_channels(settings_for, mail_house)
    address_due(engine, channels, now=real_now())
    together = threading.Barrier(4)

    def race() -> None:
        own = open_engine(database_url)
        with own.connect():  # connected before the start
            together.wait(20)
        send_due(own, channels, Channel.SMTP, key=KEY)
        own.dispose()

    racers = [threading.Thread(target=race) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert len(mail_house.letters.to) == len(set(mail_house.letters.to)) == 30
    assert {row.attempts for row in outgoing(engine)} == {1}


def test_a_sender_killed_before_its_note_leaves_a_twin_that_is_known_by_its_id(
    engine: Engine,
    database_url: str,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    channels = mail_channels(settings_for, mail_house)
    address_due(engine, channels, now=real_now())
    child = [sys.executable, str(Path(__file__).with_name("sending_child.py"))]
    ended = subprocess.run([*child, database_url, str(mail_house.port)], timeout=60, check=False)
    assert ended.returncode == -9
    assert len(mail_house.letters.taken) == 1
    assert go(engine, channels, Channel.SMTP) == 0  # the lease of the dead one still runs
    assert go(engine, channels, Channel.SMTP, sending.LEASE) == 1
    assert go(engine, channels, Channel.SMTP, timedelta(hours=1)) == 0
    ids = [letter["Message-ID"] for letter in mail_house.letters.taken]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_server_that_is_down_is_tried_again_until_it_is_up(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    down = channels_of(settings_for(smtp_host="127.0.0.1", smtp_port=free_port()))
    assert go(engine, down, Channel.SMTP) == 1
    [row] = outgoing(engine)
    assert (row.state, row.last_error) == (OutgoingState.FAILED, "unreachable")
    up = mail_channels(settings_for, mail_house)
    assert go(engine, up, Channel.SMTP) == 0
    assert go(engine, up, Channel.SMTP, timedelta(seconds=31)) == 1
    assert len(mail_house.letters.taken) == 1


def test_after_a_day_it_is_given_up(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    down = channels_of(settings_for(smtp_host="127.0.0.1", smtp_port=free_port()))
    at, attempts = timedelta(), 0
    while (row := next(iter(outgoing(engine)), None)) is None or row.next_at is not None:
        attempts += go(engine, down, Channel.SMTP, at)
        at += timedelta(minutes=30)
        assert at < timedelta(days=2)
    assert row.state is OutgoingState.GIVEN_UP
    assert timedelta(hours=24) < at <= timedelta(hours=25)
    assert attempts == row.attempts
    assert 8 <= attempts <= 14


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 no such mailbox", OutgoingState.GIVEN_UP),
        ("451 greylisted, come again", OutgoingState.FAILED),
    ],
)
def test_a_refusal_for_good_is_not_tried_again(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
    answer: str,
    state: OutgoingState,
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    mail_house.letters.answers = [answer]
    channels = mail_channels(settings_for, mail_house)
    go(engine, channels, Channel.SMTP)
    [row] = outgoing(engine)
    assert (row.state, row.last_error) == (state, f"smtp {answer[:3]}")
    again = go(engine, channels, Channel.SMTP, timedelta(minutes=1))
    assert again == (0 if state is OutgoingState.GIVEN_UP else 1)


def test_without_tls_nothing_is_sent_when_tls_is_asked_for(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    strict = settings_for(smtp_host="127.0.0.1", smtp_port=mail_house.port, smtp_starttls=True)
    go(engine, channels_of(strict), Channel.SMTP)
    assert mail_house.letters.taken == []
    assert outgoing(engine)[0].last_error == "no-tls"


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for 127.0.0.1, and the certificate that a client has to trust for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "surat.contoh.invalid")])
    now = real_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "surat.pem"
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path


@pytest.mark.parametrize("trusted", [True, False])
def test_mail_goes_under_tls_and_a_password_to_a_server_that_is_trusted(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    open_house: Callable[..., MailHouse],
    certified: tuple[ssl.SSLContext, Path],
    tell_them: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    said: list[LoginPassword] = []

    def authenticate(*about: Any) -> AuthResult:
        said.append(about[-1])
        return AuthResult(success=about[-1] == LoginPassword(b"simpul", b"sandi-uji"))

    context, certificate = certified
    house = open_house(
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    strict = settings_for(
        smtp_host="127.0.0.1",
        smtp_port=house.port,
        smtp_starttls=True,
        smtp_user="simpul",
        smtp_password="sandi-uji",
    )
    go(engine, channels_of(strict), Channel.SMTP)
    [row] = outgoing(engine)
    if trusted:
        assert row.state is OutgoingState.SENT, row.last_error
        assert len(house.letters.taken) == 1
    else:
        assert (row.last_error, said, house.letters.taken) == ("no-tls", [], [])


def test_a_yes_that_comes_too_late_leaves_a_twin_that_is_known_by_its_id(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    made = mail_channels(settings_for, mail_house)
    server = made.open[Channel.SMTP]
    assert isinstance(server, MailServer)
    hasty = replace(made, open={Channel.SMTP: replace(server, seconds=0.5)})
    mail_house.letters.silence = 1.0
    assert go(engine, hasty, Channel.SMTP) == 1
    assert outgoing(engine)[0].last_error == "no-answer"
    mail_house.letters.silence = 0.0
    assert go(engine, made, Channel.SMTP, timedelta(minutes=1)) == 1
    ids = [letter["Message-ID"] for letter in mail_house.letters.taken]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_worker_that_stops_takes_nothing_new(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    for _ in range(3):
        post = make_post()
        make_holder(post)
        tell_them(PostRecipient(post))
    channels = mail_channels(settings_for, mail_house)
    address_due(engine, channels, now=real_now())
    assert send_due(engine, channels, Channel.SMTP, key=KEY, going=lambda: False) == 0
    one = iter([True])
    going = partial(next, one, False)
    assert send_due(engine, channels, Channel.SMTP, key=KEY, going=going) == 1
    assert send_due(engine, channels, Channel.SMTP, key=KEY) == 2
    assert len(set(mail_house.letters.to)) == 3


def test_the_worker_sends_what_was_told(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    worker = Worker(settings_for(smtp_host="127.0.0.1", smtp_port=mail_house.port))
    try:
        worker.address_notices()
        for channel in Channel:
            worker.send_notices(channel)
    finally:
        worker.judges.close()
        worker.engine.dispose()
    assert len(mail_house.letters.taken) == 1


def test_the_inbox_and_the_mail_follow_the_post(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post, email="lama@contoh.invalid")
    tell_them(PostRecipient(post))
    down = channels_of(settings_for(smtp_host="127.0.0.1", smtp_port=free_port()))
    go(engine, down, Channel.SMTP)  # addressed to who held it, not sent
    leave(engine, post)
    heir = make_holder(email="baru@contoh.invalid")
    with unit_of_work(engine) as session:
        seat(session, post, heir)
    assert (
        go(engine, mail_channels(settings_for, mail_house), Channel.SMTP, timedelta(minutes=2)) == 1
    )
    assert mail_house.letters.to == ["baru@contoh.invalid"]
    assert {(row.state, row.last_error) for row in outgoing(engine)} == {
        (OutgoingState.UNSENT, "left-post"),
        (OutgoingState.SENT, ""),
    }


def test_a_post_that_nobody_holds_is_asked_again_for_a_day(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    mail_house: MailHouse,
    tell_them: Callable[..., None],
) -> None:
    empty, never = make_post(), make_post()
    tell_them(PostRecipient(empty), PostRecipient(never))
    channels = mail_channels(settings_for, mail_house)
    assert go(engine, channels, Channel.SMTP) == 0
    make_holder(empty, email="baru@contoh.invalid")
    assert go(engine, channels, Channel.SMTP, timedelta(hours=2)) == 1
    assert go(engine, channels, Channel.SMTP, timedelta(hours=26)) == 0
    with reading(engine) as session:
        assert [one.address_at for one in session.exec(select(Notice))] == [None, None]


def phone_channels(settings_for: Callable[..., Settings], receiver: Receiver) -> Channels:
    made = channels_of(
        settings_for(phone_gateway_url=f"{receiver.url}/kirim", phone_gateway_token="kunci-uji")
    )
    gateway = made.open[Channel.PHONE]
    assert isinstance(gateway, PhoneGateway)
    return replace(
        made,
        open={Channel.PHONE: replace(gateway, network=replace(gateway.network, read_timeout=1.0))},
    )


@pytest.fixture
def by_phone(engine: Engine, make_post: Callable[..., str], make_holder: Callable[..., str]) -> str:
    """A post whose holder wants messages on her phone and no mail."""
    post = make_post()
    person = make_holder(post)
    with unit_of_work(engine) as session:
        ways.choose(session, person, phone=PHONE, by_mail=False, by_phone=True)
    return post


def test_a_phone_gets_a_short_text_with_the_whole_link(
    engine: Engine,
    by_phone: str,
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    tell_them: Callable[..., None],
) -> None:
    tell_them(PostRecipient(by_phone), subject_id="Permintaan " + "panjang " * 60)
    channels = phone_channels(settings_for, receiver)
    assert go(engine, channels, Channel.PHONE) == 1
    assert go(engine, channels, Channel.SMTP) == 0
    [heard] = receiver.heard
    assert heard.path == "/kirim"
    assert heard.headers["authorization"] == "Bearer kunci-uji"
    assert heard.headers["idempotency-key"] == heard.json["id"] == outgoing(engine)[0].id
    assert heard.json["to"] == PHONE
    assert len(heard.json["text"]) <= 320
    assert heard.json["text"].endswith(" https://simpul.contoh.invalid/permintaan/PD-2026-000001")


@pytest.mark.parametrize("answer", [(500, 0.0), (200, 2.0), (302, 0.0), (429, 0.0)])
def test_a_gateway_that_lies_is_asked_again_with_the_same_id(
    engine: Engine,
    by_phone: str,
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    tell_them: Callable[..., None],
    answer: tuple[int, float],
) -> None:
    """A yes that comes after the longest wait is none."""
    tell_them(PostRecipient(by_phone))
    receiver.answers = [answer]
    channels = phone_channels(settings_for, receiver)
    assert go(engine, channels, Channel.PHONE) == 1
    assert outgoing(engine)[0].state is OutgoingState.FAILED
    assert go(engine, channels, Channel.PHONE, timedelta(minutes=1)) == 1
    assert outgoing(engine)[0].state is OutgoingState.SENT
    assert len({heard.json["id"] for heard in receiver.heard}) == 1
    assert [heard.path for heard in receiver.heard] == ["/kirim", "/kirim"]


def set_webhook(session: Session, agency: str, url: str) -> None:
    secret = sealing.seal(KEY, seal_name(agency), {SECRET: WHSEC})
    session.add(Webhook(agency=agency, url=url, secret=secret, set_at=real_now()))


def hook_channels(settings_for: Callable[..., Settings], *receivers: Receiver) -> Channels:
    allowed = frozenset(f"127.0.0.1:{receiver.server_port}" for receiver in receivers)
    made = channels_of(settings_for(allowed_sources=allowed))
    webhooks = made.open[Channel.WEBHOOK]
    assert isinstance(webhooks, Webhooks)
    return replace(
        made, open={Channel.WEBHOOK: Webhooks(replace(webhooks.network, read_timeout=1.0))}
    )


def test_an_agency_hears_a_signed_event(
    engine: Engine,
    make_post: Callable[..., str],
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    tell_them: Callable[..., None],
) -> None:
    make_post("bpbj")
    with unit_of_work(engine) as session:
        set_webhook(session, "bpbj", f"{receiver.url}/simpul")
    tell_them(AgencyRecipient("bpbj"))
    channels = hook_channels(settings_for, receiver)
    assert go(engine, channels, Channel.WEBHOOK) == 1
    [heard] = receiver.heard
    said = heard.headers
    signed = f"{said['webhook-id']}.{said['webhook-timestamp']}.".encode() + heard.body
    mac = hmac.new(b"rahasia untuk uji saja, 32 byte.", signed, hashlib.sha256).digest()
    assert said["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert said["content-type"] == "application/cloudevents+json"
    event = heard.json
    assert event["specversion"] == "1.0"
    assert event["id"] == said["webhook-id"] == outgoing(engine)[0].id
    assert event["type"] == "notice.request.due"
    assert event["data"]["url"] == "https://simpul.contoh.invalid/permintaan/PD-2026-000001"


def test_a_webhook_into_a_local_network_is_not_called_unless_it_is_allowed(
    engine: Engine,
    make_post: Callable[..., str],
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    tell_them: Callable[..., None],
) -> None:
    make_post("bpbj")
    with unit_of_work(engine) as session:
        set_webhook(session, "bpbj", receiver.url)
    tell_them(AgencyRecipient("bpbj"))
    assert go(engine, hook_channels(settings_for), Channel.WEBHOOK) == 1
    assert receiver.heard == []
    assert outgoing(engine)[0].last_error == "forbidden"


@pytest.fixture
def second_receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def test_an_agency_that_is_slow_holds_up_only_its_own_notices(
    engine: Engine,
    make_post: Callable[..., str],
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    second_receiver: Receiver,
    tell_them: Callable[..., None],
) -> None:
    for agency, server in (("bpbj", receiver), ("bappeda", second_receiver)):
        make_post(agency)
        with unit_of_work(engine) as session:
            set_webhook(session, agency, server.url)
    receiver.answers = [(200, 2.0)]
    for number in range(5):
        tell_them(AgencyRecipient("bpbj"), AgencyRecipient("bappeda"), once=f"kejadian/{number}")
    channels = hook_channels(settings_for, receiver, second_receiver)
    assert go(engine, channels, Channel.WEBHOOK) == 6
    assert len({heard.json["id"] for heard in second_receiver.heard}) == 5
    assert len(receiver.heard) == 1  # the other four wait a minute
    assert go(engine, channels, Channel.WEBHOOK, timedelta(minutes=2)) == 5
    assert len({heard.json["id"] for heard in receiver.heard}) == 5


def test_a_secret_sealed_under_another_key_is_said_and_stops_nobody(
    engine: Engine,
    make_post: Callable[..., str],
    settings_for: Callable[..., Settings],
    receiver: Receiver,
    tell_them: Callable[..., None],
) -> None:
    for agency in ("bpbj", "bappeda"):
        make_post(agency)
        with unit_of_work(engine) as session:
            set_webhook(session, agency, receiver.url)
    with unit_of_work(engine) as session:
        hook = session.get_one(Webhook, "bpbj")
        hook.secret = session.get_one(Webhook, "bappeda").secret  # a row swap
    tell_them(AgencyRecipient("bpbj"), AgencyRecipient("bappeda"))
    assert go(engine, hook_channels(settings_for, receiver), Channel.WEBHOOK) == 1
    assert [heard.json["data"]["agency"] for heard in receiver.heard] == ["bappeda"]
    assert {row.last_error for row in outgoing(engine)} == {"other-key", ""}


def test_where_a_channel_is_off_nothing_is_written_for_it(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    tell_them: Callable[..., None],
) -> None:
    post = make_post()
    make_holder(post)
    tell_them(PostRecipient(post))
    off = channels_of(settings_for())
    assert go(engine, off, Channel.SMTP) == 0
    assert outgoing(engine) == []


def test_the_demonstration_writes_down_what_it_does_not_send(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    tell_them: Callable[..., None],
) -> None:
    person = make_holder(make_post(), email="tika@contoh.invalid")
    tell_them(PersonRecipient(person))
    channels = channels_of(settings_for(demo=True))
    assert go(engine, channels, Channel.SMTP) == 0
    [row] = outgoing(engine)
    assert (row.state, row.last_error) == (OutgoingState.UNSENT, "demonstration")
    assert row.address == "tika@contoh.invalid"


def test_old_notices_go_with_all_that_went_out_of_them(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    settings_for: Callable[..., Settings],
    tell_them: Callable[..., None],
) -> None:
    person = make_holder(make_post())
    tell_them(PersonRecipient(person))
    go(engine, channels_of(settings_for(demo=True)), Channel.SMTP)
    for days, left in ((364, 1), (366, 0)):
        with unit_of_work(engine) as session:
            inbox.sweep(session, days=365, now=real_now() + timedelta(days=days))
        assert len(outgoing(engine)) == left
