"""The rules of a review: who sends it in, who reviews, what an opinion does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import rfc8785
from sqlmodel import Session, col, select

from catalog.models import Dataset
from catalog.turns import take_turn
from hub.agencies.principal import Principal, actor_of
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.ledger.entry import Target
from hub.notices.telling import Message, Recipient, tell
from hub.proceedings import machine, parties
from hub.proceedings.machine import Opening
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.reviews import collecting
from hub.reviews.collecting import Standing
from hub.reviews.holders import Field
from hub.reviews.models import CollectionReason, Opinion, Review
from hub.reviews.subject import (
    AGREES,
    OBJECTS,
    PROCEDURE,
    PROTECTOR,
    REMARKS,
    REVIEWERS,
    ReviewSubject,
    opinions_of,
    reviewers_of,
)
from hub.rules import mandates
from hub.standards import service as standards
from schemas.document import SchemaDocument

CHOICES = (AGREES, OBJECTS, REMARKS)
SHORTEST_GROUND = 3
UNDER_REVIEW, MENDING, WITHDRAWAL = "ditelaah", "perbaiki", "tarik"
OF_THE_AGENCY = (MENDING, WITHDRAWAL)
"""Moves of the agency that collects; all others are of reviewers."""
SUBJECT = ReviewSubject()


@dataclass(frozen=True)
class Reason:
    """Why a field is collected though others hold it, and the legal ground of the task."""

    reason: str
    ground: str


def send_in(
    session: Session,
    office: Office,
    principal: Principal,
    dataset_id: str,
    reasons: Mapping[str, Reason],
    *,
    version: str | None = None,
) -> Review | None:
    """Put reasons on record and open the review of the new fields; None when none is asked for.

    `version` is that of the dataset's schema which it is to move to. Raises NotFound, NotPermitted,
    UnknownSchema, Conflict (a review runs; nothing to review), CollectedElsewhere, InvalidInput.
    """
    dataset = _managed(session, principal, dataset_id)
    document = standards.find(session, dataset.schema_name, version or dataset.schema_version)
    take_turn(session, f"simpul review {dataset_id}")
    standing = collecting.standing_of(session, dataset, document)
    if standing.running is not None:
        raise Conflict(
            f"Telaah {standing.running.id} atas dataset ini masih berjalan.",
            f"Review {standing.running.id} of this dataset is still running.",
            review=standing.running.id,
        )
    give_reasons(session, office, principal, dataset, standing, reasons)
    standing = collecting.standing_of(session, dataset, document)
    if standing.lacking:
        collecting.check(session, dataset, document)
    if standing.unreviewed:
        return _open(session, office, principal, dataset, document, standing.unreviewed)
    if not reasons:
        raise Conflict(
            "Tidak ada kolom baru yang perlu ditelaah; data dapat dikirim.",
            "There is no new field to review; data can be sent.",
        )
    return None


def start(session: Session, office: Office, dataset_id: str) -> Review | None:
    """Open the review of new fields that nobody has sent in yet, as the hub; None when there are none.

    Fields that others hold wait for their reasons, so they are sent in by the agency.
    """
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        return None
    take_turn(session, f"simpul review {dataset_id}")
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    standing = collecting.standing_of(session, dataset, document)
    waiting = [field for field in standing.unreviewed if field.name not in standing.reviews]
    if not waiting or standing.lacking or standing.running is not None:
        return None
    return _open(session, office, None, dataset, document, waiting)


def asks_for_review(session: Session, dataset_id: str) -> bool:
    """Whether new fields of the dataset's own schema are held elsewhere or personal."""
    dataset = session.get_one(Dataset, dataset_id)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    return bool(collecting.standing_of(session, dataset, document).fields)


