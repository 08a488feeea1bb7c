"""HTTP of asking once: who holds a variable already, and reviews of new fields.

Holders are the catalog's datasets, so they are shown as the catalog shows them to whoever looks.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status

from hub.access.visibility import visible_to
from hub.agencies.actor import ActorDep, MaybeActorDep
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep
from hub.errors import InvalidInput
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.reviews import collecting, holders, service, viewing
from hub.reviews.models import Review
from hub.reviews.service import Reason
from hub.reviews.shapes import (
    ReviewIn,
    ReviewLineOut,
    ReviewMoveIn,
    ReviewOut,
    SentIn,
    VariableOut,
)

router = APIRouter(prefix="/api/v1", tags=["reviews"])

MOST_ASKED = 2000
Id = Annotated[str, Path(max_length=40)]
Asked = Annotated[str, Query(max_length=200)]


@router.get("/variables")
def variables(
    session: ReadingDep, actor: MaybeActorDep, page: PageDep, term: Asked = "", name: Asked = ""
) -> Page[VariableOut]:
    """Who publishes a variable: by its reference term, or by the name of the column."""
    if not term and not name:
        raise InvalidInput(
            "Sebutkan istilah rujukan (term) atau nama kolom (name).",
            "Name a reference term (term) or the name of a column (name).",
        )
    found = holders.of_question(
        session,
        collecting.rule_in_force(session),
        term=term,
        name=name,
        seen=visible_to(actor, now=real_now()),
        limit=MOST_ASKED,
    )
    after = page.pair
    rest = [one for one in found if after is None or (one[0].dataset, one[0].field) > after]
    return page.of(
        rest,
        lambda one: (one[0].dataset, one[0].field),
        lambda one: VariableOut(term=one[1], holder=viewing.holder_out(one[0])),
        len(found) if page.count else None,
    )


@router.post("/reviews", status_code=status.HTTP_201_CREATED, response_model=SentIn)
def send_in(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    body: ReviewIn,
) -> dict[str, Any]:
    """Put reasons on record and send new fields to their reviewers; by a steward or the walidata."""

    def sent() -> dict[str, Any]:
        given = {name: Reason(one.reason, one.ground) for name, one in body.reasons.items()}
        office = Office(ledger, clock)
        review = service.send_in(session, office, actor, body.dataset, given, version=body.version)
        shown = None if review is None else _shown(session, actor, review)
        return SentIn(review=shown, reasons=sorted(given)).model_dump(mode="json")

    return once.run(session, actor.id, digest, sent)[0]


@router.get("/reviews")
def reviews(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[ReviewLineOut]:
    """Of one's agency, for reviewers all: those that run first, the most pressing on top."""
    found = service.listed(session, actor)
    ids = [review.id for review, _ in found]
    start = ids.index(page.word) + 1 if page.word in ids else 0
    return page.of(
        found[start:],
        lambda one: (one[0].id,),
        lambda one: viewing.line_out(session, *one),
        len(found) if page.count else None,
    )


@router.get("/reviews/{review}")
def review(session: ReadingDep, actor: ActorDep, review: Id) -> ReviewOut:
    """One review: its fields with who holds them, the opinions, its clock and its history."""
    return _shown(session, actor, service.find(session, actor, review))


@router.post("/reviews/{review}/moves", response_model=ReviewOut)
def move(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    review: Id,
    body: ReviewMoveIn,
) -> dict[str, Any]:
    """An opinion (`setuju`, `keberatan`, `bersyarat`) or a decision that the book allows."""

    def moved() -> dict[str, Any]:
        found = service.move(
            session,
            Office(ledger, clock),
            actor,
            review,
            body.event,
            reason=body.reason,
            reviewers=body.reviewers,
        )
        return _shown(session, actor, found).model_dump(mode="json")

    return once.run(session, actor.id, digest, moved)[0]


def _shown(session: SessionDep, actor: Principal, found: Review) -> ReviewOut:
    return viewing.review_out(session, actor, found, seen=visible_to(actor, now=real_now()))
