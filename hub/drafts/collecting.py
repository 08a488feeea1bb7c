"""Who holds already what a draft would collect, and the reasons that its steward gives."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement
from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.drafts.looking import VERSION
from hub.drafts.models import DraftState, SchemaDraft
from hub.drafts.shapes import Wishes, plan_of, wishes_of
from hub.errors import InvalidInput
from hub.proceedings.office import Office
from hub.reviews import collecting, holders
from hub.reviews import service as reviews
from hub.reviews.holders import Field
from hub.reviews.models import Review
from hub.reviews.service import Reason
from hub.reviews.subject import AGREES
from schemas.document import SchemaDocument
from schemas.drafting import Plan


def fields_of(session: Session, row: SchemaDraft, *, seen: ColumnElement[bool]) -> list[Field]:
    """The draft's columns that others hold or that are personal; none once it is published.

    `seen` are the datasets that whoever looks may know of.
    """
    document = SchemaDocument.known(plan_of(row).document(f"{row.agency}/rancangan", VERSION))
    rule = collecting.rule_in_force(session)
    if row.state is DraftState.PUBLISHED:
        return []
    return holders.fields_of(session, rule, document, agency=row.agency, seen=seen)


def lacking(session: Session, row: SchemaDraft) -> list[tuple[str, str, str]]:
    """Columns that need a reason and have none that will do: field, sentence id, sentence en."""
    given, rule = wishes_of(row).reasons, collecting.rule_in_force(session)
    places = {column.name: i for i, column in enumerate(plan_of(row).columns) if column.keep}
    found = []
    for field in fields_of(session, row, seen=holders.known_to_members()):
        if field.binding:
            said = {field.name: given.get(field.name, Reason("", ""))}
            try:
                reviews.check_reasons(said, {field.name: field}, least=rule.least_reason)
            except InvalidInput as error:
                who = ", ".join(sorted({holder.agency_name for holder in field.binding}))
                found.append(
                    (
                        f"k{places[field.name]}.why",
                        f"{field.title} sudah dipegang {who}. {error.message_id}",
                        f"{field.title_en}: {who} hold it already. {error.message_en}",
                    )
                )
    return found


def typed(wishes: Wishes, plan: Plan, fields: Mapping[str, str]) -> dict[str, Reason]:
    """The reasons as the form has them, by the name that each column has now."""
    found = dict(wishes.reasons)
    for index, column in enumerate(plan.columns):
        if f"k{index}.why" in fields:
            why, ground = fields[f"k{index}.why"], fields.get(f"k{index}.ground", "")
            found[column.name] = Reason(why.strip()[:4000], ground.strip()[:1000])
    return {name: reason for name, reason in found.items() if reason.reason or reason.ground}


def review_of(session: Session, row: SchemaDraft) -> Review | None:
    """The last review of the dataset that a published draft became."""
    if row.state is not DraftState.PUBLISHED:
        return None
    return reviews.last_of(session, f"{row.agency}/{wishes_of(row).record}")


def review(session: Session, office: Office, actor: Principal, row: SchemaDraft) -> str:
    """Send in what is new and agree to it for every duty of the walidata who publishes; the review's id.

    "" where nothing of the dataset needs a review.
    """
    dataset = f"{row.agency}/{wishes_of(row).record}"
    needed = {f.name for f in fields_of(session, row, seen=holders.known_to_members()) if f.binding}
    given = {name: why for name, why in wishes_of(row).reasons.items() if name in needed}
    if not reviews.asks_for_review(session, dataset):
        return ""
    sent = reviews.send_in(session, office, actor, dataset, given)
    if sent is None:
        return ""
    return reviews.move(session, office, actor, sent.id, AGREES).id
