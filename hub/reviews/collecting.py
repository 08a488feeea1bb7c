"""What a dataset may collect: new fields need a reason where others hold them, and their review.

Data of fields that were released before flows on; what is here is asked of new fields alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from catalog import releases
from catalog.models import Dataset
from hub.errors import CollectedElsewhere, ReviewAwaited
from hub.reviews import holders, terms
from hub.reviews.holders import Field
from hub.reviews.models import CollectionReason, Review
from hub.reviews.terms import Rule
from hub.rules import service as rules
from hub.standards import service as standards
from schemas.document import SchemaDocument

CLEARED, BARRED, RUNNING = "cleared", "barred", "running"


@dataclass(frozen=True)
class Standing:
    """New fields of a dataset that are asked about, the reasons on record, and their last reviews."""

    rule: Rule
    fields: tuple[Field, ...]
    reasons: Mapping[str, CollectionReason]
    reviews: Mapping[str, Review]

    @property
    def lacking(self) -> tuple[Field, ...]:
        """Fields that others hold and nobody gave a reason for."""
        return tuple(f for f in self.fields if f.binding and f.name not in self.reasons)

    @property
    def unreviewed(self) -> tuple[Field, ...]:
        """Fields that nobody reviewed yet, though they are to be; barred ones may be sent in again."""
        asked = self.fields if self.rule.required else ()
        return tuple(f for f in asked if self._result(f.name) in ("", BARRED))

    @property
    def barred(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if self._result(f.name) == BARRED)

    @property
    def running(self) -> Review | None:
        """The review of the dataset that runs, also of fields that are not among these."""
        return next((r for r in self.reviews.values() if not r.outcome), None)

    @property
    def awaited(self) -> Review | None:
        """The review that some of these fields wait for."""
        waiting = (self.reviews[f.name] for f in self.fields if self._result(f.name) == RUNNING)
        return next(waiting, None)

    def _result(self, name: str) -> str:
        review = self.reviews.get(name)
        if review is None:
            return ""
        if not review.outcome:
            return RUNNING
        return BARRED if name in review.excluded else CLEARED


def rule_in_force(session: Session) -> Rule:
    return terms.rule_of(rules.current(session, terms.BOOK).body)


def standing_of(session: Session, dataset: Dataset, document: SchemaDocument) -> Standing:
    """Where a dataset stands that is to take rows of this schema; by indexes, in some 0.1 s."""
    rule = rule_in_force(session)
    new = _new_fields(session, dataset, document) if rule.collects(document) else frozenset()
    found = (
        holders.fields_of(
            session,
            rule,
            document,
            agency=dataset.agency,
            seen=holders.known_to_members(),
            only=new,
            dataset=dataset.id,
        )
        if new
        else []
    )
    return Standing(
        rule,
        tuple(field for field in found if asked_about(rule, field)),
        reasons_of(session, dataset.id),
        _last_reviews(session, dataset.id),
    )


def asked_about(rule: Rule, field: Field) -> bool:
    """Held elsewhere under its term, or personal: the rest is the walidata's usual approval."""
    return bool(field.binding) or (rule.review_personal and bool(field.personal))


def check(session: Session, dataset: Dataset, document: SchemaDocument) -> None:
    """Raise CollectedElsewhere for fields without a reason, ReviewAwaited for those not yet reviewed."""
    standing = standing_of(session, dataset, document)
    if standing.lacking:
        raise _held(dataset, standing.lacking)
    if standing.awaited is not None:
        review = standing.awaited
        raise ReviewAwaited(
            f"Kolom baru {dataset.id} sedang ditelaah ({review.id}); rilisnya menunggu hasilnya.",
            f"New fields of {dataset.id} are under review ({review.id}); the release waits for it.",
            review=review.id,
            page=f"/telaah/{review.id}",
            fields=sorted(review.fields),
        )
    if standing.barred:
        names = [field.name for field in standing.barred]
        review = standing.reviews[names[0]]
        raise ReviewAwaited(
            f"Telaah {review.id} tidak menyetujui kolom {', '.join(names)}. Pakai skema tanpa kolom itu, "
            "atau ajukan telaah lagi dengan alasan baru.",
            f"Review {review.id} did not approve the fields {', '.join(names)}. Use a schema without "
            "them, or ask for a review again with new reasons.",
            review=review.id,
            page=f"/telaah/{review.id}",
            fields=names,
        )
    if standing.unreviewed:
        names = [field.name for field in standing.unreviewed]
        raise ReviewAwaited(
            f"Kolom baru {', '.join(names)} perlu ditelaah sebelum rilis pertama. Ajukan di "
            f"/telaah/baru?dataset={dataset.id} atau POST /api/v1/reviews.",
            f"The new fields {', '.join(names)} are to be reviewed before the first release. Ask for it "
            f"at /telaah/baru?dataset={dataset.id} or POST /api/v1/reviews.",
            review=None,
            page=f"/telaah/baru?dataset={dataset.id}",
            fields=names,
        )


def reasons_of(session: Session, dataset: str) -> dict[str, CollectionReason]:
    """The reasons on record, by field."""
    rows = session.exec(select(CollectionReason).where(CollectionReason.dataset == dataset))
    return {row.field: row for row in rows}


def ways_out(dataset: str) -> str:
    """Where a holder is asked for what it holds."""
    return f"/api/v1/datasets/{dataset}/requests"


def _held(dataset: Dataset, lacking: tuple[Field, ...]) -> CollectedElsewhere:
    who = sorted({holder.agency_name for field in lacking for holder in field.binding})
    names = ", ".join(field.name for field in lacking)
    return CollectedElsewhere(
        f"Kolom {names} sudah dipegang {', '.join(who)}. Minta akses kepada pemegangnya, atau catat "
        f"alasan dan dasarnya di /telaah/baru?dataset={dataset.id} (POST /api/v1/reviews).",
        f"{', '.join(who)} already hold the fields {names}. Ask the holder for access, or put a reason "
        f"and its ground on record at /telaah/baru?dataset={dataset.id} (POST /api/v1/reviews).",
        page=f"/telaah/baru?dataset={dataset.id}",
        fields=[
            {
                "field": field.name,
                "term": field.term,
                "holders": [
                    {
                        "dataset": holder.dataset,
                        "agency": holder.agency,
                        "access_class": holder.access_class.value,
                        "field": holder.field,
                        "ask": ways_out(holder.dataset),
                    }
                    for holder in field.binding
                ],
            }
            for field in lacking
        ],
    )


def _new_fields(session: Session, dataset: Dataset, document: SchemaDocument) -> frozenset[str]:
    """Columns that the last release did not have, or did not know as personal."""
    latest = releases.latest(session, dataset.id)
    if latest is None:
        return frozenset(document.by_name)
    if (latest.schema_name, latest.schema_version) == (document.name, document.version):
        return frozenset()
    before = standards.find(session, latest.schema_name, latest.schema_version)
    return frozenset(
        name
        for name in document.by_name
        if name not in before.by_name or (name in document.personal and name not in before.personal)
    )


def _last_reviews(session: Session, dataset: str) -> dict[str, Review]:
    """By field: the last review that it was in."""
    rows = select(Review).where(Review.dataset == dataset)
    ordered = session.exec(rows.order_by(col(Review.opened_at), col(Review.id)))
    return {field: review for review in ordered for field in review.fields}
