"""Accounts as the walidata and their owners manage them: `hub.auth` plus one ledger entry each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from hub.agencies.principal import Principal, actor_of
from hub.auth import consents, personal, scopes, signing_in
from hub.auth import service as auth
from hub.auth.caller import Caller
from hub.auth.entering import SignedIn
from hub.auth.models import Client, Person
from hub.auth.personal import NewPersonalToken
from hub.auth.service import NewClient
from hub.db import unit_of_work
from hub.errors import Conflict, NotPermitted
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


def create_client(
    session: Session,
    ledger: Ledger,
    by: Actor,
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
    made = auth.create_client(
        session,
        name=name,
        scope=scope,
        now=now,
        client_id=client_id,
        jwks=jwks,
        token_endpoint_auth_method=token_endpoint_auth_method,
        redirect_uris=redirect_uris,
        grant_types=grant_types,
    )
    ledger.record(session, kind="client.created", actor=by, target=Target("client", made.client_id))
    return made


def change_client(
    session: Session,
    ledger: Ledger,
    by: Actor,
    client_id: str,
    *,
    name: str | None = None,
    scope: str | None = None,
    active: bool | None = None,
    jwks: dict[str, Any] | None = None,
    redirect_uris: Sequence[str] | None = None,
    grant_types: Sequence[str] | None = None,
) -> Client:
    client = auth.change_client(
        session,
        client_id,
        name=name,
        scope=scope,
        active=active,
        jwks=jwks,
        redirect_uris=redirect_uris,
        grant_types=grant_types,
    )
    kind = "client.revoked" if active is False else "client.changed"
    ledger.record(session, kind=kind, actor=by, target=Target("client", client_id))
    return client


def rotate_secret(session: Session, ledger: Ledger, by: Actor, client_id: str) -> str:
    """The new secret, shown this once."""
    secret = auth.rotate_secret(session, client_id)
    ledger.record(session, kind="client.rotated", actor=by, target=Target("client", client_id))
    return secret


def create_person(
    session: Session,
    ledger: Ledger,
    by: Actor,
    *,
    username: str,
    name: str,
    now: datetime,
    email: str = "",
    password_hash: str = "",
) -> Person:
    person = auth.create_person(
        session, username=username, name=name, email=email, password_hash=password_hash, now=now
    )
    ledger.record(session, kind="person.created", actor=by, target=Target("person", person.id))
    return person


def change_person(
    session: Session,
    ledger: Ledger,
    by: Actor,
    person_id: str,
    *,
    name: str | None = None,
    email: str | None = None,
    active: bool | None = None,
) -> Person:
    """Raise Conflict for somebody who switches herself off: she could not switch herself on again."""
    if active is False and by.person == person_id:
        raise Conflict(
            "Anda tidak dapat menonaktifkan akun Anda sendiri; minta walidata lain.",
            "You cannot switch off your own account; ask another walidata.",
        )
    person = auth.change_person(session, person_id, name=name, email=email, active=active)
    ledger.record(session, kind="person.changed", actor=by, target=Target("person", person_id))
    return person


def set_password(
    session: Session, ledger: Ledger, by: Actor, person_id: str, password_hash: str
) -> None:
    auth.set_password(session, person_id, password_hash)
    ledger.record(session, kind="person.password", actor=by, target=Target("person", person_id))


def change_own_password(
    engine: Engine,
    ledger: Ledger,
    actor: Principal,
    current: str,
    new: str,
    *,
    caller: Caller,
    now: datetime,
) -> SignedIn:
    """A person's own change; every other sign-in of hers ends, and she goes on in a new one."""
    hashed = signing_in.new_hash(engine, actor.id, current, new, now=now)
    with unit_of_work(engine) as session:
        target = Target("person", actor.id)
        ledger.record(session, kind="person.password", actor=actor_of(actor), target=target)
        return signing_in.replace_password(
            session, actor.id, hashed, caller=caller, now=now, session_id=actor.identity.session_id
        )


def allow_client(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    client_id: str,
    asked: frozenset[str],
    *,
    now: datetime,
) -> None:
    """A person puts her authority, as far as `asked`, into a program's hands."""
    if consents.allow(session, actor.id, client_id, asked, now=now):
        target = Target("client", client_id)
        ledger.record(session, kind="client.allowed", actor=actor_of(actor), target=target)


def take_back(session: Session, ledger: Ledger, actor: Principal, client_id: str) -> None:
    """A person takes back what she allowed a program; its tokens of hers stop at once."""
    consents.take_back(session, actor.id, client_id)
    target = Target("client", client_id)
    ledger.record(session, kind="client.disallowed", actor=actor_of(actor), target=target)


def create_token(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    *,
    name: str,
    scope: str,
    days: int,
    now: datetime,
    dataset: str | None = None,
    actions: Sequence[str] | None = None,
) -> NewPersonalToken:
    """A token for oneself, never wider than oneself, and never made by a token."""
    if actor.identity.via != "session":
        raise NotPermitted(
            "Token pribadi dibuat oleh orang yang masuk dengan kata sandi.",
            "Personal tokens are made by a person who signed in with a password.",
        )
    beyond = sorted(scopes.split(auth.known_scope(scope)) - actor.scopes)
    if beyond:
        raise NotPermitted(
            f"Peran Anda tidak mencakup {', '.join(beyond)}.",
            f"Your roles do not include {', '.join(beyond)}.",
            beyond=beyond,
        )
    made = personal.create_personal_token(
        session,
        actor.id,
        name=name,
        scope=scope,
        days=days,
        dataset=dataset,
        actions=actions,
        now=now,
    )
    ledger.record(
        session, kind="token.created", actor=actor_of(actor), target=Target("token", made.id)
    )
    return made


def revoke_token(
    session: Session, ledger: Ledger, actor: Principal, token_id: str, *, now: datetime
) -> None:
    personal.revoke_personal_token(session, actor.id, token_id, now=now)
    ledger.record(
        session, kind="token.revoked", actor=actor_of(actor), target=Target("token", token_id)
    )
