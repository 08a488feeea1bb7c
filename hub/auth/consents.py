"""What people have allowed programs, remembered until they take it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from hub.auth import families, scopes
from hub.auth.models import Client, Consent
from hub.errors import NotFound


@dataclass(frozen=True)
class Allowed:
    """A program that a person allowed something, as she is shown it."""

    client: str
    name: str
    scopes: frozenset[str]
    at: datetime


def is_allowed(session: Session, person: str, client: str, asked: frozenset[str]) -> bool:
    """Whether all of this was allowed before."""
    consent = session.get(Consent, (person, client))
    return consent is not None and asked <= scopes.split(consent.scope)


def allow(
    session: Session, person: str, client: str, asked: frozenset[str], *, now: datetime
) -> bool:
    """Remember it, with what was allowed before; False when there is nothing new in it."""
    consent = session.get(Consent, (person, client), with_for_update=True)
    if consent is None:
        scope = scopes.join(asked)
        session.add(Consent(person=person, client=client, scope=scope, at=now))
        return True
    before = scopes.split(consent.scope)
    if asked <= before:
        return False
    consent.scope, consent.at = scopes.join(before | asked), now
    return True


def listed(
    session: Session, person: str, *, after: str | None = None, limit: int = 100
) -> list[Allowed]:
    """The programs that a person allowed something, by client_id."""
    wanted = (
        select(Client.client_id, Client.name, Consent.scope, Consent.at)
        .join(Client, col(Client.client_id) == col(Consent.client))
        .where(Consent.person == person)
        .order_by(col(Client.client_id))
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(col(Client.client_id) > after)
    rows = session.exec(wanted)
    return [Allowed(client, name, scopes.split(scope), at) for client, name, scope, at in rows]


def take_back(session: Session, person: str, client: str) -> None:
    """Forget it and end all that the program holds of this person; raise NotFound for nothing."""
    consent = session.get(Consent, (person, client))
    if consent is None:
        raise NotFound(
            "Anda tidak memberi izin kepada aplikasi itu.", "You allowed that application nothing."
        )
    session.delete(consent)
    families.end_between(session, person, client, "taken back")