def give_reasons(
    session: Session,
    office: Office,
    principal: Principal,
    dataset: Dataset,
    standing: Standing,
    reasons: Mapping[str, Reason],
) -> None:
    """Record why fields are collected again: one ledger entry for all. Raises InvalidInput."""
    held = {field.name: field for field in standing.fields if field.binding}
    check_reasons(reasons, held, least=standing.rule.least_reason)
    if not reasons:
        return
    now = office.clock.now()
    for name, given in reasons.items():
        row = session.get(CollectionReason, (dataset.id, name)) or CollectionReason(
            dataset=dataset.id, field=name, term="", holders=[], ground="", reason="", by="", at=now
        )
        row.term = held[name].term
        row.holders = [holder.dataset for holder in held[name].binding]
        row.ground, row.reason = given.ground.strip(), given.reason.strip()
        row.by, row.at = principal.id, now
        session.add(row)
    session.flush()  # the standing is asked again in this transaction
    told = {name: [given.reason, given.ground] for name, given in reasons.items()}
    office.ledger.record(
        session,
        kind="review.reasons",
        actor=actor_of(principal, dataset.agency),
        target=Target("dataset", dataset.id),
        digests={"request": sha256(rfc8785.dumps(told)).hexdigest()},
        counts={"fields": len(told)},
    )


def check_reasons(reasons: Mapping[str, Reason], held: Mapping[str, Field], *, least: int) -> None:
    """Raises InvalidInput: a reason for a field that nobody holds, or one that says too little."""
    for name, given in reasons.items():
        if name not in held:
            raise InvalidInput(
                f"Kolom {name[:128]} tidak memerlukan alasan.",
                f"The field {name[:128]} needs no reason.",
                member=f"/reasons/{name[:128]}",
            )
        if len(given.reason.strip()) < least:
            raise InvalidInput(
                f"Tulis alasan mengumpulkan {name}, sedikitnya {least} huruf: mengapa data pemegangnya "
                "tidak dapat dipakai.",
                f"Write why {name} is collected, at least {least} letters: why the holder's data will "
                "not do.",
                member=f"/reasons/{name}",
            )
        if len(given.ground.strip()) < SHORTEST_GROUND:
            raise InvalidInput(
                f"Sebutkan dasar hukum tugas yang memerlukan {name}.",
                f"Name the legal ground of the task that needs {name}.",
                member=f"/reasons/{name}",
            )


def move(
    session: Session,
    office: Office,
    principal: Principal,
    review_id: str,
    event: str,
    *,
    reason: str = "",
    reviewers: Sequence[str] = (),
) -> Review:
    """An opinion (`setuju`, `keberatan`, `bersyarat`) or a move of the book.

    `reviewers` says as whom an opinion is given; empty is every duty that the caller carries.
    Raises NotFound, NotPermitted, Conflict, InvalidInput.
    """
    review = find(session, principal, review_id)
    principal.must("dataset:write" if event in OF_THE_AGENCY else "request:decide")
    if event in CHOICES:
        return _opine(session, office, principal, review, event, reason, reviewers)
    machine.move(session, office, principal, SUBJECT, review.id, event, reason=reason)
    return review


def duties_of(session: Session, principal: Principal, review: Review) -> tuple[str, ...]:
    """As which reviewers of this review the caller may speak."""
    return standing_in(session, principal, reviewers_of(review))


def awaits(session: Session, principal: Principal, review: Review, proceeding: Proceeding) -> bool:
    """Whether the caller is the one who is waited for: an opinion she has not given, or a decision."""
    if proceeding.state == UNDER_REVIEW:
        said = opinions_of(session, review)
        return any(name not in said for name in duties_of(session, principal, review))
    return proceeding.ends_at is None and any(
        move.event != WITHDRAWAL
        for move in machine.possible(session, principal, SUBJECT, proceeding)
    )


def standing_in(
    session: Session, principal: Principal, reviewers: Sequence[str]
) -> tuple[str, ...]:
    """Those among the reviewers for whom the caller speaks."""
    return tuple(name for name in reviewers if _carries(session, principal, name))


