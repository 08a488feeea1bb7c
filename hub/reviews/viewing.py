"""A review as it is shown: its fields with who holds them now, opinions, clock, and what comes next."""

from sqlalchemy import ColumnElement
from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.reviews import collecting, holders, service
from hub.reviews.holders import Field, Holder
from hub.reviews.models import CollectionReason, Review
from hub.reviews.shapes import (
    HolderOut,
    OpinionOut,
    ReviewedFieldOut,
    ReviewLineOut,
    ReviewOut,
    StepOut,
)
from hub.reviews.subject import opinions_of, reviewers_of
from hub.standards import service as standards


def line_out(session: Session, review: Review, proceeding: Proceeding) -> ReviewLineOut:
    state = machine.procedure_of(session, proceeding).states[proceeding.state]
    return ReviewLineOut(
        id=review.id,
        dataset=review.dataset,
        agency=review.agency,
        schema_name=review.schema_name,
        schema_version=review.schema_version,
        state=proceeding.state,
        state_title=state.title.id,
        state_title_en=state.title.en,
        round=review.round,
        opened_at=review.opened_at,
        due_at=proceeding.due_at,
        ended_at=proceeding.ends_at,
        outcome=review.outcome,
    )


def review_out(
    session: Session, principal: Principal, review: Review, *, seen: ColumnElement[bool]
) -> ReviewOut:
    """All of a review; `seen` are the datasets that the caller may know of."""
    proceeding = session.get_one(Proceeding, review.id)
    said = opinions_of(session, review)
    asked = reviewers_of(review)
    waits = proceeding.state == service.UNDER_REVIEW
    return ReviewOut(
        **line_out(session, review, proceeding).model_dump(),
        reviewers=list(asked),
        duties=list(service.duties_of(session, principal, review)) if waits else [],
        silent=[name for name in asked if name not in said],
        possible=[
            move.event for move in machine.possible(session, principal, service.SUBJECT, proceeding)
        ],
        excluded=review.excluded,
        fields=fields_out(session, review, seen=seen),
        opinions=[
            OpinionOut.model_validate(one.model_dump()) for one in service.opinions(session, review)
        ],
        history=[
            StepOut.model_validate(step.model_dump()) for step in service.history(session, review)
        ],
    )


def fields_out(
    session: Session, review: Review, *, seen: ColumnElement[bool]
) -> list[ReviewedFieldOut]:
    """The fields under review in the order of the schema, with who holds them at this moment."""
    document = standards.find(session, review.schema_name, review.schema_version)
    found = holders.fields_of(
        session,
        collecting.rule_in_force(session),
        document,
        agency=review.agency,
        seen=seen,
        only=frozenset(review.fields),
        dataset=review.dataset,
    )
    reasons = collecting.reasons_of(session, review.dataset)
    return [field_out(field, reasons.get(field.name), review.excluded) for field in found]


def field_out(
    field: Field, reason: CollectionReason | None, excluded: list[str]
) -> ReviewedFieldOut:
    return ReviewedFieldOut(
        name=field.name,
        title=field.title,
        title_en=field.title_en,
        term=field.term,
        term_title=field.term_title[0],
        term_title_en=field.term_title[1],
        personal=field.personal,
        reason=reason.reason if reason else "",
        ground=reason.ground if reason else "",
        excluded=field.name in excluded,
        holders=[holder_out(holder) for holder in field.holders],
    )


def holder_out(holder: Holder) -> HolderOut:
    return HolderOut(
        match=holder.match,
        binding=holder.binding,
        dataset=holder.dataset,
        title=holder.title,
        title_en=holder.title_en,
        agency=holder.agency,
        agency_name=holder.agency_name,
        access_class=holder.access_class,
        field=holder.field,
        field_title=holder.field_title,
        data_date=holder.data_date,
        released_at=holder.released_at,
        ask=collecting.ways_out(holder.dataset),
        page=f"/katalog/{holder.dataset}",
    )
