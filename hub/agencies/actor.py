"""FastAPI dependencies that say who acts, with posts: what most routes ask for."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request

from hub.agencies.principal import Principal, principal_of
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.authenticate import ProofDep, nobody, proof_of
from hub.calendar import real_now
from hub.db import reading


def get_maybe_actor(proof: ProofDep) -> Principal | None:
    if proof is None:
        return None
    # A short session of its own: no transaction stays open while the request does slow work.
    with reading(proof.engine) as session:
        identity = proof.identify(session)
        return None if identity is None else principal_of(session, identity, now=real_now())


MaybeActorDep = Annotated[Principal | None, Depends(get_maybe_actor)]
"""Somebody we know, or None for a visitor; a bad token is still a 401."""


def actor_of_request(request: Request) -> Principal | None:
    """The same outside a route, for a page that tells an error; the use is not noted."""
    return get_maybe_actor(proof_of(request, BackgroundTasks()))


async def get_actor(actor: MaybeActorDep) -> Principal:
    if actor is None:
        raise nobody()
    return actor


ActorDep = Annotated[Principal, Depends(get_actor)]
"""Somebody we know; 401 for anybody else."""


async def get_walidata(actor: ActorDep) -> Principal:
    actor.must(scopes.AGENCY_ADMIN)
    actor.must_have(Role.WALIDATA)
    return actor


WalidataDep = Annotated[Principal, Depends(get_walidata)]
"""The walidata, through a proof that allows administration; 403 for anybody else."""
