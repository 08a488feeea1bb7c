"""HTTP of schemas where it concerns readers: the verdict on a document, with whom it would touch."""

from fastapi import APIRouter

from hub.access.impact import ImpactOut, impact
from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep
from hub.standards import evolution, listing, service
from hub.standards.documents import DocumentDep, Part
from hub.standards.models import VerdictOut

router = APIRouter(tags=["schemas"])


class CompatibilityOut(VerdictOut):
    """The verdict, and whom the change concerns."""

    impact: ImpactOut


@router.post("/api/v1/schemas/{system}/{record}/compatibility")
def compatibility(
    session: ReadingDep, actor: ActorDep, system: Part, record: Part, text: DocumentDep
) -> CompatibilityOut:
    """Whether a document may be published next, and whom it would concern; nothing is published."""
    document = service.parse(text, f"{system}/{record}")
    known = service.registry(session)
    verdict = listing.verdict_out(evolution.verdict_on(session, known, document))
    latest = known.latest(document.name) if document.name in known else None
    concerned = impact(session, actor, latest, document, now=real_now())
    return CompatibilityOut(**verdict.model_dump(), impact=concerned)
