"""Acknowledged batches are judged in their order, dataset by dataset, until each has its end.

Who judges a batch holds its body (`inbox.held`), which ends with the process; that a batch takes
effect once is decided by its row, in the transaction of the effect (`settling.open_batch`).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import structlog
from pydantic_core import to_jsonable_python
from sqlmodel import Session, col, func, or_, select
from structlog.contextvars import bound_contextvars

from catalog.errors import CatalogError
from catalog.models import Dataset
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import HubError, Unavailable
from hub.intake import batches, inbox
from hub.intake.delivery import Delivery
from hub.intake.models import Batch, BatchState, Mode, OnError, Phase
from hub.intake.service import Intake, nothing_more, receive
from hub.intake.settling import AlreadySettled, open_batch
from hub.intake.spool import Spooled
from hub.ledger.entry import Actor, Target
from hub.outbox import service as outbox
from hub.outbox.service import EventType
from hub.problems import facts_of, message_of, problem_of
from schemas.errors import SchemaError
from schemas.gate import Verdict

log = structlog.get_logger(__name__)

TRIES = 16
"""How often a batch is begun that the hub cannot finish: for about an hour."""
LONGEST_PAUSE = timedelta(minutes=10)
LOST_AFTER = timedelta(hours=24)
"""How long a batch waits for a body that is not in this inbox (a disk not mounted, another host)."""

Going = Callable[[], bool]


def work_off(
    intake: Intake,
    *,
    find_document: batches.FindDocument,
    small: bool | None = None,
    going: Going = lambda: True,
) -> int:
    """Judge what waits and can be begun now, until nothing is left; returns how many were begun.

    `small` keeps to one lane of the judges, so that a large batch holds up no small one of another
    dataset.
    """
    done = 0
    while going():
        with reading(intake.engine) as session:
            heads = _heads(session, intake, small, now=real_now())
        begun = sum(_begin(intake, batch, find_document) for batch in heads if going())
        if not begun:
            break
        done += begun
    return done


def _heads(session: Session, intake: Intake, small: bool | None, *, now: datetime) -> list[Batch]:
    """The first waiting batch of every dataset, if its time has come; identifiers sort by time."""
    first = (
        select(func.min(Batch.id))
        .where(col(Batch.state) == BatchState.RECEIVED)
        .group_by(col(Batch.dataset))
    )
    wanted = (
        select(Batch)
        .where(
            col(Batch.id).in_(first),
            or_(col(Batch.try_after).is_(None), col(Batch.try_after) <= now),
        )
        .order_by(col(Batch.id))
    )
    heads = session.exec(wanted).all()
    limit = intake.settings.small_batch_bytes
    return [batch for batch in heads if small is None or (batch.bytes <= limit) is small]


def _begin(intake: Intake, batch: Batch, find_document: batches.FindDocument) -> bool:
    """Judge one batch if nobody else does; False when there was nothing to do."""
    path = inbox.place(intake.settings, batch.id)
    if not path.exists():
        return _without_body(intake, batch)
    with inbox.held(path) as ours, bound_contextvars(trace_id=batch.trace):
        if not ours:
            return False
        try:
            claimed = _claim(intake, batch.id)
            ended = _finish(
                intake, claimed, Spooled(path, batch.bytes, batch.sha256), find_document
            )
        except AlreadySettled:
            ended = True
        if ended:
            path.unlink(missing_ok=True)
    return True


def _claim(intake: Intake, batch_id: str) -> Batch:
    """Count one more try; a kill from here on costs the pause before the next one, no more."""
    with unit_of_work(intake.engine) as session:
        batch = _open(session, batch_id)
        batch.tries += 1
        batch.phase = Phase.JUDGING
        batch.try_after = real_now() + pause(batch.tries)
        return batch


def _open(session: Session, batch_id: str) -> Batch:
    """The batch's row, held; AlreadySettled when it has had its end."""
    batch = open_batch(session, batch_id)
    if batch is None:
        raise AlreadySettled(batch_id)
    return batch


def pause(tries: int) -> timedelta:
    """Half a second after the first try, doubled with each."""
    return min(LONGEST_PAUSE, timedelta(seconds=2.0 ** (tries - 2)))


