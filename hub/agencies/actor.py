"""FastAPI dependencies that say who acts, with posts: what most routes ask for."""

from typing import Annotated

from fastapi import Depends

from hub.agencies.principal import Principal, principal_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.authenticate import IdentityDep, MaybeIdentity
from hub.calendar import real_now
from hub.db import reading
from hub.deps import EngineDep


def get_actor(identity: IdentityDep, engine: EngineDep) -> Principal:
    with reading(engine) as session:
        return principal_of(session, identity, now=real_now())


def get_maybe_actor(identity: MaybeIdentity, engine: EngineDep) -> Principal | None:
    if identity is None:
        return None
    with reading(engine) as session:
        return principal_of(session, identity, now=real_now())


ActorDep = Annotated[Principal, Depends(get_actor)]
"""Somebody we know; 401 for anybody else."""
MaybeActorDep = Annotated[Principal | None, Depends(get_maybe_actor)]
"""Somebody we know, or None for a visitor; a bad token is still a 401."""


def get_walidata(actor: ActorDep) -> Principal:
    actor.must(scopes.AGENCY_ADMIN)
    actor.must_have(Role.WALIDATA)
    return actor


WalidataDep = Annotated[Principal, Depends(get_walidata)]
"""The walidata, through a proof that allows administration; 403 for anybody else."""
