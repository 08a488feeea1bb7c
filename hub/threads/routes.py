"""HTTP of the threads."""

from typing import Annotated

from fastapi import APIRouter, Query

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep
from hub.threads import listing
from hub.threads.models import EdgeList

router = APIRouter(prefix="/api/v1/threads", tags=["threads"])


@router.get("/edges", operation_id="list_edges")
def list_edges(
    actor: ActorDep,
    session: ReadingDep,
    dataset: Annotated[str, Query(description="agency/slug", max_length=200)],
) -> EdgeList:
    """How the records of a dataset join those of others, and others' records join them: counts."""
    return EdgeList(items=listing.edges_of(session, actor, dataset, now=real_now()), next=None)
