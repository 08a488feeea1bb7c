"""HTTP of data debts."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, status

from hub.agencies.actor import ActorDep
from hub.debts import service
from hub.debts.service import Wish
from hub.debts.shapes import DebtIn, DebtMoveIn, DebtOut, debt_out
from hub.deps import ClockDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office

router = APIRouter(prefix="/api/v1", tags=["data-debts"])


@router.post("/data-debts", status_code=status.HTTP_201_CREATED, response_model=DebtOut)
def ask(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    body: DebtIn,
) -> dict[str, Any]:
    """Ask an agency for data that nobody publishes yet; it answers by its clock."""

    def carry_out() -> dict[str, Any]:
        wish = Wish(
            body.agency,
            body.title,
            body.purpose,
            body.basis,
            body.fields,
            body.frequency,
            body.needed_by,
        )
        debt = service.ask(session, Office(ledger, clock), actor, wish)
        return debt_out(debt, session.get_one(Proceeding, debt.id)).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]


@router.get("/data-debts")
def debts(
    session: ReadingDep,
    actor: ActorDep,
    agency: Annotated[str | None, Query(max_length=64)] = None,
    open_only: bool = False,
) -> list[DebtOut]:
    """Who owes which data; members of agencies see all of them."""
    if not actor.posts:
        return []
    found = service.listed(session, owner=agency, open_only=open_only)
    return [debt_out(debt, stands) for debt, stands in found]


@router.get("/data-debts/{debt_id}")
def one(session: ReadingDep, actor: ActorDep, debt_id: str) -> DebtOut:
    debt = service.the_debt(session, actor, debt_id)
    return debt_out(debt, session.get_one(Proceeding, debt.id))


@router.post("/data-debts/{debt_id}/moves", response_model=DebtOut)
def move(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    debt_id: str,
    body: DebtMoveIn,
) -> dict[str, Any]:
    """Promise it with a day, say that it is not ours, name an owner, settle it, or withdraw it."""

    def carry_out() -> dict[str, Any]:
        office = Office(ledger, clock)
        service.move(
            session, office, actor, debt_id, body.event, reason=body.reason, said=body.said
        )
        debt = service.the_debt(session, actor, debt_id)
        return debt_out(debt, session.get_one(Proceeding, debt.id)).model_dump(mode="json")

    return once.run(session, actor.id, digest, carry_out)[0]
