"""A notice as each channel carries it: the mail, the text on a phone, the event for an agency's system."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from hub.notices.models import Notice
from hub.notices.wording import line

LONGEST_TEXT = 320
"""Characters of a text on a phone, link and all: two parts of a short message in most gateways."""
LONGEST_LINK = 240
"""A longer one gives way to that of the inbox."""
LONGEST_NAME = 80

_MAILBOX = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)


@dataclass(frozen=True)
class House:
    """Who sends: the hub's public URL and the name of the instance."""

    url: str
    name: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    def link(self, path: str | None) -> str:
        return self.url.rstrip("/") + (path or "/pesan")


def is_mailbox(text: str) -> bool:
    """Whether mail can be addressed there: one plain ASCII address, nothing that a header could end in."""
    return len(text) <= 254 and _MAILBOX.fullmatch(text) is not None


def mail_text(house: House, notice: Notice) -> str:
    """The body, Indonesian first: which language a person reads is not known."""
    return "\n".join(
        (
            notice.body_id,
            "",
            house.link(notice.path),
            "",
            "---- English ----",
            notice.subject_en,
            "",
            notice.body_en,
            "",
            "--",
            f"Pesan otomatis Simpul {house.name}; jangan dibalas. Atur cara Anda diberi tahu:",
            f"Automatic message of Simpul {house.name}; do not reply. Choose how you are told:",
            house.link("/pesan/atur"),
            "",
        )
    )


def mail(
    house: House, notice: Notice, *, id: str, sender: str, name: str, address: str, now: datetime
) -> EmailMessage:
    """The mail to one person. `id` makes the Message-ID, equal on every attempt."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(_plain(f"Simpul {house.name}"), addr_spec=sender)
    made["To"] = Address(_plain(name), addr_spec=address)
    made["Subject"] = line(notice.subject_id)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{id}@{house.host}>"
    made["List-Id"] = f"<pemberitahuan.{house.host}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(mail_text(house, notice), cte="quoted-printable")
    return made


def phone_text(house: House, notice: Notice) -> str:
    """At most `LONGEST_TEXT` characters; the link is whole, and what stands before it is cut."""
    link = house.link(notice.path)
    if len(link) > LONGEST_LINK:
        link = house.link(None)
    said = line(f"Simpul: {notice.subject_id}. {notice.body_id}", LONGEST_TEXT - len(link) - 1)
    return f"{said} {link}"


def event(house: House, notice: Notice, *, id: str) -> dict[str, Any]:
    """CloudEvents 1.0; `id` is equal on every attempt."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": house.url,
        "type": f"notice.{notice.topic}",
        "time": notice.at.isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "data": {
            "notice": notice.once,
            "agency": notice.agency,
            "subject_id": notice.subject_id,
            "subject_en": notice.subject_en,
            "body_id": notice.body_id,
            "body_en": notice.body_en,
            "url": house.link(notice.path),
        },
    }


def event_bytes(event: dict[str, Any]) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def event_text(event: dict[str, Any]) -> str:
    """The same for people: one member a line."""
    return json.dumps(event, ensure_ascii=False, indent=2)


def hidden(address: str) -> str:
    """An address for whoever need not know it whole: its first character and its host, of a number
    the country and the last two digits.
    """
    if "@" in address:
        return f"{address[0]}…@{address.partition('@')[2]}"
    if "://" in address:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname}/…"
    return f"{address[:3]}…{address[-2:]}" if address else ""


def _plain(name: str) -> str:
    """A name that may stand before an address: one line, and nothing that would be syntax."""
    return line(name, LONGEST_NAME).replace('"', "'").replace("\\", "/")
