"""Mandates: duties of the regency that posts carry (Sekda, Forum, PPDP, …), so that they survive rotation.

Which there are, their source and who stands in while nobody is named is in the rule book `mandat`,
which lies above; so whoever asks hands its entry in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from catalog.moments import UtcDateTime
from hub.agencies.models import Agency, Post
from hub.agencies.principal import Principal
from hub.errors import NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


class Mandate(SQLModel, table=True):
    """A post that carries a mandate; several may, and then each of them can act."""

    __tablename__ = "hub_mandate"

    name: str = Field(primary_key=True)
    post: str = Field(foreign_key="hub_agency_post.id", primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    named_by: str


def named(session: Session, name: str) -> list[Post]:
    """The posts that were named, without those who only stand in."""
    wanted = select(Post).join(Mandate, col(Mandate.post) == col(Post.id))
    return list(session.exec(wanted.where(Mandate.name == name).order_by(col(Post.id))))


def posts_of(session: Session, name: str, fallback: Mapping[str, Any] | None) -> list[Post]:
    """Who carries it: the posts named, else by `fallback` ({"role", "kind"?} of post and agency)."""
    posts = named(session, name)
    if posts or fallback is None:
        return posts
    wanted = select(Post).join(Agency, col(Agency.code) == col(Post.agency))
    wanted = wanted.where(Post.role == fallback["role"], col(Agency.active))
    if "kind" in fallback:
        wanted = wanted.where(Agency.kind == fallback["kind"])
    return list(session.exec(wanted.order_by(col(Post.id))))


def carries(
    session: Session, principal: Principal, name: str, fallback: Mapping[str, Any] | None
) -> bool:
    held = {post.id for post in principal.posts}
    return any(post.id in held for post in posts_of(session, name, fallback))


def name_post(
    session: Session, ledger: Ledger, by: Actor, name: str, post_id: str, *, now: datetime
) -> Mandate:
    """Let a post carry a mandate; naming it twice changes nothing. Raises NotFound."""
    post = _post(session, post_id)
    found = session.get(Mandate, (name, post_id))
    if found is not None:
        return found
    row = Mandate(name=name, post=post_id, since=now, named_by=by.id)
    session.add(row)
    _record(session, ledger, by, "mandate.named", name, post)
    return row


def take_from(session: Session, ledger: Ledger, by: Actor, name: str, post_id: str) -> None:
    """Raises NotFound when the post does not carry it."""
    row = session.get(Mandate, (name, post_id))
    if row is None:
        raise NotFound(
            f"Jabatan itu tidak memegang mandat {name}.",
            f"That post does not carry the mandate {name}.",
        )
    session.delete(row)
    _record(session, ledger, by, "mandate.taken", name, _post(session, post_id))


def _post(session: Session, post_id: str) -> Post:
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound("Tidak ada jabatan itu.", "There is no such post.")
    return post


def _record(session: Session, ledger: Ledger, by: Actor, kind: str, name: str, post: Post) -> None:
    target = Target("mandate", f"{name}:{post.id}", owner=post.agency)
    ledger.record(session, kind=kind, actor=by, target=target)
