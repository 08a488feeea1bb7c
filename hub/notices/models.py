"""Tables of what is told: notices, what goes out of them, and how people and agencies are reached."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Enum, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime
from hub.identifiers import new_id


class Channel(StrEnum):
    SMTP = "smtp"
    PHONE = "phone"
    WEBHOOK = "webhook"


class OutgoingState(StrEnum):
    """`failed` is tried again, `given_up` is not; `unsent` never left: the channel is off."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    UNSENT = "unsent"


def _word(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, length=32, values_callable=lambda words: list(words))


class Notice(SQLModel, table=True):
    """What was told to one post, one person or one agency, in both languages.

    `once` says what is told, `recipient` to whom: the two together are told once. `at` is the
    sender's time (of the business clock), `written_at` real time. Outgoing rows are made at
    `address_at`, by then as many as there are ways to reach the recipient; None when that is done.
    """

    __tablename__ = "hub_notice"
    __table_args__ = (UniqueConstraint("once", "recipient", name="hub_notice_once"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    once: str
    recipient: str
    post: str | None = Field(default=None, foreign_key="hub_agency_post.id", index=True)
    person: str | None = Field(default=None, foreign_key="hub_auth_person.id", index=True)
    agency: str | None = Field(default=None, foreign_key="hub_agency.code")
    topic: str
    subject_id: str
    subject_en: str
    body_id: str
    body_en: str
    path: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    written_at: datetime = Field(sa_type=UtcDateTime, index=True)
    address_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Outgoing(SQLModel, table=True):
    """One notice on its way to one person (or agency, for a webhook) by one channel.

    `id` is what the receiver knows it by on every attempt. `target` is a person's id or an agency's
    code, `address` where the last attempt went. A row is taken by moving `next_at` past the longest
    attempt, `attempts` tells a sender that came back too late; `next_at` is None at the end.
    """

    __tablename__ = "hub_notice_outgoing"
    __table_args__ = (
        UniqueConstraint("notice", "channel", "target", name="hub_notice_outgoing_once"),
        Index("hub_notice_outgoing_due", "channel", "next_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    notice: str = Field(foreign_key="hub_notice.id", ondelete="CASCADE")
    channel: Channel = Field(sa_column=Column(_word(Channel), nullable=False))
    target: str
    address: str = ""
    state: OutgoingState = Field(
        default=OutgoingState.WAITING, sa_column=Column(_word(OutgoingState), nullable=False)
    )
    attempts: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str = ""


class Ways(SQLModel, table=True):
    """How a person wants to be reached besides the inbox; without a row by mail. `phone` is E.164."""

    __tablename__ = "hub_notice_ways"

    person: str = Field(foreign_key="hub_auth_person.id", primary_key=True)
    phone: str = ""
    by_mail: bool = True
    by_phone: bool = False


class Webhook(SQLModel, table=True):
    """Where an agency's own system hears what is told to the agency; the secret lies sealed."""

    __tablename__ = "hub_notice_webhook"

    agency: str = Field(foreign_key="hub_agency.code", primary_key=True)
    url: str
    secret: bytes
    set_at: datetime = Field(sa_type=UtcDateTime)
