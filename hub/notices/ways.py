"""How a person wants to be told, besides the inbox, which she always has."""

import re
from dataclasses import dataclass

from sqlmodel import Session

from hub.auth.service import the_person
from hub.errors import InvalidInput
from hub.notices.models import Ways
from hub.notices.rendering import is_mailbox

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_SPACES = re.compile(r"[\s().-]")


@dataclass(frozen=True)
class Reach:
    """`mailbox` is her address when mail can be sent to it, else empty."""

    mailbox: str
    phone: str
    by_mail: bool
    by_phone: bool


def reach_of(session: Session, person: str) -> Reach:
    """Raise NotFound."""
    email = the_person(session, person).email
    ways = session.get(Ways, person) or Ways(person=person)
    return Reach(email if is_mailbox(email) else "", ways.phone, ways.by_mail, ways.by_phone)


def choose(session: Session, person: str, *, phone: str, by_mail: bool, by_phone: bool) -> Ways:
    """Keep her choice; a number may be written as people do (0812-…). Raise InvalidInput."""
    number = e164(phone) if phone.strip() else ""
    if by_phone and not number:
        raise InvalidInput(
            "Isi nomor ponsel, atau matikan pesan ponsel.",
            "Give the number of your phone, or switch messages to it off.",
            field="phone",
        )
    the_person(session, person)
    ways = session.get(Ways, person) or Ways(person=person)
    ways.phone, ways.by_mail, ways.by_phone = number, by_mail, by_phone
    session.add(ways)
    return ways


def e164(text: str) -> str:
    """The number in international form; one that begins with 0 is Indonesian. Raise InvalidInput."""
    number = _SPACES.sub("", text)
    if number.startswith("0"):
        number = f"+62{number[1:]}"
    if not E164.fullmatch(number):
        raise InvalidInput(
            "Nomor ponsel belum benar. Tulis dengan kode negara, misalnya +62812…, atau mulai dengan 0.",
            "This is no phone number. Write it with its country, such as +62812…, or from 0 on.",
            field="phone",
        )
    return number
