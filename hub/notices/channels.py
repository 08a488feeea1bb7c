"""The channels of this instance as its settings open them, and what each does with one parcel."""

import base64
import contextlib
import hashlib
import hmac
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx2

from connectors.errors import AddressForbidden, ConnectorError, SourceUnavailable, UrlForbidden
from connectors.transport import GuardedTransport, NetworkPolicy
from hub.auth.outside.calling import ShortAnswers, policy_for
from hub.notices import rendering
from hub.notices.models import Channel, Notice
from hub.notices.rendering import House
from hub.settings import Settings

SMTP_SECONDS = 10.0
"""Longest wait for one answer of the mail server."""
HTTP_SECONDS = 5.0
CLOSING = 421
"""What a mail server says that takes nothing more at the moment (RFC 5321 §3.8)."""
GONE, BUSY = 410, 429
"""A receiver that is gone is not called again for this parcel (Standard Webhooks)."""
FORBIDDEN, NO_NAME, NO_TLS = "forbidden", "no-name", "no-tls"
UNREACHABLE, NO_ANSWER, BROKEN = "unreachable", "no-answer", "broken"
"""Why something was not sent when nobody said a number."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks marks a secret, not one


class NotSent(Exception):
    """What the receiver or the way to it said, in a few words without any address.

    `final` when trying again is of no use; `everybody` when the same would become of the next.
    """

    def __init__(self, reason: str, *, final: bool = False, everybody: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final, self.everybody = reason, final, everybody


@dataclass(frozen=True)
class Parcel:
    """One attempt: what, where to, and the name and secret of the receiver. `id` stays the same."""

    id: str
    attempt: int
    channel: Channel
    notice: Notice
    target: str
    address: str
    name: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class MailServer:
    """`sender` is the address in From."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    starttls: bool
    sender: str
    seconds: float = SMTP_SECONDS

    def send(self, house: House, parcel: Parcel, now: datetime) -> None:
        """Hand one mail over; raise NotSent. The server has it when this returns."""
        letter = rendering.mail(
            house,
            parcel.notice,
            id=parcel.id,
            sender=self.sender,
            name=parcel.name,
            address=parcel.address,
            now=now,
        )
        try:
            server = smtplib.SMTP(
                self.host, self.port, local_hostname=house.host, timeout=self.seconds
            )
            try:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(letter, self.sender, [parcel.address])
            finally:
                # It has the mail or not; how it says good-bye changes nothing.
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    server.quit()
                server.close()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotSent(f"smtp {code}", final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            raise NotSent(f"smtp {code}", everybody=code >= 500 or code == CLOSING) from error
        except (OSError, smtplib.SMTPException) as error:  # the socket, TLS, or no word of SMTP
            raise NotSent(_word(error), everybody=True) from error


@dataclass(frozen=True)
class PhoneGateway:
    """A gateway for messages on phones: takes `{"to", "text", "id"}` in JSON under a bearer token."""

    url: str
    token: str = field(repr=False)
    network: NetworkPolicy

    def send(self, house: House, parcel: Parcel, now: datetime) -> None:
        text = rendering.phone_text(house, parcel.notice)
        body = rendering.event_bytes({"to": parcel.address, "text": text, "id": parcel.id})
        headers = {"content-type": "application/json", "idempotency-key": parcel.id}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        _post(self.network, self.url, body, headers)


@dataclass(frozen=True)
class Webhooks:
    """Agencies' own systems; `network` says where the hub may call for them."""

    network: NetworkPolicy

    def send(self, house: House, parcel: Parcel, now: datetime) -> None:
        body = rendering.event_bytes(rendering.event(house, parcel.notice, id=parcel.id))
        signed = signature_headers(parcel.secret, parcel.id, now, body)
        headers = {"content-type": "application/cloudevents+json"} | signed
        _post(self.network, parcel.address, body, headers)


Sender = MailServer | PhoneGateway | Webhooks


@dataclass(frozen=True)
class Channels:
    """What is open here. `showing`: the demonstration writes down what it does not send."""

    house: House
    open: Mapping[Channel, Sender]
    showing: bool

    def considers(self, channel: Channel) -> bool:
        """Whether a row is made for this channel at all."""
        return channel in self.open or self.showing


def channels_of(settings: Settings) -> Channels:
    """Raises OptionsInvalid for an entry of the allow-list that is none."""
    opened: dict[Channel, Sender] = {Channel.WEBHOOK: Webhooks(network_of(settings))}
    if settings.smtp_host and settings.smtp_from:
        opened[Channel.SMTP] = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=_shown(settings.smtp_password),
            starttls=settings.smtp_starttls,
            sender=settings.smtp_from,
        )
    if settings.phone_gateway_url:
        opened[Channel.PHONE] = PhoneGateway(
            settings.phone_gateway_url,
            _shown(settings.phone_gateway_token),
            replace(policy_for(settings.phone_gateway_url), read_timeout=HTTP_SECONDS),
        )
    return Channels(House(settings.public_url, settings.instance_name), opened, settings.demo)


def network_of(settings: Settings) -> NetworkPolicy:
    """Where webhooks may lead: out, and to the few hosts of the local network that are allowed."""
    return NetworkPolicy.allowing(
        *sorted(settings.allowed_sources), connect_timeout=3.0, read_timeout=HTTP_SECONDS
    )


def signature_headers(secret: str, id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Standard Webhooks 1.0: `secret` is `whsec_` and base64; signed are id, seconds and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    moment = str(int(now.timestamp()))
    signed = hmac.new(key, f"{id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _post(policy: NetworkPolicy, url: str, body: bytes, headers: dict[str, str]) -> None:
    timeout = httpx2.Timeout(policy.read_timeout, connect=policy.connect_timeout)
    ways: dict[str, Any] = {
        "transport": ShortAnswers(GuardedTransport(policy)),
        "trust_env": False,
        "follow_redirects": False,
        "timeout": timeout,
    }
    try:
        with httpx2.Client(**ways) as client:
            answer = client.post(url, content=body, headers={"user-agent": "Simpul"} | headers)
    except (ConnectorError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NotSent(_word(error), everybody=True) from error
    if not answer.is_success:
        status = answer.status_code
        overloaded = status >= 500 or status == BUSY
        raise NotSent(f"http {status}", final=status == GONE, everybody=overloaded)


def _word(error: Exception) -> str:
    """Which part of the way failed; the error's own message may carry an address."""
    match error:
        case AddressForbidden() | UrlForbidden():
            return FORBIDDEN
        case SourceUnavailable(layer="dns") | socket.gaierror():
            return NO_NAME
        case SourceUnavailable(layer="tls") | ssl.SSLError() | smtplib.SMTPNotSupportedError():
            return NO_TLS
        case SourceUnavailable(layer="tcp") | ConnectionRefusedError():
            return UNREACHABLE
        case SourceUnavailable() | TimeoutError() | httpx2.HTTPError():
            return NO_ANSWER
        case smtplib.SMTPServerDisconnected(__context__=TimeoutError()):  # as smtplib tells it
            return NO_ANSWER
    return BROKEN


def _shown(secret: Any) -> str:
    return secret.get_secret_value() if secret is not None else ""
