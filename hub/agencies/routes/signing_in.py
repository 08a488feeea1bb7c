"""HTTP of how people sign in: their sessions, their second factor, their outside identities."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, StringConstraints

from hub.agencies import outside, own_sessions, second_proof
from hub.agencies.actor import ActorDep, WalidataDep
from hub.agencies.outside_models import OutsideRole
from hub.agencies.principal import Principal, actor_of
from hub.agencies.shapes import Name, Strict
from hub.auth import sessions
from hub.auth.authenticate import limits_of
from hub.auth.factors import OutsideIdentity
from hub.auth.models import LoginSession
from hub.auth.outside import identities
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["accounts"])

Provider = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Issuer = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class SessionOut(BaseModel):
    """`network` is the beginning of an address; `current` marks the one that asks."""

    id: str
    created_at: datetime
    seen_at: datetime
    browser: str
    network: str
    provider: str | None
    second_factor: bool
    current: bool


class OutsideRoleIn(Strict):
    provider: Provider
    value: Word
    post: Name


class OutsideRoleOut(BaseModel):
    id: str
    provider: str
    value: str
    post: str


class IdentityIn(Strict):
    issuer: Issuer
    subject: Subject


class IdentityOut(BaseModel):
    issuer: str
    subject: str
    created_at: datetime
    seen_at: datetime | None


@router.get("/sessions")
def own(
    session: ReadingDep, settings: SettingsDep, actor: ActorDep, page: PageDep
) -> Page[SessionOut]:
    """Where one is signed in, the newest first (from a sign-in only, not from a token)."""
    own_sessions.must_sit_there(actor)
    rows = sessions.list_sessions(
        session,
        actor.id,
        limits_of(settings),
        now=real_now(),
        after=page.word,
        limit=page.fetch,
    )
    return page.of(rows, lambda row: (row.id,), lambda row: _session_out(row, actor))


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
def end(session: SessionDep, actor: ActorDep, ledger: LedgerDep, session_id: str) -> None:
    """End one of one's own sign-ins."""
    own_sessions.end(session, ledger, actor, session_id)


@router.delete("/sessions", status_code=status.HTTP_204_NO_CONTENT)
def end_others(session: SessionDep, actor: ActorDep, ledger: LedgerDep) -> None:
    """End every sign-in but this one, and all that programs hold in one's name."""
    own_sessions.end_others(session, ledger, actor)


@router.delete("/people/{person}/second-factor", status_code=status.HTTP_204_NO_CONTENT)
def reset_second_factor(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, person: str
) -> None:
    """Take away the app of somebody who lost it, and her recovery codes (walidata)."""
    second_proof.reset(session, ledger, actor_of(actor), person)


@router.get("/outside-roles")
def roles(session: ReadingDep, actor: WalidataDep, page: PageDep) -> Page[OutsideRoleOut]:
    """Which post each role of the outside provider stands for (walidata)."""
    rows = outside.list_roles(session, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.id,), _role_out)


@router.post("/outside-roles", status_code=status.HTTP_201_CREATED)
def add_role(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, body: OutsideRoleIn
) -> OutsideRoleOut:
    """Whoever brings this role sits on this post from the next sign-in on (walidata)."""
    return _role_out(outside.add_role(session, ledger, actor_of(actor), **body.model_dump()))


@router.delete("/outside-roles/{role}", status_code=status.HTTP_204_NO_CONTENT)
def remove_role(session: SessionDep, actor: WalidataDep, ledger: LedgerDep, role: str) -> None:
    """Take a mapping away, and at once the seats that it alone gave (walidata)."""
    outside.remove_role(session, ledger, actor_of(actor), role, now=real_now())


@router.get("/people/{person}/identities")
def of_person(session: ReadingDep, actor: WalidataDep, person: str) -> list[IdentityOut]:
    """The outside identities that open a person's account (walidata)."""
    return [_identity_out(row) for row in identities.of_person(session, person)]


@router.post("/people/{person}/identities", status_code=status.HTTP_201_CREATED)
def join(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, person: str, body: IdentityIn
) -> IdentityOut:
    """Let an outside identity open a person's account (walidata)."""
    by, now = actor_of(actor), real_now()
    return _identity_out(outside.join(session, ledger, by, person, now=now, **body.model_dump()))


@router.delete("/people/{person}/identities", status_code=status.HTTP_204_NO_CONTENT)
def part(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    person: str,
    issuer: Annotated[str, Query(max_length=500)],
    subject: Annotated[str, Query(max_length=255)],
) -> None:
    """An outside identity opens a person's account no more (walidata)."""
    outside.part(session, ledger, actor_of(actor), person, issuer, subject)


def _session_out(row: LoginSession, actor: Principal) -> SessionOut:
    return SessionOut(
        id=row.id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        browser=row.browser,
        network=row.network,
        provider=row.provider or None,
        second_factor=row.second_factor,
        current=row.id == actor.identity.session_id,
    )


def _role_out(row: OutsideRole) -> OutsideRoleOut:
    return OutsideRoleOut.model_validate(row, from_attributes=True)


def _identity_out(row: OutsideIdentity) -> IdentityOut:
    return IdentityOut.model_validate(row, from_attributes=True)
