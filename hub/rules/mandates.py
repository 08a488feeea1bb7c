"""Who carries a mandate by the rule book `mandat`: the posts named, or those who stand in."""

from sqlmodel import Session

from hub.agencies import mandates
from hub.agencies.models import Post
from hub.agencies.principal import Principal
from hub.rules import service as rules


def posts_of(session: Session, name: str) -> list[Post]:
    """Raises KeyError for a mandate that the book does not know."""
    return mandates.posts_of(session, name, _fallback(session, name))


def carries(session: Session, principal: Principal, name: str) -> bool:
    """Raises KeyError as above."""
    return mandates.carries(session, principal, name, _fallback(session, name))


def _fallback(session: Session, name: str) -> dict[str, str] | None:
    entry = rules.current(session, rules.MANDATES).body["mandates"][name]
    fallback: dict[str, str] | None = entry.get("fallback")
    return fallback
