"""Certificates of disposal as those see them who must."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.errors import NotFound, NotPermitted
from hub.privacy.desk import looks
from hub.privacy.models import Disposal


def listed(
    session: Session, actor: Principal, *, limit: int, before: str | None = None
) -> list[Disposal]:
    """Newest first; raises NotPermitted."""
    wanted = select(Disposal).where(*_seen_by(session, actor)).limit(limit)
    if before is not None:
        wanted = wanted.where(col(Disposal.id) < before)
    return list(session.exec(wanted.order_by(col(Disposal.id).desc())))


def one(session: Session, actor: Principal, disposal_id: str) -> Disposal:
    """Raises NotPermitted, and NotFound also for what is not the actor's business."""
    wanted = select(Disposal).where(Disposal.id == disposal_id, *_seen_by(session, actor))
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound(
            f"Tidak ada berita acara {disposal_id}.", f"There is no certificate {disposal_id}."
        )
    return row


def _seen_by(session: Session, actor: Principal) -> list[ColumnElement[bool]]:
    if looks(session, actor):
        return []
    owners = {post.agency for post in actor.posts if post.role in (Role.HEAD, Role.STEWARD)}
    if not owners or actor.identity.dataset is not None:
        raise NotPermitted(
            "Berita acara pemusnahan terlihat bagi instansi pemilik, walidata, PPDP, dan pemeriksa.",
            "Certificates of disposal are seen by the owning agency, the walidata, the PPDP and auditors.",
        )
    return [or_(*(col(Disposal.dataset).startswith(f"{code}/") for code in sorted(owners)))]
