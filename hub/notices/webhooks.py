"""The webhook of an agency: its steward or the walidata sets it; the secret is shown once."""

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import httpx2
from sqlmodel import Session

from connectors.addresses import is_public, parse
from connectors.errors import AddressForbidden
from connectors.transport import NetworkPolicy
from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.agencies.service import the_agency
from hub.auth import scopes, sealing
from hub.errors import InvalidInput, NotFound
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.notices.channels import SECRET_PREFIX
from hub.notices.models import Webhook

SECRET = "secret"  # noqa: S105 - the name under which it is sealed
SECRET_BYTES = 32
PORTS = 65536
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True)
class NewWebhook:
    """`secret` is shown this once."""

    row: Webhook
    secret: str = field(repr=False)


def seal_name(agency: str) -> str:
    """What the secret is bound to, so that it opens in no other row."""
    return f"notice-webhook:{agency}"


def of_agency(session: Session, actor: Principal, agency: str) -> Webhook:
    """Raise NotFound when there is none, NotPermitted for whoever may not set it."""
    _must_keep(session, actor, agency)
    found = session.get(Webhook, agency)
    if found is None:
        raise NotFound(
            f"Instansi {agency} belum punya webhook pemberitahuan.",
            f"The agency {agency} has no webhook for notices.",
        )
    return found


def find(session: Session, agency: str) -> Webhook | None:
    """For a page of somebody who may set it."""
    return session.get(Webhook, agency)


def put(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    agency: str,
    url: str,
    *,
    network: NetworkPolicy,
    key: bytes,
    now: datetime,
) -> NewWebhook:
    """Set or replace it, with a new secret; the old one signs nothing any more.

    Raise NotPermitted, NotFound, InvalidInput, or ConnectorError for an address that is never called.
    """
    _must_keep(session, actor, agency)
    _judge(url, network)
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    sealed = sealing.seal(key, seal_name(agency), {SECRET: secret})
    row = session.get(Webhook, agency, with_for_update=True)
    if row is None:
        row = Webhook(agency=agency, url=url, secret=sealed, set_at=now)
        session.add(row)
    row.url, row.secret, row.set_at = url, sealed, now
    _record(session, ledger, actor, agency, "notice_webhook.set")
    return NewWebhook(row, secret)


def remove(session: Session, ledger: Ledger, actor: Principal, agency: str) -> None:
    """What still waits for it is not sent. Raise NotFound, NotPermitted."""
    session.delete(of_agency(session, actor, agency))
    _record(session, ledger, actor, agency, "notice_webhook.removed")


def _must_keep(session: Session, actor: Principal, agency: str) -> None:
    actor.must(scopes.SOURCE_WRITE)
    if not actor.has(Role.WALIDATA):
        actor.must_hold(Role.STEWARD, agency)
    the_agency(session, agency)


def _judge(url: str, network: NetworkPolicy) -> None:
    """By its form alone: names are resolved, and vetted, with every call."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise _no_url() from error
    host, port = network.check_url(parsed)
    opened = any(entry.host == host and entry.port in (None, port) for entry in network.allow)
    literal = parse(host)
    if (literal is None and not _NAME.fullmatch(host)) or port >= PORTS:
        raise _no_url()
    if literal is not None and not (opened or is_public(literal)):
        raise AddressForbidden(host, port, host)
    if parsed.scheme != "https" and not opened:
        raise _no_url()


def _no_url() -> InvalidInput:
    return InvalidInput(
        "Tulis alamat https lengkap, misalnya https://aplikasi.contoh.go.id/simpul.",
        "Write a whole https address, such as https://app.example.com/simpul.",
        field="url",
    )


def _record(session: Session, ledger: Ledger, actor: Principal, agency: str, kind: str) -> None:
    by = actor_of(actor, agency)
    ledger.record(session, kind=kind, actor=by, target=Target("agency", agency, owner=agency))
