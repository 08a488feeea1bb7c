"""The answer to "what are you in the regency?": an identity with the posts it holds now."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from hub.agencies.models import Agency, HolderKind, Holding, Post
from hub.agencies.roles import Role, scopes_of
from hub.auth.identity import Identity
from hub.auth.scopes import OF_THE_HUB
from hub.errors import NotPermitted
from hub.ledger.entry import Actor


@dataclass(frozen=True)
class HeldPost:
    id: str
    title: str
    role: Role
    agency: str


@dataclass(frozen=True)
class Principal:
    """Who acts, for whom. `agency` is that of the post held longest; None is an outsider."""

    identity: Identity
    agency: str | None
    posts: tuple[HeldPost, ...]

    @property
    def id(self) -> str:
        return self.identity.id

    @property
    def name(self) -> str:
        return self.identity.name

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(post.role for post in self.posts)

    @property
    def agencies(self) -> frozenset[str]:
        return frozenset(post.agency for post in self.posts)

    @property
    def scopes(self) -> frozenset[str]:
        """A person's roles bound what her proof allows; a client has the scopes it was given."""
        if self.identity.kind == "client":
            return self.identity.scopes
        allowed = self.identity.scopes & scopes_of(self.roles)
        return allowed if self.identity.dataset is None else allowed - OF_THE_HUB

    def has(self, role: str) -> bool:
        return role in self.roles

    def reaches(self, dataset: str) -> bool:
        """False for every other dataset when a personal token was narrowed to one."""
        return self.identity.dataset in (None, dataset)

    def holds(self, role: str, agency: str) -> bool:
        return any(post.role == role and post.agency == agency for post in self.posts)

    def is_member_of(self, agency: str) -> bool:
        return agency in self.agencies

    def can(self, scope: str) -> bool:
        return scope in self.scopes

    def must(self, scope: str) -> None:
        """Raise NotPermitted unless the scope is there."""
        if not self.can(scope):
            raise NotPermitted(
                f"Tindakan ini memerlukan cakupan {scope}.",
                f"This needs the scope {scope}.",
                scope=scope,
            )

    def must_have(self, role: str) -> None:
        """Raise NotPermitted unless some post carries the role."""
        if not self.has(role):
            raise NotPermitted(
                f"Tindakan ini hanya untuk peran {role}.",
                f"Only the role {role} may do this.",
                role=role,
            )

    def must_hold(self, role: str, agency: str) -> None:
        """Raise NotPermitted unless a post in this agency carries the role."""
        if not self.holds(role, agency):
            raise NotPermitted(
                f"Tindakan ini hanya untuk peran {role} di instansi {agency}.",
                f"Only the role {role} in the agency {agency} may do this.",
                role=role,
                agency=agency,
            )

    def actor(self, agency: str | None = None) -> dict[str, str]:
        """Who acts, as the ledger writes it; `agency` picks the post when several are held."""
        wanted = agency or self.agency
        entry: dict[str, str] = {self.identity.kind: self.identity.id}
        post = next((post for post in self.posts if post.agency == wanted), None)
        if post is not None:
            entry |= {"post": post.id, "agency": post.agency}
        return entry


def actor_of(principal: Principal, agency: str | None = None) -> Actor:
    """The same as the ledger's own shape."""
    return Actor(**principal.actor(agency))


def principal_of(session: Session, identity: Identity, *, now: datetime) -> Principal:
    """The identity with its posts of this moment in agencies that are active, oldest first."""
    held = session.exec(
        select(Post)
        .join(Holding, col(Holding.post) == col(Post.id))
        .join(Agency, col(Agency.code) == col(Post.agency))
        .where(
            Holding.holder_kind == HolderKind(identity.kind),
            Holding.holder == identity.id,
            Holding.since <= now,
            or_(col(Holding.until).is_(None), col(Holding.until) > now),
            col(Agency.active),
        )
        .order_by(col(Holding.since), col(Post.id))
    ).all()
    posts = tuple(HeldPost(post.id, post.title, post.role, post.agency) for post in held)
    return Principal(identity, posts[0].agency if posts else None, posts)
