"""A batch's own row: made when it arrives, brought to its end once."""

from dataclasses import asdict
from typing import Any

from sqlmodel import Session

from hub.calendar import real_now
from hub.intake.delivery import Delivery
from hub.intake.models import Batch, BatchState, Phase
from schemas.gate import Verdict


class AlreadySettled(Exception):
    """The acknowledged batch has had its end meanwhile; this second one leaves no trace."""


def arrived(delivery: Delivery) -> Batch:
    """The row of a batch that nobody has judged yet."""
    return Batch(
        id=delivery.id,
        dataset=delivery.dataset.id,
        mode=delivery.mode,
        on_error=delivery.on_error,
        format=delivery.format,
        via=delivery.via,
        source=delivery.source,
        actor=asdict(delivery.actor),
        state=BatchState.RECEIVED,
        phase=Phase.WAITING,
        sha256=delivery.body.sha256,
        bytes=delivery.body.bytes,
        schema_name=delivery.document.name,
        schema_version=delivery.document.version,
        received_at=delivery.received_at,
        corrects=delivery.corrects,
        sheet=delivery.sheet,
        header_row=delivery.header_row,
    )


def open_batch(session: Session, batch: str) -> Batch | None:
    """A batch still to be settled, held until the transaction ends; None when there is none yet.

    Raises AlreadySettled: of two that judged one acknowledged batch, only the first has effect.
    """
    row = session.get(Batch, batch, with_for_update=True, populate_existing=True)
    if row is not None and row.state is not BatchState.RECEIVED:
        raise AlreadySettled(batch)
    return row


def settled(
    session: Session,
    delivery: Delivery,
    verdict: Verdict,
    state: BatchState,
    *,
    release: int | None,
) -> Batch:
    """The batch's row at its end: the one of its acknowledgement, or a new one."""
    batch = open_batch(session, delivery.id) or arrived(delivery)
    batch.state, batch.phase, batch.release = state, Phase.DONE, release
    batch.schema_name, batch.schema_version = delivery.document.name, delivery.document.version
    batch.rows, batch.rejected = verdict.rows, verdict.rejected
    passed = state in (BatchState.PUBLISHED, BatchState.HELD)
    batch.accepted = verdict.accepted if passed else 0
    batch.commonest = _commonest(delivery, verdict)
    if state is BatchState.PUBLISHED and not delivery.corrects:
        batch.open_rows = verdict.rejected
    batch.message_id = batch.message_en = ""
    batch.finished_at = real_now()
    return batch


def _commonest(delivery: Delivery, verdict: Verdict) -> dict[str, Any] | None:
    """The rule most rows broke, in words; a column that only the file knows is not named."""
    for rule in verdict.by_rule:
        known = not rule.column or rule.column in delivery.document.by_name
        if known and rule.severity == "error":
            return {
                name: getattr(rule, name)
                for name in ("column", "rule", "count", "message_id", "message_en")
            }
    return None