def reviewers_for(session: Session, fields: Sequence[Field]) -> tuple[str, ...]:
    """Who would review these fields; nobody where nothing of them asks for it."""
    rule = collecting.rule_in_force(session)
    asked = [field for field in fields if collecting.asked_about(rule, field)]
    if not rule.required or not asked:
        return ()
    return (*REVIEWERS, PROTECTOR) if any(field.personal for field in asked) else REVIEWERS


def find(session: Session, principal: Principal, review_id: str) -> Review:
    """A review of one's agency, or one to judge; raises NotFound."""
    review = session.get(Review, review_id)
    if review is None or not _may_see(session, principal, review):
        raise NotFound(
            f"Tidak ada telaah {review_id[:40]}.", f"There is no review {review_id[:40]}."
        )
    return review


def last_of(session: Session, dataset_id: str) -> Review | None:
    """The newest review of a dataset."""
    rows = select(Review).where(Review.dataset == dataset_id)
    return session.exec(rows.order_by(col(Review.opened_at).desc(), col(Review.id).desc())).first()


def listed(session: Session, principal: Principal) -> list[tuple[Review, Proceeding]]:
    """Those that run first, the most pressing on top; then the newest."""
    rows = select(Review, Proceeding).join(Proceeding, col(Proceeding.id) == col(Review.id))
    if not _judges(session, principal):
        rows = rows.where(col(Review.agency).in_(sorted(principal.agencies)))
    if principal.identity.dataset is not None:
        rows = rows.where(Review.dataset == principal.identity.dataset)
    ordered = rows.order_by(
        col(Proceeding.ends_at).is_not(None),
        col(Proceeding.due_at),
        col(Review.opened_at).desc(),
        col(Review.id).desc(),
    )
    return [(review, proceeding) for review, proceeding in session.exec(ordered.limit(500))]


def _open(
    session: Session,
    office: Office,
    principal: Principal | None,
    dataset: Dataset,
    document: SchemaDocument,
    fields: Sequence[Field],
) -> Review:
    now = office.clock.now()
    review = Review(
        id=next_number(session, "TL", office.clock.today().year, 6),
        dataset=dataset.id,
        agency=dataset.agency,
        schema_name=document.name,
        schema_version=document.version,
        fields={
            field.name: {
                "term": field.term,
                "personal": field.personal,
                "holders": [holder.dataset for holder in field.binding],
            }
            for field in fields
        },
        opened_by=principal.id if principal else "hub",
        opened_at=now,
    )
    session.add(review)
    session.flush()  # its proceeding asks for it
    opening = Opening(review.id, requester=dataset.agency, dataset=dataset.id)
    proceeding = machine.begin(session, office, principal, PROCEDURE, SUBJECT, opening)
    _tell_reviewers(session, proceeding, review)
    return review


def _tell_reviewers(session: Session, proceeding: Proceeding, review: Review) -> None:
    to: list[Recipient] = []
    for name in reviewers_of(review):
        to += parties.recipients(session, proceeding, _party(name))
    many = len(review.fields)
    message = Message(
        once=f"{review.id}/1",
        topic="review.submitted",
        subject_id=f"{review.id}: telaah {review.dataset}",
        subject_en=f"{review.id}: review of {review.dataset}",
        body_id=f"{review.dataset} akan mengumpulkan {many} kolom yang perlu ditelaah.",
        body_en=f"{review.dataset} is to collect {many} fields that need a review.",
        path=SUBJECT.path(proceeding),
        at=review.opened_at,
    )
    tell(session, to, message)


