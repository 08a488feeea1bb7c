"""Who carries a mandate by the rule book `mandat`: the posts named, or those who stand in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from hub.agencies import mandates
from hub.agencies.models import Post
from hub.agencies.principal import Principal, actor_of
from hub.auth import scopes
from hub.errors import NotFound
from hub.ledger.service import Ledger
from hub.rules import service as rules


@dataclass(frozen=True)
class Carried:
    """A mandate with its entry in the book, the posts named, and who stands in while there is none."""

    name: str
    entry: dict[str, Any]
    named: list[Post]
    standing_in: list[Post]

    @property
    def by_nobody(self) -> bool:
        """What waits for it then waits until its clock moves it on."""
        return not self.named and not self.standing_in


def all_carried(session: Session) -> list[Carried]:
    """In the order of the book."""
    return [_carried(session, name, entry) for name, entry in _entries(session).items()]


def carried(session: Session, name: str) -> Carried:
    """Raises NotFound."""
    return _carried(session, name, _known(session, name))


def name_post(
    session: Session,
    ledger: Ledger,
    principal: Principal,
    name: str,
    post_id: str,
    *,
    now: datetime,
) -> Carried:
    """Let a post carry a mandate; by the walidata. Raises NotFound, NotPermitted."""
    _must_administer(principal)
    entry = _known(session, name)
    mandates.name_post(session, ledger, actor_of(principal), name, post_id, now=now)
    session.flush()  # it is asked for who carries it now
    return _carried(session, name, entry)


def take_from(
    session: Session, ledger: Ledger, principal: Principal, name: str, post_id: str
) -> Carried:
    """Take a mandate from a post; by the walidata. Raises NotFound, NotPermitted."""
    _must_administer(principal)
    entry = _known(session, name)
    mandates.take_from(session, ledger, actor_of(principal), name, post_id)
    session.flush()  # as above
    return _carried(session, name, entry)


def posts_of(session: Session, name: str) -> list[Post]:
    """Raises KeyError for a mandate that the book does not know."""
    return mandates.posts_of(session, name, _fallback(session, name))


def carries(session: Session, principal: Principal, name: str) -> bool:
    """Raises KeyError as above."""
    return mandates.carries(session, principal, name, _fallback(session, name))


def _fallback(session: Session, name: str) -> dict[str, str] | None:
    fallback: dict[str, str] | None = _entries(session)[name].get("fallback")
    return fallback


def _entries(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = rules.current(session, rules.MANDATES).body["mandates"]
    return found


def _known(session: Session, name: str) -> dict[str, Any]:
    entry: dict[str, Any] | None = _entries(session).get(name)
    if entry is None:
        raise NotFound(f"Tidak ada mandat {name}.", f"There is no mandate {name}.")
    return entry


def _carried(session: Session, name: str, entry: dict[str, Any]) -> Carried:
    named = mandates.named(session, name)
    others = [] if named else mandates.posts_of(session, name, entry.get("fallback"))
    return Carried(name, entry, named, others)


def _must_administer(principal: Principal) -> None:
    principal.must(scopes.AGENCY_ADMIN)
    principal.must_have("walidata")
