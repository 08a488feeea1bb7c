"""A batch as a job: who may follow it, how far it is, and the stream that tells each step."""

import time
from collections.abc import AsyncIterator, Callable

import anyio
from anyio.to_thread import run_sync
from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.errors import NotFound
from hub.intake import batches, pushing
from hub.intake.models import Batch, BatchAccepted, BatchState, JobOut, Phase
from hub.ledger.entry import Actor
from hub.problems import document, facts_of, message_of, of_slug, problem_of
from hub.settings import Settings

WITHOUT_CELLS = frozenset(
    {"type", "title", "status", "instance", "batch", "state", "accepted", "rejected", "receipt"}
)
"""Members of a problem that say how a batch ended and nothing of what was in it."""

LOOK_EVERY = 0.5
HEARTBEAT = 15.0
"""Seconds of silence after which proxies learn that the connection is alive."""
LONGEST = 600.0
"""Seconds after which a stream ends and its client comes again, to be asked anew who it is."""


def find(session: Session, actor: Principal, job: str) -> Batch:
    """For the dataset's agency, the walidata and whoever sent it; to others there is none (404)."""
    batch = session.get(Batch, job)
    if batch is None or not _may_follow(actor, batch):
        raise NotFound(f"Tidak ada pekerjaan {job:.64}.", f"There is no job {job:.64}.")
    return batch


def _may_follow(actor: Principal, batch: Batch) -> bool:
    sent = actor.id == Actor(**batch.actor).id and actor.reaches(batch.dataset)
    return sent or batches.may_see(actor, batch.dataset)


def shown(settings: Settings, actor: Principal, batch: Batch, language: str) -> JobOut:
    """The job as it stands, its problem in the reader's language."""
    published = batch.state is BatchState.PUBLISHED
    known = batch.phase in (Phase.STAGING, Phase.DONE)
    return JobOut(
        id=batch.id,
        kind="batch",
        state=batch.state,
        phase=batch.phase,
        dataset=batch.dataset,
        batch=batch.id,
        rows=batch.rows if known else None,
        received_at=batch.received_at,
        finished_at=batch.finished_at,
        result=BatchAccepted(**pushing.answer_of(batch)) if published else None,
        problem=_problem(settings, actor, batch, language),
        events=f"{address(batch.id)}/events",
    )


def address(job: str) -> str:
    return f"/api/v1/jobs/{job}"


def _problem(
    settings: Settings, actor: Principal, batch: Batch, language: str
) -> dict[str, object] | None:
    """The document with which the sender would have been answered, had it waited.

    For those who may not read the rows it is without all that may hold a cell.
    """
    document = _whole_problem(settings, batch, language)
    if document is None or batches.may_read(actor, batch.dataset):
        return document
    kept = {name: value for name, value in document.items() if name in WITHOUT_CELLS}
    return {**kept, "detail": document["title"]}


def _whole_problem(settings: Settings, batch: Batch, language: str) -> dict[str, object] | None:
    instance = f"/api/v1/datasets/{batch.dataset}/batches"
    if batch.state is BatchState.REFUSED:
        error = pushing.refusal(settings, batch.dataset, pushing.answer_of(batch))
        detail = message_of(error, language)
        return document(
            problem_of(error), detail, facts_of(error), language=language, instance=instance
        )
    if batch.problem is None:
        return None
    return document(
        of_slug(batch.problem["slug"]),
        batch.message_en if language == "en" else batch.message_id,
        batch.problem["facts"],
        language=language,
        instance=instance,
    )


def mark(job: JobOut) -> str:
    """Id of the event that tells this step; one of a job that is over ends in `.done`."""
    return f"{job.state}.{job.phase}"


async def follow(look: Callable[[], JobOut], *, seen: str | None) -> AsyncIterator[str]:
    """Server-sent events: one `state` for every step after `seen`, until the job is over."""
    began = spoke = time.monotonic()
    while time.monotonic() - began < LONGEST:
        job = await run_sync(look)
        if mark(job) != seen:
            seen = mark(job)
            spoke = time.monotonic()
            yield f"id: {seen}\nevent: state\ndata: {job.model_dump_json()}\n\n"
        elif time.monotonic() - spoke >= HEARTBEAT:
            spoke = time.monotonic()
            yield ": masih bekerja\n\n"
        if job.finished_at is not None:
            return
        await anyio.sleep(LOOK_EVERY)