def _finish(
    intake: Intake, batch: Batch, body: Spooled, find_document: batches.FindDocument
) -> bool:
    """True when the batch has its end: published, refused or failed; False: its body is still needed."""
    try:
        if batch.tries > TRIES:
            raise _given_up()
        delivery = _delivery(intake, batch, body, find_document)
        ended = receive(
            intake, delivery, along=nothing_more, judged=partial(_judged, intake, batch.id)
        )
    except (HubError, CatalogError, SchemaError) as error:
        return _stopped(intake, batch, error)
    return ended.state is not BatchState.HELD


def _delivery(
    intake: Intake, batch: Batch, body: Spooled, find_document: batches.FindDocument
) -> Delivery:
    """The delivery as it was acknowledged, under the dataset's schema and steps of this moment."""
    with reading(intake.engine) as session:
        delivery = batches.delivery(
            session,
            intake.settings,
            session.get_one(Dataset, batch.dataset),
            body,
            format=batch.format,
            mode=cast(Mode, batch.mode),  # checked when it was acknowledged
            on_error=cast(OnError, batch.on_error),
            via=batch.via,
            actor=Actor(**batch.actor),
            find_document=find_document,
            corrects=batch.corrects,
            sheet=batch.sheet,
            header_row=batch.header_row,
        )
    return replace(delivery, id=batch.id, received_at=batch.received_at)


def _judged(intake: Intake, batch_id: str, verdict: Verdict) -> None:
    with unit_of_work(intake.engine) as session:
        batch = _open(session, batch_id)
        batch.phase, batch.rows = Phase.STAGING, verdict.rows


def _stopped(intake: Intake, batch: Batch, error: Exception) -> bool:
    """What is the hub's own trouble is tried again for a while; what is the batch's ends it."""
    if problem_of(error).status >= 500 and batch.tries < TRIES:
        log.warning("batch.put-off", batch=batch.id, tries=batch.tries, why=str(error))
        _put_off(intake, batch.id, error)
        return False
    _fail(intake, batch.id, error)
    return True


def _put_off(intake: Intake, batch_id: str, error: Exception) -> None:
    with unit_of_work(intake.engine) as session:
        batch = _open(session, batch_id)
        batch.phase = Phase.WAITING
        batch.try_after = real_now() + pause(batch.tries)
        batch.message_id, batch.message_en = message_of(error, "id"), message_of(error, "en")


def _fail(intake: Intake, batch_id: str, error: Exception) -> None:
    """Its end without a release; the sender finds the problem with the job."""
    slug = problem_of(error).slug
    with unit_of_work(intake.engine) as session:
        batch = _open(session, batch_id)
        batch.state, batch.phase, batch.finished_at = BatchState.FAILED, Phase.DONE, real_now()
        batch.message_id, batch.message_en = message_of(error, "id"), message_of(error, "en")
        batch.problem = {"slug": slug, "facts": to_jsonable_python(facts_of(error))}
        batch.receipt = intake.ledger.record(
            session,
            kind="batch.failed",
            actor=Actor(**batch.actor),
            target=Target("dataset", batch.dataset),
            outcome="failed",
            digests={"request": batch.sha256},
        ).as_dict()
        outbox.record(
            session,
            EventType.BATCH_REJECTED,
            dataset=batch.dataset,
            data={"batch": batch.id, "rows": batch.rows, "rejected": 0, "problem": slug},
        )


def _without_body(intake: Intake, batch: Batch) -> bool:
    """Another host may have the body, or its disk may come back; after a day it will not."""
    if real_now() - batch.received_at < LOST_AFTER:
        log.warning("batch.no-body", batch=batch.id, dataset=batch.dataset)
        return False
    try:
        _fail(intake, batch.id, _lost())
    except AlreadySettled:
        return False
    return True


def _lost() -> Unavailable:
    return Unavailable(
        "Isi kiriman ini tidak ditemukan lagi pada hub; tidak ada yang berubah. Kirim ulang.",
        "The body of this batch is no longer to be found; nothing was changed. Send again.",
    )


def _given_up() -> Unavailable:
    return Unavailable(
        f"Kiriman ini {TRIES} kali tidak selesai diperiksa; tidak ada yang berubah. "
        "Hubungi walidata.",
        f"This batch was begun {TRIES} times and never finished; nothing was changed. "
        "Tell the walidata.",
    )