def _opine(
    session: Session,
    office: Office,
    principal: Principal,
    review: Review,
    choice: str,
    reason: str,
    reviewers: Sequence[str],
) -> Review:
    proceeding = machine.locked(session, review.id)
    now = office.clock.now()
    if proceeding.state != UNDER_REVIEW or (proceeding.due_at and proceeding.due_at <= now):
        raise Conflict(
            f"{review.id} tidak sedang menunggu pendapat penelaah.",
            f"{review.id} does not wait for opinions of reviewers.",
            state=proceeding.state,
        )
    duties = _chosen_duties(session, principal, review, reviewers)
    if choice != AGREES and len(reason.strip()) < machine.SHORTEST_REASON:
        raise InvalidInput(
            f"Keberatan dan syarat memerlukan alasan, sedikitnya {machine.SHORTEST_REASON} huruf.",
            f"An objection or a condition needs a reason of at least {machine.SHORTEST_REASON} letters.",
            member="reason",
        )
    for name in duties:
        _record_opinion(session, office, principal, review, name, choice, reason.strip())
    session.flush()  # the facts are asked of what was said
    if len(opinions_of(session, review)) == len(reviewers_of(review)):
        machine.advance(session, office, SUBJECT, review.id, "lengkap")
    return review


def _chosen_duties(
    session: Session, principal: Principal, review: Review, reviewers: Sequence[str]
) -> Sequence[str]:
    carried = duties_of(session, principal, review)
    chosen = [name for name in reviewers_of(review) if name in reviewers] if reviewers else carried
    if not chosen or set(reviewers) - set(carried):
        raise NotPermitted(
            "Pendapat diberikan oleh penelaah yang ditunjuk untuk telaah ini.",
            "Opinions are given by the reviewers named for this review.",
            reviewers=list(reviewers_of(review)),
        )
    return chosen


def _record_opinion(
    session: Session,
    office: Office,
    principal: Principal,
    review: Review,
    name: str,
    choice: str,
    reason: str,
) -> None:
    now = office.clock.now()
    row = session.get(Opinion, (review.id, review.round, name)) or Opinion(
        review=review.id,
        round=review.round,
        reviewer=name,
        choice=choice,
        reason="",
        by="",
        post_title="",
        at=now,
    )
    row.choice, row.reason, row.by, row.at = choice, reason, principal.id, now
    row.post_title = principal.posts[0].title if principal.posts else ""
    session.add(row)
    told = {"review": review.id, "reviewer": name, "choice": choice, "reason": reason}
    office.ledger.record(
        session,
        kind="review.opinion",
        actor=actor_of(principal),
        target=Target("review", review.id),
        outcome=choice,
        digests={"request": sha256(rfc8785.dumps(told)).hexdigest()},
    )


def _managed(session: Session, principal: Principal, dataset_id: str) -> Dataset:
    principal.must("dataset:write")
    dataset = session.get(Dataset, dataset_id)
    manages = dataset is not None and (
        principal.holds("steward", dataset.agency) or principal.has("walidata")
    )
    if dataset is None or not manages or not principal.reaches(dataset_id):
        raise NotPermitted(
            "Telaah diajukan oleh penanggung jawab data (steward) datasetnya atau walidata.",
            "A review is asked for by a steward of the dataset or the walidata.",
        )
    return dataset


def _may_see(session: Session, principal: Principal, review: Review) -> bool:
    concerned = principal.is_member_of(review.agency) or _judges(session, principal)
    return concerned and principal.reaches(review.dataset)


def _judges(session: Session, principal: Principal) -> bool:
    duties = ("walidata", "keamanan", "statistik", "ppdp", "sekda")
    return any(_carries(session, principal, name) for name in duties)


def _carries(session: Session, principal: Principal, name: str) -> bool:
    if name == "walidata":
        return principal.has("walidata")
    return mandates.carries(session, principal, name)


def _party(name: str) -> str:
    return name if name == "walidata" else f"mandat.{name}"


def history(session: Session, review: Review) -> list[Step]:
    return machine.history(session, review.id)


def opinions(session: Session, review: Review) -> list[Opinion]:
    """Of all rounds, newest round first."""
    rows = select(Opinion).where(Opinion.review == review.id)
    return list(session.exec(rows.order_by(col(Opinion.round).desc(), col(Opinion.at))))
