"""HTTP of AuthZEN 1.0: a decision point for programs that are not ours."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from hub.access import authzen
from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep, SettingsDep
from hub.errors import Malformed
from schemas.strict import StrictError, strict

router = APIRouter(tags=["authzen"])


async def get_document(request: Request) -> Any:
    """The body as JSON; raises Malformed, for this protocol answers 400 to whatever is not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Malformed(
            "Content-Type harus application/json.",
            "The Content-Type must be application/json.",
            at="Content-Type",
        )
    try:
        return strict(await request.body())
    except StrictError as broken:
        raise Malformed(
            f"Isi permintaan bukan JSON: {broken.detail}.",
            f"The body is no JSON: {broken.detail}.",
            at="",
        ) from broken


DocumentDep = Annotated[Any, Depends(get_document)]


@router.get("/.well-known/authzen-configuration")
def configuration(settings: SettingsDep) -> dict[str, str]:
    """Where this decision point is and what it answers."""
    return authzen.metadata(settings.public_url)


@router.post("/access/v1/evaluation")
def evaluation(session: ReadingDep, actor: ActorDep, body: DocumentDep) -> Response:
    """Whether a subject may do something to a dataset now: `{"decision", "context"}`."""
    told = authzen.evaluate(session, actor, body, now=real_now())
    return JSONResponse(told.as_dict())


@router.post("/access/v1/evaluations")
def evaluations(session: ReadingDep, actor: ActorDep, body: DocumentDep) -> Response:
    """Many at once, in the order asked: `{"evaluations": [{"decision", "context"}]}`."""
    told = authzen.evaluate_all(session, actor, body, now=real_now())
    if isinstance(told, list):
        return JSONResponse({"evaluations": [one.as_dict() for one in told]})
    return JSONResponse(told.as_dict())
