"""Processing records as those see them who must: the parties' stewards and heads, the desk, auditors."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.errors import InvalidInput, NotFound, NotPermitted
from hub.grants.models import Grant
from hub.grants.personal_models import ProcessingRecord
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.privacy.desk import looks, must_act
from hub.rules import service as rules

BOOK = "pelindungan-data-pribadi"
OF_AN_AGENCY = (Role.HEAD, Role.STEWARD)

Recorded = tuple[ProcessingRecord, Grant]


def listed(
    session: Session,
    actor: Principal,
    *,
    limit: int,
    before: str | None = None,
    dataset: str | None = None,
) -> list[Recorded]:
    """With their grants, newest first; raises NotPermitted."""
    wanted = (
        select(ProcessingRecord, Grant)
        .join(Grant, col(Grant.id) == col(ProcessingRecord.grant))
        .where(*_seen_by(session, actor))
        .order_by(col(ProcessingRecord.id).desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(col(ProcessingRecord.id) < before)
    if dataset is not None:
        wanted = wanted.where(ProcessingRecord.dataset == dataset)
    return [(row, grant) for row, grant in session.exec(wanted)]


def one(session: Session, actor: Principal, record_id: str) -> Recorded:
    """Raises NotPermitted, and NotFound also for what is not the actor's business."""
    wanted = (
        select(ProcessingRecord, Grant)
        .join(Grant, col(Grant.id) == col(ProcessingRecord.grant))
        .where(ProcessingRecord.id == record_id, *_seen_by(session, actor))
    )
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound(
            f"Tidak ada catatan pemrosesan {record_id}.",
            f"There is no processing record {record_id}.",
        )
    return found[0], found[1]


def state_basis(
    session: Session, ledger: Ledger, actor: Principal, record_id: str, *, basis: str, article: str
) -> Recorded:
    """Put the basis right that was assumed; raises NotPermitted, NotFound, InvalidInput."""
    must_act(session, actor)
    row, grant = one(session, actor, record_id)
    codes = [known["code"] for known in rules.current(session, BOOK).body["bases"]]
    if basis not in codes:
        raise InvalidInput(
            f"Dasar pemrosesan salah satu dari: {', '.join(codes)}.",
            f"The basis is one of: {', '.join(codes)}.",
            member="basis",
        )
    row.basis, row.basis_stated, row.article = basis, True, article
    session.add(row)
    ledger.record(
        session,
        kind="processing.stated",
        actor=actor_of(actor),
        target=Target("processing_record", row.id, owner=row.controller),
        grant=grant.digest,
    )
    return row, grant


def ended_at(grant: Grant, now: datetime) -> datetime | None:
    """When the processing ended with its grant; None while it may go on."""
    if grant.revoked_at is not None:
        return grant.revoked_at
    if grant.waits_until is not None and grant.waits_until <= now:
        return grant.waits_until
    return grant.expires_at if grant.expires_at <= now else None


def _seen_by(session: Session, actor: Principal) -> list[ColumnElement[bool]]:
    if looks(session, actor):
        return []
    agencies = {post.agency for post in actor.posts if post.role in OF_AN_AGENCY}
    if not agencies or actor.identity.dataset is not None:
        raise NotPermitted(
            "Catatan pemrosesan terlihat bagi kepala dan steward kedua pihak, walidata, PPDP, dan pemeriksa.",
            "Processing records are seen by heads and stewards of both sides, the walidata, the PPDP and auditors.",
        )
    return [
        or_(
            col(ProcessingRecord.controller).in_(agencies),
            col(ProcessingRecord.recipient).in_(agencies),
        )
    ]
