"""The rules of a draft: whose turn it is, and what becomes of it."""

import json
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, or_, select

from catalog.datasets import OPEN_ENOUGH, Description
from catalog.models import AccessClass, Dataset
from catalog.turns import take_turn
from hub.access import registering
from hub.agencies.principal import Principal
from hub.drafts import collecting
from hub.drafts.editing import open_questions
from hub.drafts.looking import VERSION
from hub.drafts.models import DraftState, SchemaDraft
from hub.drafts.shapes import Outcome, Wishes, evidence_of, outcome_of, plan_of, stored, wishes_of
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.proceedings.office import Office
from hub.standards import service as standards
from schemas.document import SchemaDocument
from schemas.drafting import Draft, Plan
from schemas.drafting.naming import slug_of

MOST = 200
_STEWARDS = (DraftState.DRAFT, DraftState.RETURNED)


def begin(
    session: Session,
    actor: Principal,
    agency: str,
    draft: Draft,
    *,
    file: tuple[str, str, str],
    now: datetime,
) -> SchemaDraft:
    """Enter a draft from a file (name, form, SHA-256). Raises NotPermitted."""
    actor.must_hold("steward", agency)
    actor.must("dataset:write")
    name, form, digest = file
    row = SchemaDraft(
        agency=agency,
        made_by=actor.id,
        plan=stored(draft.plan),
        said=stored(_first_wishes(draft)),
        evidence=stored(draft),
        outcome=stored(Outcome()),
        file_name=name[:200],
        file_form=form,
        file_sha256=digest,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()  # its id names the folder of the file
    return row


def listed(session: Session, actor: Principal) -> list[SchemaDraft]:
    """Newest first: a steward's of her agencies, and for the walidata those that were sent."""
    own = [post.agency for post in actor.posts if post.role == "steward"]
    mine = col(SchemaDraft.agency).in_(own)
    seen = or_(mine, col(SchemaDraft.sent_at).is_not(None)) if actor.has("walidata") else mine
    rows = select(SchemaDraft).where(seen).order_by(col(SchemaDraft.changed_at).desc())
    return list(session.exec(rows.limit(MOST)))


def find(session: Session, actor: Principal, draft: str) -> SchemaDraft:
    """A draft of one's agency, or for the walidata one that was sent; raises NotFound."""
    row = session.get(SchemaDraft, draft)
    if row is None or not (sees_cells(actor, row) or (actor.has("walidata") and row.sent_at)):
        raise NotFound("Tidak ada rancangan ini.", "There is no such draft.")
    return row


def sees_cells(actor: Principal, row: SchemaDraft) -> bool:
    """Only the agency's own stewards see what stands in the file."""
    return actor.holds("steward", row.agency)


def may_edit(actor: Principal, row: SchemaDraft) -> bool:
    """Whose turn it is: the steward's before it is sent and after it came back, else the walidata's."""
    if row.state in _STEWARDS:
        return actor.holds("steward", row.agency)
    return row.state is DraftState.SENT and actor.has("walidata")


def keep(
    session: Session,
    actor: Principal,
    draft: str,
    plan: Plan,
    wishes: Wishes,
    outcome: Outcome,
    *,
    now: datetime,
    evidence: Draft | None = None,
) -> SchemaDraft:
    """What was edited, and what the gate said of it. Raises NotFound, Conflict."""
    row = _taken(session, actor, draft)
    row.plan, row.said, row.outcome = stored(plan), stored(wishes), stored(outcome)
    if evidence is not None:
        row.evidence = stored(evidence)
    row.changed_at = now
    session.add(row)
    return row


def send(session: Session, actor: Principal, draft: str, *, now: datetime) -> SchemaDraft:
    """Hand it to the walidata. Raises NotFound, Conflict, InvalidInput for what is missing."""
    row = _taken(session, actor, draft)
    _check_ready(session, row)
    row.state, row.sent_at, row.changed_at, row.reason = DraftState.SENT, now, now, ""
    session.add(row)
    return row


def give_back(
    session: Session, actor: Principal, draft: str, reason: str, *, now: datetime
) -> SchemaDraft:
    """The walidata returns it with a reason. Raises NotFound, Conflict, InvalidInput."""
    row = _taken(session, actor, draft)
    if row.state is not DraftState.SENT:
        raise _not_now()
    if len(reason.strip()) < 10:
        raise InvalidInput(
            "Tulis alasannya, sedikitnya 10 huruf, supaya steward tahu apa yang diubah.",
            "Write why, at least 10 letters, so that the steward knows what to change.",
        )
    row.state, row.reason, row.changed_at = DraftState.RETURNED, reason.strip()[:2000], now
    session.add(row)
    return row


def publish(
    session: Session, office: Office, actor: Principal, draft: str, *, now: datetime
) -> SchemaDraft:
    """The schema under the agency's code and the dataset with its steps, or neither.

    What needs a review is sent to its reviewers, with the yes of the walidata who publishes.

    Raises NotFound, NotPermitted, Conflict, InvalidInput, InvalidSchema, SchemaExists,
    DatasetExists, DatasetInvalid.
    """
    row = _taken(session, actor, draft)
    if row.state is not DraftState.SENT:
        raise _not_now()
    _check_ready(session, row)
    plan, wishes = plan_of(row), wishes_of(row)
    name = f"{row.agency}/{wishes.record}"
    text = json.dumps(plan.document(name, VERSION), ensure_ascii=False, indent=2).encode()
    standards.publish(session, office.ledger, actor, text, name=name, now=now)
    session.flush()  # the dataset looks its schema up
    document = SchemaDocument.parse(json.loads(text))
    said = Description(
        title=wishes.title,
        summary=wishes.summary,
        schema_name=name,
        schema_version=VERSION,
        intake=plan.steps(),
        access_class=wishes.access_class,
        restriction_basis=wishes.restriction_basis,
        personal_data=level_of(plan),
        frequency=wishes.frequency,
        reference_codes=sorted(set(document.codes.values())),
    )
    registering.register(session, office.ledger, actor, row.agency, wishes.record, said, now=now)
    collecting.review(session, office, actor, row)
    row.state, row.published_at, row.changed_at = DraftState.PUBLISHED, now, now
    row.published_by = actor.id
    session.add(row)
    return row


def level_of(plan: Plan) -> str:
    """The strongest personal data of the columns: spesifik, umum or tidak."""
    kinds = {column.personal for column in plan.kept if column.personal}
    if any(kind.startswith("spesifik") for kind in kinds):
        return "spesifik"
    return "umum" if kinds else "tidak"


def fitting_class(plan: Plan) -> AccessClass:
    """The class that the columns suggest; the steward may choose another."""
    sure = {column.personal for column in plan.kept}
    if "spesifik" in sure:
        return AccessClass.PRIBADI_SPESIFIK
    return AccessClass.PRIBADI if "umum" in sure else AccessClass.BERBAGI


def lacking(session: Session, row: SchemaDraft) -> list[tuple[str, str, str]]:
    """What stands between the draft and the walidata: field, sentence in Indonesian and English."""
    plan, wishes, outcome = plan_of(row), wishes_of(row), outcome_of(row)
    found = [(m.field, m.message_id, m.message_en) for m in open_questions(plan)]
    if wishes.access_class not in OPEN_ENOUGH and not wishes.restriction_basis:
        found.append(
            (
                "restriction_basis",
                "Kelas akses ini memerlukan dasar pembatasan.",
                "This access class needs a legal ground.",
            )
        )
    if level_of(plan) != "tidak" and wishes.access_class is AccessClass.TERBUKA:
        found.append(
            (
                "access_class",
                "Ada kolom data pribadi: kelas Terbuka tidak dapat dipakai.",
                "There are columns with personal data: the class cannot be open.",
            )
        )
    found += collecting.lacking(session, row)
    found += [("", id_, en) for id_, en in outcome.faults]
    if not outcome.faults and outcome.accepted == 0:
        found.append(
            ("", "Belum ada baris yang lolos pemeriksaan.", "No row has passed the gate yet.")
        )
    name = f"{row.agency}/{wishes.record}"
    taken = name in standards.registry(session) or session.get(Dataset, name) is not None
    if taken and row.state is not DraftState.PUBLISHED:
        found.append(
            (
                "record",
                f"Nama {name} sudah dipakai; pilih nama pendek lain.",
                f"The name {name} is taken; choose another short name.",
            )
        )
    return found


def _check_ready(session: Session, row: SchemaDraft) -> None:
    missing = lacking(session, row)
    if missing:
        _, message_id, message_en = missing[0]
        raise InvalidInput(message_id, message_en)


def _taken(session: Session, actor: Principal, draft: str) -> SchemaDraft:
    take_turn(session, f"simpul draft {draft}")
    row = find(session, actor, draft)
    session.refresh(row)
    if row.state is DraftState.PUBLISHED:
        raise Conflict(
            "Rancangan ini sudah terbit dan tidak berubah lagi.",
            "This draft is published and does not change any more.",
        )
    if not may_edit(actor, row):
        raise NotPermitted(
            "Rancangan ini sedang di tangan walidata."
            if row.state is DraftState.SENT
            else "Rancangan ini sedang di tangan steward.",
            "The draft is with the walidata."
            if row.state is DraftState.SENT
            else "The draft is with the steward.",
        )
    return row


def _not_now() -> Conflict:
    return Conflict(
        "Rancangan ini belum dikirim ke walidata.", "This draft has not been sent to the walidata."
    )


def _first_wishes(draft: Draft) -> Wishes:
    title = draft.plan.title
    slug = slug_of(title)
    said = Wishes(record=slug if len(slug) > 1 else "", title=title)
    return replace(said, access_class=fitting_class(draft.plan))


def redrafted(row: SchemaDraft, draft: Draft) -> Wishes:
    """What is said of the dataset after another sheet was chosen: what was typed stays."""
    old = wishes_of(row)
    fresh = _first_wishes(draft)
    same = old.title == evidence_of(row).plan.title
    return fresh if same else replace(old, access_class=fresh.access_class)
