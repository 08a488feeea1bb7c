"""HTTP of work that goes on after its answer: a job and its events."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from hub.agencies.actor import ActorDep
from hub.db import reading
from hub.deps import EngineDep, ReadingDep, SettingsDep
from hub.intake import progress
from hub.intake.models import JobAccepted, JobOut
from hub.problems import language_of

router = APIRouter(tags=["intake"])
EVENTS = "text/event-stream"


def acknowledged(answer: JobAccepted) -> Response:
    """202 with the address of the job."""
    headers = {
        "Location": progress.address(answer.job),
        "Preference-Applied": "respond-async",
    }
    return JSONResponse(answer.model_dump(), 202, headers=headers)


@router.get("/api/v1/jobs/{job}", operation_id="get_job")
def get_job(
    request: Request, job: str, actor: ActorDep, session: ReadingDep, settings: SettingsDep
) -> JobOut:
    """How far a batch is that was acknowledged before it was judged, and what came of it."""
    batch = progress.find(session, actor, job)
    return progress.shown(settings, actor, batch, language_of(request))


@router.get(
    "/api/v1/jobs/{job}/events",
    operation_id="follow_job",
    response_class=StreamingResponse,
    responses={
        200: {"content": {EVENTS: {}}, "description": "One event `state` for every step."},
        204: {"description": "The event in `Last-Event-ID` was the last one."},
    },
)
def follow_job(
    request: Request,
    job: str,
    actor: ActorDep,
    engine: EngineDep,
    settings: SettingsDep,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """The same document as an event whenever the job takes a step, until it is over."""
    language = language_of(request)

    def look() -> JobOut:
        with reading(engine) as session:
            return progress.shown(settings, actor, progress.find(session, actor, job), language)

    first = look()
    if first.finished_at is not None and last_event_id == progress.mark(first):
        return Response(status_code=204)  # tells an EventSource not to come again
    return StreamingResponse(
        progress.follow(look, seen=last_event_id),
        media_type=EVENTS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
