"""What the machine of states asks of a review, and what its moves do."""

import json
from hashlib import sha256

from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words
from hub.reviews.collecting import BARRED, CLEARED
from hub.reviews.models import Opinion, Review

PROCEDURE = "telaah-pengumpulan"
PROTECTOR = "ppdp"
REVIEWERS = ("walidata", "keamanan", "statistik")
"""Who reviews every new field that is asked about; the protection officer joins for personal ones."""
AGREES, OBJECTS, REMARKS = "setuju", "keberatan", "bersyarat"


def reviewers_of(review: Review) -> tuple[str, ...]:
    return (*REVIEWERS, PROTECTOR) if is_personal(review) else REVIEWERS


def is_personal(review: Review) -> bool:
    return any(said["personal"] for said in review.fields.values())


def opinions_of(session: Session, review: Review) -> dict[str, Opinion]:
    """What the reviewers said in this round, by reviewer."""
    rows = select(Opinion).where(Opinion.review == review.id, Opinion.round == review.round)
    return {row.reviewer: row for row in session.exec(rows.order_by(col(Opinion.reviewer)))}


class ReviewSubject:
    """Reviews of new fields."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        review = session.get_one(Review, proceeding.id)
        said = {name: one.choice for name, one in opinions_of(session, review).items()}
        personal = is_personal(review)
        return {
            "personal": personal,
            "objection": OBJECTS in said.values(),
            "other_objection": any(
                choice == OBJECTS for name, choice in said.items() if name != PROTECTOR
            ),
            "remark": REMARKS in said.values(),
            "protector_silent": personal and PROTECTOR not in said,
            "protector_agrees": not personal or said.get(PROTECTOR) in (AGREES, REMARKS),
        }

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        review = session.get_one(Review, proceeding.id)
        match name:
            case "clear":
                review.outcome = CLEARED
            case "clear_without_personal":
                review.outcome = CLEARED
                review.excluded = sorted(n for n, said in review.fields.items() if said["personal"])
            case "bar":
                review.outcome, review.excluded = BARRED, sorted(review.fields)
            case "again":
                review.round += 1
        session.add(review)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        review = session.get_one(Review, proceeding.id)
        asked = {"dataset": review.dataset, "fields": review.fields}
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        dataset = session.get_one(Dataset, session.get_one(Review, proceeding.id).dataset)
        return Words(f"Telaah {dataset.id}", f"Review of {dataset.id}")

    def path(self, proceeding: Proceeding) -> str:
        return f"/telaah/{proceeding.id}"
