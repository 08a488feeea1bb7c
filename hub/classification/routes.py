"""HTTP of raised classes."""

from typing import Any

from fastapi import APIRouter

from hub.agencies.actor import ActorDep
from hub.classification import service
from hub.classification.shapes import RaiseMoveIn, RaiseOut, RaisesOut, raise_out
from hub.deps import ClockDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office

router = APIRouter(prefix="/api/v1", tags=["classification"])


@router.get("/classifications")
def raises(session: ReadingDep, actor: ActorDep) -> RaisesOut:
    """Of my agency; all of them for the walidata and the forum."""
    found = service.listed(session, actor)
    older = service.before_the_rule(session, actor)
    return RaisesOut(
        items=[raise_out(raised, stands) for raised, stands in found],
        before_the_rule=[dataset.id for dataset in older],
    )


@router.get("/classifications/{raise_id}")
def one(session: ReadingDep, actor: ActorDep, raise_id: str) -> RaiseOut:
    raised = service.the_raise(session, actor, raise_id)
    return raise_out(raised, session.get_one(Proceeding, raised.id))


@router.post("/classifications/{raise_id}/moves", response_model=RaiseOut)
def move(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    raise_id: str,
    body: RaiseMoveIn,
) -> dict[str, Any]:
    """Name the ground (beri_dasar), confirm (sahkan), refuse (tolak) or lower (turunkan)."""

    def carry_out() -> dict[str, Any]:
        office = Office(ledger, clock)
        service.move(
            session, office, actor, raise_id, body.event, reason=body.reason, said=body.said
        )
        raised = service.the_raise(session, actor, raise_id)
        return raise_out(raised, session.get_one(Proceeding, raised.id)).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]
