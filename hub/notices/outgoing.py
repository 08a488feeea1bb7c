"""What went out, and what will: for the walidata, and in a demonstration for everybody in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select, tuple_

from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.auth.models import Person
from hub.errors import NotPermitted
from hub.identifiers import new_id
from hub.notices import rendering
from hub.notices.models import Channel, Notice, Outgoing
from hub.notices.rendering import House
from hub.notices.telling import Message, PersonRecipient, tell


@dataclass(frozen=True)
class Dispatch:
    """One outgoing row as its receiver sees it; `to` is a name, `address` whole for the walidata alone."""

    row: Outgoing
    notice: Notice
    to: str
    address: str
    text: str


def listed(
    session: Session,
    reader: Principal,
    house: House,
    *,
    demo: bool,
    channel: Channel | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Dispatch]:
    """Newest first, from the one after `after` (created_at, id). Raise NotPermitted."""
    if not (demo or reader.has(Role.WALIDATA)):
        raise NotPermitted(
            "Pesan keluar hanya untuk walidata.", "Only the walidata sees what goes out."
        )
    wanted = (
        select(Outgoing, Notice, Person, Agency)
        .join(Notice, col(Notice.id) == col(Outgoing.notice))
        .outerjoin(Person, col(Person.id) == col(Outgoing.target))
        .outerjoin(Agency, col(Agency.code) == col(Outgoing.target))
        .order_by(col(Outgoing.created_at).desc(), col(Outgoing.id).desc())
        .limit(limit)
    )
    if channel is not None:
        wanted = wanted.where(Outgoing.channel == channel)
    if after is not None:
        wanted = wanted.where(tuple_(col(Outgoing.created_at), col(Outgoing.id)) < after)
    whole = reader.has(Role.WALIDATA)
    return [
        Dispatch(
            row,
            notice,
            to=_name(person, agency),
            address=row.address if whole else rendering.hidden(row.address),
            text=_text(house, row, notice),
        )
        for row, notice, person, agency in session.exec(wanted)
    ]


def try_out(session: Session, reader: Principal, *, at: datetime) -> None:
    """Tell the walidata something on every channel that reaches her. Raise NotPermitted."""
    reader.must_have(Role.WALIDATA)
    message = Message(
        once=f"uji/{new_id()}",
        topic="notice.test",
        subject_id="Pesan uji Simpul",
        subject_en="Test message of Simpul",
        body_id="Bila Anda membaca ini, kanalnya bekerja. Tidak ada yang perlu Anda lakukan.",
        body_en="If you read this, the channel works. There is nothing for you to do.",
        path="/pesan",
        at=at,
    )
    tell(session, [PersonRecipient(reader.id)], message)


def _name(person: Person | None, agency: Agency | None) -> str:
    if person is not None:
        return person.name
    return agency.name if agency is not None else ""


def _text(house: House, row: Outgoing, notice: Notice) -> str:
    match row.channel:
        case Channel.SMTP:
            return rendering.mail_text(house, notice)
        case Channel.PHONE:
            return rendering.phone_text(house, notice)
        case Channel.WEBHOOK:
            return rendering.event_text(rendering.event(house, notice, id=row.id))
