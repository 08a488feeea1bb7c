"""Saved queries: a text that its owner keeps or shares with an agency. No data is shared with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select, update

from hub.agencies.handover import Passing
from hub.agencies.principal import Principal
from hub.auth.sealing import seal, unseal
from hub.deps import PageQuery
from hub.errors import (
    ChangedMeanwhile,
    ConditionMissing,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from hub.identifiers import new_id
from hub.queries.history import must_be_whole
from hub.queries.models import SavedQuery, Sharing


def save(
    session: Session,
    secret: bytes,
    actor: Principal,
    *,
    title: str,
    description: str,
    sql: str,
    chart: dict[str, Any] | None,
    shared: Sharing,
    now: datetime,
) -> SavedQuery:
    """Keep a text; raises InvalidInput when it is shared by somebody without an agency."""
    must_be_whole(actor)
    name = new_id()
    kept = SavedQuery(
        id=name,
        owner=actor.id,
        agency=_agency(actor, shared),
        title=title,
        description=description,
        sealed=_sealed(secret, name, sql),
        chart=chart,
        created_at=now,
        updated_at=now,
    )
    session.add(kept)
    session.flush()  # its agency is checked before it is told that it is saved
    return kept


def listed(session: Session, actor: Principal, page: PageQuery) -> list[SavedQuery]:
    """What the actor may open, by title, one more than the page shows."""
    must_be_whole(actor)
    wanted = select(SavedQuery).where(_open_to(actor))
    if page.pair is not None:
        title, last = page.pair
        wanted = wanted.where(
            or_(
                col(SavedQuery.title) > title,
                and_(col(SavedQuery.title) == title, col(SavedQuery.id) > last),
            )
        )
    by_title = wanted.order_by(col(SavedQuery.title), col(SavedQuery.id))
    return list(session.exec(by_title.limit(page.fetch)).all())


def find(session: Session, actor: Principal, saved: str) -> SavedQuery:
    """For its owner and the members of the agency it is shared with; to others there is none."""
    must_be_whole(actor)
    wanted = select(SavedQuery).where(col(SavedQuery.id) == saved, _open_to(actor))
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound(
            f"Tidak ada kueri tersimpan {saved:.64}.", f"There is no saved query {saved:.64}."
        )
    return found


def change(
    session: Session,
    secret: bytes,
    actor: Principal,
    saved: str,
    said: dict[str, Any],
    *,
    if_match: str | None,
    now: datetime,
) -> SavedQuery:
    """Change what is named in `said`; by its owner, who says which version she has seen.

    Raises NotFound, NotPermitted, ConditionMissing, ChangedMeanwhile, InvalidInput.
    """
    found = _own(session, actor, saved)
    if if_match is None:
        raise ConditionMissing()
    if etag(found) not in {tag.strip() for tag in if_match.split(",")}:
        raise ChangedMeanwhile(found.version)
    for name in ("title", "description", "chart"):
        if name in said:
            setattr(found, name, said[name])
    if "sql" in said:
        found.sealed = _sealed(secret, found.id, said["sql"])
    if "shared" in said:
        found.agency = _agency(actor, said["shared"])
    found.version, found.updated_at = found.version + 1, now
    session.flush()  # as in `save`
    return found


def remove(session: Session, actor: Principal, saved: str) -> None:
    """Throw it away; by its owner. Raises NotFound, NotPermitted."""
    session.delete(_own(session, actor, saved))


def pass_on(session: Session, passing: Passing) -> int:
    """What the giver of a post shares with its agency is the taker's to change from now on."""
    moved = session.exec(
        update(SavedQuery)
        .where(
            col(SavedQuery.owner) == passing.giver,
            col(SavedQuery.agency) == passing.post.agency,
        )
        .values(owner=passing.taker)
    )
    return moved.rowcount


def sql_of(secret: bytes, saved: SavedQuery) -> str:
    return unseal(secret, f"saved-query:{saved.id}", saved.sealed)["sql"]


def etag(saved: SavedQuery) -> str:
    return f'"{saved.version}"'


def _own(session: Session, actor: Principal, saved: str) -> SavedQuery:
    """Locked, so that of two changes at once the second sees the first."""
    found = find(session, actor, saved)
    if found.owner != actor.id:
        raise NotPermitted(
            "Hanya pemiliknya yang boleh mengubah kueri tersimpan ini; simpan salinan Anda sendiri.",
            "Only its owner may change this saved query; save a copy of your own.",
        )
    session.refresh(found, with_for_update=True)
    return found


def _open_to(actor: Principal) -> ColumnElement[bool]:
    return or_(
        col(SavedQuery.owner) == actor.id,
        col(SavedQuery.agency).in_(sorted(actor.agencies)),
    )


def _agency(actor: Principal, shared: Sharing) -> str | None:
    if shared is Sharing.PRIVATE:
        return None
    if actor.agency is None:
        raise InvalidInput(
            "Kueri hanya dapat dibagikan kepada instansi sendiri, dan Anda tidak memegang jabatan.",
            "A query can be shared with one's own agency only, and you hold no post.",
        )
    return actor.agency


def _sealed(secret: bytes, saved: str, sql: str) -> bytes:
    return seal(secret, f"saved-query:{saved}", {"sql": sql})
