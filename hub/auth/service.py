"""The rules of accounts: clients and their secrets, people and their passwords."""

import secrets
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select, update

from hub.auth import families, registration, scopes
from hub.auth.assertions import checked_jwks
from hub.auth.factors import HalfSignIn
from hub.auth.models import Client, LoginSession, Person, PersonalToken
from hub.auth.secret import digest, new_secret
from hub.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True)
class NewClient:
    """A client as it was just made; `secret` is shown this once, None for one with keys."""

    client_id: str
    secret: str | None
    scope: str


def create_client(
    session: Session,
    *,
    name: str,
    scope: str,
    now: datetime,
    client_id: str | None = None,
    jwks: dict[str, Any] | None = None,
    token_endpoint_auth_method: str | None = None,
    redirect_uris: Sequence[str] = (),
    grant_types: Sequence[str] | None = None,
) -> NewClient:
    """Register a program. With `jwks` (public keys) it signs its own proof and has no secret; with
    the method `none` it is public and has neither. `redirect_uris` let it lead people here.
    """
    client_id = client_id or _new_client_id(name)
    if session.get(Client, client_id) is not None:
        raise _taken("client_id", client_id)
    method = registration.checked_method(token_endpoint_auth_method, jwks=jwks)
    public = method == registration.NONE
    addresses = registration.checked_addresses(redirect_uris, public=public)
    secret = new_secret() if method == registration.SECRET else None
    client = Client(
        client_id=client_id,
        name=name,
        secret_hash=digest(secret) if secret else "",
        jwks=None if jwks is None else checked_jwks(jwks),
        scope=known_scope(scope, scopes.OF_A_CLIENT),
        public=public,
        redirect_uris=addresses,
        grant_types=registration.checked_flows(grant_types, addresses, public=public),
        created_at=now,
    )
    session.add(client)
    _flush_new(session, "client_id", client_id)
    return NewClient(client_id, secret, client.scope)


def change_client(
    session: Session,
    client_id: str,
    *,
    name: str | None = None,
    scope: str | None = None,
    active: bool | None = None,
    jwks: dict[str, Any] | None = None,
    redirect_uris: Sequence[str] | None = None,
    grant_types: Sequence[str] | None = None,
) -> Client:
    """Change what is given; how a client proves itself stays. Switching off ends what people gave it."""
    client = the_client(session, client_id)
    if name is not None:
        client.name = name
    if scope is not None:
        client.scope = known_scope(scope, scopes.OF_A_CLIENT)
    if active is not None:
        client.active = active
    if active is False:
        families.end_all_of_client(session, client_id, "client off")
    if jwks is not None:
        registration.checked_method(client.method, jwks=jwks)
        client.jwks = checked_jwks(jwks)
    if redirect_uris is not None or grant_types is not None:
        _change_flows(client, redirect_uris, grant_types)
    return client


def _change_flows(
    client: Client, redirect_uris: Sequence[str] | None, grant_types: Sequence[str] | None
) -> None:
    """Addresses and flows are judged together, the one that is not given as it is."""
    addresses = client.redirect_uris if redirect_uris is None else redirect_uris
    flows = client.grant_types if grant_types is None else grant_types
    client.redirect_uris = registration.checked_addresses(addresses, public=client.public)
    client.grant_types = registration.checked_flows(flows, addresses, public=client.public)


def rotate_secret(session: Session, client_id: str) -> str:
    """A new secret in place of the old one, which opens nothing from now on."""
    client = the_client(session, client_id)
    if client.method != registration.SECRET:
        raise Conflict(
            f"Program ini membuktikan diri dengan {client.method}, bukan dengan rahasia.",
            f"This client proves itself by {client.method}, not by a secret.",
        )
    secret = new_secret()
    client.secret_hash = digest(secret)
    return secret


