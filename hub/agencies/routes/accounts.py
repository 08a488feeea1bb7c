"""HTTP of people, programs and personal tokens."""

from typing import Any

from fastapi import APIRouter, status

from hub.agencies import accounts
from hub.agencies.actor import ActorDep, WalidataDep
from hub.agencies.principal import actor_of
from hub.agencies.shapes import (
    ClientChange,
    ClientIn,
    ClientOut,
    ConsentOut,
    NewClientOut,
    NewTokenOut,
    PasswordIn,
    PersonChange,
    PersonIn,
    PersonOut,
    SecretOut,
    TokenIn,
    TokenOut,
    client_out,
    consent_out,
    person_out,
    token_out,
)
from hub.auth import consents, personal
from hub.auth import service as auth
from hub.auth.models import Client, Person
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["accounts"])


@router.get("/people")
def people(session: ReadingDep, actor: WalidataDep, page: PageDep) -> Page[PersonOut]:
    """People by username (walidata)."""
    rows = auth.list_people(session, after=page.word, limit=page.fetch)
    count = auth.count_of(session, Person) if page.count else None
    return page.of(rows, lambda row: (row.username,), person_out, count)


@router.post("/people", status_code=status.HTTP_201_CREATED, response_model=PersonOut)
def create_person(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: PersonIn,
) -> dict[str, Any]:
    """Register a person, who can sign in once a password is set (walidata).

    The password has a request of its own: the digest that an Idempotency-Key leaves behind would
    otherwise be a quick hash of it.
    """

    def create() -> dict[str, Any]:
        made = accounts.create_person(
            session, ledger, actor_of(actor), now=real_now(), **body.model_dump()
        )
        return person_out(made).model_dump(mode="json")

    return once.run(session, actor.id, digest, create)[0]


@router.patch("/people/{person}")
def change_person(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, person: str, body: PersonChange
) -> PersonOut:
    """Change or switch off a person; switching off ends every sign-in (walidata)."""
    changed = accounts.change_person(session, ledger, actor_of(actor), person, **body.model_dump())
    return person_out(changed)


@router.put("/people/{person}/password", status_code=status.HTTP_204_NO_CONTENT)
def set_password(
    look: ReadingDep,
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    person: str,
    body: PasswordIn,
) -> None:
    """Set a person's password and end every sign-in under the old one (walidata)."""
    # Looked up without the write lock, which hashing would hold for a tenth of a second.
    username = auth.the_person(look, person).username
    hashed = hash_password(body.password, username=username)
    accounts.set_password(session, ledger, actor_of(actor), person, hashed)


@router.get("/clients")
def clients(session: ReadingDep, actor: WalidataDep, page: PageDep) -> Page[ClientOut]:
    """Programs by client_id (walidata)."""
    rows = auth.list_clients(session, after=page.word, limit=page.fetch)
    count = auth.count_of(session, Client) if page.count else None
    return page.of(rows, lambda row: (row.client_id,), client_out, count)


@router.post("/clients", status_code=status.HTTP_201_CREATED, response_model=NewClientOut)
def create_client(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: ClientIn,
) -> dict[str, Any]:
    """Register a program; its secret is in this answer and nowhere else (walidata)."""
    shown: dict[str, Any] = {"client_secret": None}

    def create() -> dict[str, Any]:
        made = accounts.create_client(
            session, ledger, actor_of(actor), now=real_now(), **body.model_dump()
        )
        shown["client_secret"] = made.secret
        # What is returned here is kept for repeated requests, so the secret is not in it.
        return {"client_id": made.client_id, "scope": made.scope}

    return once.run(session, actor.id, digest, create)[0] | shown


@router.patch("/clients/{client}")
def change_client(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, client: str, body: ClientChange
) -> ClientOut:
    """Change a program; a scope taken away is gone from tokens already issued (walidata)."""
    changed = accounts.change_client(session, ledger, actor_of(actor), client, **body.model_dump())
    return client_out(changed)


@router.post("/clients/{client}/rotate")
def rotate_secret(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, client: str
) -> SecretOut:
    """A new secret; the old one opens nothing from now on (walidata)."""
    secret = accounts.rotate_secret(session, ledger, actor_of(actor), client)
    return SecretOut(client_id=client, client_secret=secret)


@router.delete("/clients/{client}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_client(session: SessionDep, actor: WalidataDep, ledger: LedgerDep, client: str) -> None:
    """Switch a program off; its tokens stop at once (walidata)."""
    accounts.change_client(session, ledger, actor_of(actor), client, active=False)


@router.get("/tokens")
def tokens(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[TokenOut]:
    """One's own personal tokens, without their secrets."""
    rows = personal.list_personal_tokens(session, actor.id, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.id,), token_out)


@router.post("/tokens", status_code=status.HTTP_201_CREATED, response_model=NewTokenOut)
def create_token(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: TokenIn,
) -> dict[str, Any]:
    """Make a personal token; it is in this answer and nowhere else."""
    shown: dict[str, Any] = {"token": None}

    def create() -> dict[str, Any]:
        made = accounts.create_token(session, ledger, actor, now=real_now(), **body.model_dump())
        shown["token"] = made.secret
        # What is returned here is kept for repeated requests, so the secret is not in it.
        return {"id": made.id}

    return once.run(session, actor.id, digest, create)[0] | shown


@router.delete("/tokens/{token}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(session: SessionDep, actor: ActorDep, ledger: LedgerDep, token: str) -> None:
    """End one of one's own personal tokens."""
    accounts.revoke_token(session, ledger, actor, token, now=real_now())


@router.get("/consents")
def allowed(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[ConsentOut]:
    """Programs that one let act for oneself, by client_id."""
    rows = consents.listed(session, actor.id, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.client,), consent_out)


@router.delete("/consents/{client}", status_code=status.HTTP_204_NO_CONTENT)
def take_back(session: SessionDep, actor: ActorDep, ledger: LedgerDep, client: str) -> None:
    """Take back what one allowed a program; its tokens in one's name stop at once."""
    accounts.take_back(session, ledger, actor, client)
