"""Who is who in a proceeding: whether somebody speaks for a party, and who is told for one.

A party is named as the books name it: `pemohon` (who asked, and who reads for the asking agency),
`pemohon.head`, `produsen.head`, `produsen.steward`, `walidata`, `mandat.sekda` and its like.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from hub.agencies.models import Agency, Post
from hub.agencies.principal import Principal
from hub.notices.telling import AgencyRecipient, PersonRecipient, PostRecipient, Recipient
from hub.proceedings.models import Proceeding
from hub.rules import mandates

ASKER, OWNER, WALIDATA, MANDATE = "pemohon", "produsen", "walidata", "mandat"
ASKING_ROLES = ("analyst", "steward", "head", "walidata")
"""Roles that read data for their agency, and so may ask for it."""


def speaks(session: Session, principal: Principal, proceeding: Proceeding, party: str) -> bool:
    """Whether the caller may act as this party."""
    side, _, role = party.partition(".")
    match side:
        case "pemohon" if role == "":
            return _asks(principal, proceeding)
        case "pemohon":
            return proceeding.requester is not None and principal.holds(role, proceeding.requester)
        case "produsen":
            return proceeding.producer is not None and principal.holds(role, proceeding.producer)
        case "walidata":
            return principal.has(WALIDATA)
        case "mandat":
            return mandates.carries(session, principal, role)
    return False


def side_of(
    session: Session, principal: Principal, proceeding: Proceeding, parties: Iterable[str]
) -> str | None:
    """The agency for which the caller acts when he moves it as the first of these that he is."""
    for party in parties:
        if speaks(session, principal, proceeding, party):
            side = party.partition(".")[0]
            return {ASKER: proceeding.requester, OWNER: proceeding.producer}.get(side)
    return None


def recipients(session: Session, proceeding: Proceeding, party: str) -> list[Recipient]:
    """Whom a notice to this party reaches: posts, the person who asked, the agency's own system."""
    side, _, role = party.partition(".")
    match side:
        case "pemohon":
            return _askers(session, proceeding, role)
        case "produsen" if proceeding.producer is not None:
            return [
                *_posts(session, role, proceeding.producer),
                *_system(session, proceeding.producer),
            ]
        case "walidata":
            return list(_posts(session, WALIDATA, None))
        case "mandat":
            return [PostRecipient(post.id) for post in mandates.posts_of(session, role)]
    return []


def _asks(principal: Principal, proceeding: Proceeding) -> bool:
    himself = principal.id in (proceeding.person, proceeding.client)
    return himself or any(
        post.agency == proceeding.requester and post.role in ASKING_ROLES
        for post in principal.posts
    )


def _askers(session: Session, proceeding: Proceeding, role: str) -> list[Recipient]:
    if role and proceeding.requester is not None:
        return list(_posts(session, role, proceeding.requester))
    found: list[Recipient] = []
    if proceeding.person is not None:
        found.append(PersonRecipient(proceeding.person))
    if proceeding.requester is not None:
        found += _system(session, proceeding.requester)
    return found


def _system(session: Session, agency: str) -> list[AgencyRecipient]:
    """The agency's own system; none of an agency that is not there any more."""
    return [AgencyRecipient(agency)] if session.get(Agency, agency) is not None else []


def _posts(session: Session, role: str, agency: str | None) -> list[PostRecipient]:
    wanted = select(Post).join(Agency, col(Agency.code) == col(Post.agency))
    wanted = wanted.where(Post.role == role, col(Agency.active)).order_by(col(Post.id))
    if agency is not None:
        wanted = wanted.where(Post.agency == agency)
    return [PostRecipient(post.id) for post in session.exec(wanted)]
