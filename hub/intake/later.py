"""A batch that is acknowledged before it is judged: what the 202 promises is written down first.

The body is durable in the inbox; then the batch's row, its ledger entry and the idempotency record
are committed together. From then on the batch comes to its end whatever is killed (`waiting`).
"""

from typing import Any

from sqlmodel import Session
from structlog.contextvars import get_contextvars

from hub.db import unit_of_work
from hub.errors import HubError
from hub.idempotency.service import Once
from hub.intake import inbox
from hub.intake.delivery import Delivery
from hub.intake.models import JobAccepted
from hub.intake.service import Intake
from hub.intake.settling import arrived
from hub.ledger.entry import Target
from hub.ledger.service import Ledger


def acknowledge(
    intake: Intake, once: Once, caller: str, digest: str, delivery: Delivery
) -> dict[str, Any]:
    """Take charge of a delivery; returns a JobAccepted as JSON, or the earlier answer to the key.

    Raises StorageFull, EvidenceUnavailable, IdempotencyMismatch; nothing has changed then.
    """
    inbox.take_in(intake.settings, delivery.id, delivery.body)

    def admit() -> dict[str, Any]:
        return _written(session, intake.ledger, delivery).model_dump()

    try:
        with unit_of_work(intake.engine) as session:
            answer, replayed = once.run(session, caller, digest, admit)
    except HubError:  # raised before the commit; after any other error the janitor looks first
        inbox.remove(intake.settings, delivery.id)
        raise
    if replayed:
        inbox.remove(intake.settings, delivery.id)
    return answer


def _written(session: Session, ledger: Ledger, delivery: Delivery) -> JobAccepted:
    batch = arrived(delivery)
    batch.trace = str(get_contextvars().get("trace_id", ""))
    receipt = ledger.record(
        session,
        kind="batch.received",
        actor=delivery.actor,
        target=Target("dataset", delivery.dataset.id),
        digests={"request": delivery.body.sha256},
    ).as_dict()
    batch.receipt = dict(receipt)
    session.add(batch)
    return JobAccepted(job=batch.id, batch=batch.id, state=batch.state, receipt=receipt)