def the_client(session: Session, client_id: str) -> Client:
    client = session.get(Client, client_id)
    if client is None:
        raise NotFound(f"Tidak ada program {client_id}.", f"There is no client {client_id}.")
    return client


def list_clients(session: Session, *, after: str | None, limit: int) -> list[Client]:
    """Clients by client_id, from the one after `after`."""
    wanted = select(Client).order_by(col(Client.client_id)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(Client.client_id) > after)
    return list(session.exec(wanted))


def create_person(
    session: Session,
    *,
    username: str,
    name: str,
    now: datetime,
    email: str = "",
    password_hash: str = "",
) -> Person:
    """Register a person; `password_hash` comes from `passwords.hash_password`, made beforehand.

    Hashing takes a tenth of a second, which no open transaction should last.
    """
    username = plain(username)
    if session.exec(select(Person).where(Person.username == username)).first() is not None:
        raise _taken("username", username)
    person = Person(
        username=username, name=name, email=email, password_hash=password_hash, created_at=now
    )
    session.add(person)
    _flush_new(session, "username", username)
    return person


def change_person(
    session: Session,
    person_id: str,
    *,
    name: str | None = None,
    email: str | None = None,
    active: bool | None = None,
) -> Person:
    person = the_person(session, person_id)
    if name is not None:
        person.name = name
    if email is not None:
        person.email = email
    if active is not None:
        person.active = active
    if active is False:
        sign_out_everywhere(session, person_id)
    return person


def set_password(session: Session, person_id: str, password_hash: str) -> None:
    """Replace the password and end every sign-in under the old one."""
    the_person(session, person_id).password_hash = password_hash
    sign_out_everywhere(session, person_id)


def sign_out_everywhere(session: Session, person_id: str) -> None:
    """End every sign-in, and every token that programs hold in her name."""
    session.exec(
        update(LoginSession).where(col(LoginSession.person) == person_id).values(revoked=True)
    )
    session.exec(delete(HalfSignIn).where(col(HalfSignIn.person) == person_id))
    families.end_all_of_person(session, person_id, "signed out")


def person_named(session: Session, username: str) -> Person:
    found = session.exec(select(Person).where(Person.username == plain(username))).first()
    if found is None:
        raise NotFound(f"Tidak ada orang {username}.", f"There is no person {username}.")
    return found


def the_person(session: Session, person_id: str) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"Tidak ada orang {person_id}.", f"There is no person {person_id}.")
    return person


def list_people(session: Session, *, after: str | None, limit: int) -> list[Person]:
    """People by username, from the one after `after`."""
    wanted = select(Person).order_by(col(Person.username)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(Person.username) > after)
    return list(session.exec(wanted))


def count_of(session: Session, table: type[Person] | type[Client] | type[PersonalToken]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def plain(username: str) -> str:
    """A username as it is stored and compared: no spaces around it, small letters."""
    return username.strip().casefold()


def known_scope(scope: str, known: Set[str] = scopes.ALL) -> str:
    """A scope string in its one spelling; InvalidInput for a name that is not in the list."""
    asked = scopes.split(scope)
    unknown = sorted(asked - known)
    if unknown:
        raise InvalidInput(
            f"Cakupan tidak dikenal: {', '.join(unknown)}.",
            f"Unknown scope: {', '.join(unknown)}.",
            unknown=unknown,
        )
    return scopes.join(asked)


def _flush_new(session: Session, field: str, value: str) -> None:
    """Insert now: of two that take one name at the same time the database lets one through."""
    try:
        session.flush()
    except IntegrityError as error:
        raise _taken(field, value) from error


def _taken(field: str, value: str) -> Conflict:
    return Conflict(f"{field} {value} sudah dipakai.", f"{field} {value} is taken.", field=field)


def _new_client_id(name: str) -> str:
    """A readable client id: letters of the name and eight random hex digits."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    stem = "-".join(part for part in letters.split("-") if part)[:40] or "program"
    return f"{stem}-{secrets.token_hex(4)}"
