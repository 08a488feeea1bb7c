"""Who may ask, see, decide and take back: the separation of duties around a grant."""

from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.errors import NotPermitted
from hub.grants.models import AccessRequest, Grant
from hub.proceedings.parties import ASKING_ROLES
from hub.rules import mandates

ASKING = frozenset({"perbaiki", "lampirkan_dpia", "tarik", "keberatan", "selesai"})
"""Moves of the side that asks; all others are decisions."""
DECIDING_MANDATES = ("sekda", "bupati", "forum", "ppdp", "keamanan", "bpbd")
"""Mandates whose holders see every request of agencies, for one may come to them."""


def asking_agency(principal: Principal) -> str | None:
    """The agency for which the caller asks; None for a party outside the regency.

    Raises NotPermitted for members whose role reads no rows (rw, executive, auditor).
    """
    if not principal.posts:
        return None
    asking = (post.agency for post in principal.posts if post.role in ASKING_ROLES)
    agency = next(asking, None)
    if agency is None:
        raise NotPermitted(
            "Peran Anda tidak membaca data, jadi tidak mengajukan permintaan data.",
            "Your role reads no data, so it cannot ask for any.",
        )
    return agency


def may_see_request(session: Session, principal: Principal, request: AccessRequest) -> bool:
    """The requester, his agency, those who answer for the producer, the walidata, the higher steps."""
    return principal.reaches(request.target) and (
        (request.requester_kind, request.requester) == _self(principal)
        or (request.agency is not None and principal.is_member_of(request.agency))
        or answers_for(principal, request.producer)
        or decides_above(session, principal)
    )


def decides_above(session: Session, principal: Principal) -> bool:
    """Whether the caller carries a mandate of the ladder's higher steps."""
    return bool(principal.posts) and any(
        mandates.carries(session, principal, name) for name in DECIDING_MANDATES
    )


def may_see_grant(principal: Principal, grant: Grant) -> bool:
    """Those who received it, those who answer for the producer, the walidata."""
    return principal.reaches(grant.target) and (
        grant.grantee == principal.id
        or (grant.grantee_agency is not None and principal.is_member_of(grant.grantee_agency))
        or answers_for(principal, grant.producer)
    )


def answers_for(principal: Principal, producer: str) -> bool:
    return principal.has("walidata") or any(
        principal.holds(role, producer) for role in ("head", "steward")
    )


def check_revoker(principal: Principal, grant: Grant) -> None:
    """Head or steward of the producer, or the walidata."""
    principal.must("request:decide")
    if not answers_for(principal, grant.producer):
        raise NotPermitted(
            "Hanya kepala atau steward instansi produsen, atau walidata, yang mencabut hak akses.",
            "Only the head or steward of the producer, or the walidata, revokes a grant.",
        )


def _self(principal: Principal) -> tuple[str, str]:
    return principal.identity.kind, principal.id
